"""One ordinary complaint on the real server, from its receipt to the end of the mediator's window."""

from tests.stage import Stage

ANSWER = {"decision": "rejected", "reasons": "Le vol n'a pas été déclaré dans les délais."}


async def test_an_ordinary_life(stage: Stage) -> None:
    told = await stage.opens()
    assert await told.kinds() == ["acknowledgement"]
    await told.until_day(22)
    assert await told.kinds() == ["acknowledgement", "holding"]
    await told.until_day(59)
    print(await told.kinds())
    r = await told.submit("response_given", **ANSWER)
    print(r)
    await told.until_day(367)
    result = await told.result()
    assert result["stage"] == "closed"
    print([(x["kind"], x["serves"], x["sent_at"]) for x in result["letters"]])
    h = await told.handle.fetch_history()
    from temporalio.api.enums.v1 import EventType

    for e in h.events:
        print(
            e.event_id,
            EventType.Name(e.event_type).replace("EVENT_TYPE_", ""),
            e.user_metadata.summary.data.decode()[:80],
        )
