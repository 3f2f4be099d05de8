"""How long a history an ordinary life writes: it is paid for in storage, and read by people on the timeline."""

import asyncio
from datetime import timedelta

from temporalio.api.enums.v1 import EventType

from tests.stage import Stage

AT_MOST = 70
ANSWER = {"decision": "rejected", "reasons": "Le vol n'a pas été déclaré dans les délais."}
_OF_THE_SKIPPING = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_OPTIONS_UPDATED,
}


async def test_an_ordinary_life_has_at_most_seventy_events(stage: Stage) -> None:
    """Told event by event in docs/history-of-an-ordinary-life.md."""
    async with asyncio.timeout(180):
        told = await stage.opens()
        await told.until_clock("status_letter", timedelta(hours=20))
        await told.signal("response_given", ANSWER)
        await told.until_day(370)
        result = await told.result()
        history = await told.handle.fetch_history()

    assert result["stage"] == "closed"
    assert {letter["kind"] for letter in result["letters"]} >= {"acknowledgement", "holding", "status", "resolution"}
    kinds = [EventType.Name(e.event_type) for e in history.events if e.event_type not in _OF_THE_SKIPPING]
    assert len(kinds) <= AT_MOST, "\n".join(kinds)
