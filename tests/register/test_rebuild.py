"""The register and the workflows on the real server: rebuilt from them, and compared with them."""

import asyncio
import hashlib
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from activities.firm.load import FirmFile
from activities.notify.outbox import Outbox
from activities.register.database import Register
from activities.register.dossiers import Dossiers
from starter.register.check import MISSING, Lag, check
from starter.register.rebuild import Rebuilt, rebuild
from starter.register.recompose import by_the_present_words
from starter.register.temporal import Runs, last_state, orders_of
from tests.register import lives
from tests.stage import Stage, Told
from workflows.procedure.dossier import Dossier

_PATIENCE = 200


async def answered(stage: Stage) -> Told:
    """Play a complaint that is answered and waits for its mediation window."""
    told = await stage.opens()
    await told.until_day(20)
    await told.submit("response_given", decision="rejected", reasons="Déclaré hors délai")
    await told.settled()
    return told


async def by_post(stage: Stage) -> Told:
    """Play a complaint of somebody without e-mail, whose first letter staff have posted."""
    told = await stage.opens(complainant=lives.POSTAL)
    await told.until_day(1)
    letter = (await told.settled())["letters"][0]["id"]
    await told.submit("delivery_reported", letter_id=letter, status="posted", by="c-101")
    await told.until_day(20)
    await told.settled()
    return told


async def withdrawn(stage: Stage) -> Told:
    """Play a complaint to its end."""
    told = await stage.opens()
    await told.until_day(3)
    await told.submit("withdrawn")
    await told.result()
    return told


async def ended_by_an_operator(stage: Stage) -> Told:
    """Play a complaint whose workflow somebody terminated."""
    told = await stage.opens()
    await told.handle.terminate("by mistake")
    return told


async def never_opened(stage: Stage) -> Told:
    """Start a complaint that is none."""
    told = await stage.starts({"summary": "neither date nor channel"})
    with pytest.raises(Exception, match="Workflow execution failed"):
        await told.handle.result()
    return told


async def shown(stage: Stage, *stories: Told) -> list[str]:
    """Wait until Temporal's lists show these complaints as they stand; give their references."""
    client = stage.environment.client
    for told in stories:
        for _ in range(_PATIENCE):
            now, wanted = await told.handle.describe(), f"WorkflowId='{told.reference}'"
            listed = [each async for each in client.list_workflows(wanted)]
            if [(each.status, each.search_attributes) for each in listed] == [(now.status, now.search_attributes)]:
                break
            await asyncio.sleep(0.05)
        else:
            raise AssertionError("visibility does not show it")
    return [told.reference for told in stories]


async def rebuilt(stage: Stage, register: Register, references: list[str]) -> Rebuilt:
    recompose = by_the_present_words(FirmFile(stage.settings.firm_file)())
    return await rebuild(stage.environment.client, register, recompose, references, patience=timedelta(seconds=5))


@pytest.fixture
def other(make_url: Callable[[], str]) -> Iterator[Register]:
    register = Register(make_url(), durable=False)
    yield register
    register.close()


# Rebuilt ---------------------------------------------------------------------------------------------------------


async def test_rebuilt_from_the_workflows_it_equals_what_the_worker_had_written(stage: Stage, other: Register) -> None:
    stories = [await answered(stage), await by_post(stage), await withdrawn(stage), await ended_by_an_operator(stage)]
    references = await shown(stage, *stories, await never_opened(stage))
    written = Register(stage.settings.register_address, durable=False)
    held = lives.everything(written)
    written.close()

    done = await rebuilt(stage, other, references)

    assert (done.complaints, done.read, done.written, done.never_opened, done.unread) == (5, 5, 4, 1, {})
    assert (done.attempts, done.gaps) == (len(held["attempts"]), {})
    assert {row["content_type"] for row in held["attempts"]} >= {"message/rfc822"}
    assert all(row["content"] for row in held["attempts"])
    assert lives.everything(other) == held
    again = await rebuilt(stage, other, references)
    assert (again.written, again.attempts) == (4, 0)
    assert lives.everything(other) == held


async def test_a_register_that_is_ahead_is_not_set_back(stage: Stage, register: Register) -> None:
    told = await withdrawn(stage)
    references = await shown(stage, told)
    await rebuilt(stage, register, references)
    carried = Dossiers(register).carried(told.reference)
    assert carried is not None
    ahead = Dossier.resume(carried)
    ahead.hear("note_added", {"text": "later"}, await told.now())
    Dossiers(register).record(ahead.carried())
    held = lives.everything(register)
    done = await rebuilt(stage, register, references)
    assert (done.read, done.written, done.unread) == (1, 0, {})
    assert lives.everything(register) == held


async def test_letters_are_written_again_from_their_orders_to_the_byte(stage: Stage) -> None:
    told = await answered(stage)
    client = stage.environment.client
    described = await told.handle.describe()
    orders = await orders_of(client, Runs(told.reference, {described.run_id}))
    recompose = by_the_present_words(FirmFile(stage.settings.firm_file)())
    letters = (await told.dossier())["letters"]
    assert sorted(orders) == sorted(letter["id"] for letter in letters)
    sent = {proof.key: proof for proof in Outbox(stage.settings.outbox).proofs(told.reference)}
    for letter_id, (order,) in orders.items():
        content, content_type = recompose(order, sent[letter_id].at)
        assert content_type == "message/rfc822"
        assert hashlib.sha256(content).hexdigest() == sent[letter_id].sha256


async def test_a_complaint_that_no_worker_answers_for_is_named_and_the_others_are_restored(
    stage: Stage, register: Register
) -> None:
    told = await withdrawn(stage)
    orphan = await stage.environment.client.start_workflow(
        "Complaint", stage.complaint(), id=f"{told.reference}-ORPHAN", task_queue="nobody-works-here"
    )
    await shown(stage, told, Told(stage, orphan))
    done = await rebuilt(stage, register, [told.reference, orphan.id])
    assert (done.written, list(done.unread)) == (1, [orphan.id])
    assert Dossiers(register).references() == [told.reference]
    await orphan.terminate()


# Compared --------------------------------------------------------------------------------------------------------


async def test_the_check_names_what_the_register_lacks_and_what_it_has_otherwise(
    stage: Stage, register: Register
) -> None:
    client = stage.environment.client
    told, unknown, closed = await stage.opens(), await stage.opens(), await withdrawn(stage)
    references = await shown(stage, told, unknown, closed)
    dossiers = Dossiers(register)
    for each in (told, closed):
        carried = await last_state(client, each.reference)
        assert carried is not None
        dossiers.record(carried)
    assert await check(client, register, references) == [Lag(unknown.reference, (MISSING,))]
    await told.until_day(5)
    await told.submit("source_joined", source="lawyer", received_by="broker")
    await told.submit("response_given", decision="rejected", reasons="Non")
    await told.settled()
    await shown(stage, told)
    lags = {lag.reference: lag.differs for lag in await check(client, register, references)}
    assert lags == {unknown.reference: (MISSING,), told.reference: ("stage", "level", "next_deadline")}
    await rebuilt(stage, register, references)
    assert await check(client, register, references) == []
