"""Lives by the hundred on the real server: whatever comes in whatever order, it agrees with the second opinion.

The same lives as on the pure rules (`tests/unit/rules/test_random_lives.py`), with timers, letters and messages as
they are. A life that fails names its seed: `LIFE_SEED=<seed> pytest tests/stories/test_random_lives.py` plays it again.
"""

import asyncio
import os
import uuid
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowUpdateFailedError
from temporalio.service import RPCError

from tests.reference import Reference
from tests.stage import Stage, Told

LIVES, AT_ONCE, MOST_STEPS = 100, 20, 8
SOURCES = ["customer", "customer", "lawyer", "acpr", "mediator", "court"]
PARTIES = ["broker", "insurer"]
DECISIONS = ["upheld", "partly_upheld", "rejected"]


def an_event(random: Random) -> dict[str, Any]:
    """Make one event; answers and rejections come more often, since everything else hangs on them."""
    party, decision = random.choice(PARTIES), random.choice(DECISIONS)
    answer = {"type": "response_given", "decision": decision, "reasons": random.choice("AB")}
    outcome = random.choice(["inadmissible", "premature", "withdrawn", "settled", "opinion"])
    joining = random.choice(["lawyer", "journalist", "acpr", "customer", "mediator"])
    return random.choice(
        [
            answer,
            answer,
            {**answer, "sent_by": "staff"},
            {"type": "customer_rejects"},
            {"type": "customer_rejects"},
            {"type": "customer_accepts"},
            {"type": "results_known", "decision": decision, "reasons": "R"},
            {"type": "mediator_seized", "addressed_to": party},
            {"type": "mediation_ended", "outcome": outcome},
            {"type": "summons_served", "addressed_to": party},
            {"type": "litigation_ended", "outcome": "Jugement"},
            {"type": "withdrawn"},
            {"type": "source_joined", "source": joining, "received_by": party},
            {"type": "note_added", "text": "n"},
            {"type": "partner_answered", "party": party, "answer": "a"},
        ]
    )


async def live(stage: Stage, seed: int) -> None:
    """Play the life of one seed on the server and on the second opinion, comparing at every step."""
    random, lived = Random(seed), []  # noqa: S311
    source, received_by = random.choice(SOURCES), random.choice(PARTIES)
    try:
        told = await stage.opens(source=source, received_by=received_by)
        opinion = Reference(
            datetime.fromisoformat((await told.dossier())["received_at"]), source=source, received_by=received_by
        )
        for _ in range(random.randint(1, MOST_STEPS)):
            days = random.choice([random.randint(0, 30), random.randint(0, 30), random.randint(0, 400)])
            event, happened = an_event(random), random.choice([0, 0, 0, random.randint(-12, 1)])
            event_id, by_update = random.choice([None, None, None, "id-1", "id-2"]), random.random() < 0.5
            lived.append((days, event, happened, event_id, "submit" if by_update else "signal"))
            moment = await told.now() + timedelta(days=days)
            await told.until(moment)
            opinion.pass_time(moment)
            if await agrees(told, opinion):
                break
            now = await told.now()
            said = {**event, "at": (now + timedelta(days=happened)).isoformat()}
            said |= {"id": event_id} if event_id else {}
            fate = opinion.hear(dict(said), now)
            assert await sent(told, said, by_update) == fate
            if await agrees(told, opinion):
                break
    except Exception as error:
        story = "\n".join(map(str, lived))
        raise AssertionError(
            f"LIFE_SEED={seed} ({source}, received by the {received_by})\n{story}\n{error!r}"
        ) from error


async def sent(told: Told, said: dict[str, Any], by_update: bool) -> str:
    """Send an event by the update or as a signal, and say what became of it."""
    if by_update:
        before = (await told.dossier())["journal"]
        try:
            receipt = await told.handle.execute_update("submit", said)
        except WorkflowUpdateFailedError:
            assert (await told.dossier())["journal"] == before, "a refused update leaves no trace"
            return "refused"
        result = (await told.entries(said["type"]))[-1]
        assert result["id"] == receipt["event_id"]
    else:
        await told.signal(said["type"], {name: value for name, value in said.items() if name != "type"})
        result = (await told.entries(said["type"]))[-1]
    return str(result["status"])


async def agrees(told: Told, opinion: Reference) -> bool:
    """Compare where the complaint stands; return whether its life is over."""
    dossier = await told.settled()
    over = opinion.closed is not None
    if over:
        dossier = await told.result()
        assert (await told.handle.describe()).status is WorkflowExecutionStatus.COMPLETED
        with pytest.raises(RPCError):  # a bare signal to a closed complaint is refused by the server
            await told.handle.signal("note_added", {"text": "n"})
    stands = tuple(dossier[name] for name in ("level", "stage", "round", "handling_party"))
    assert stands == (opinion.level, opinion.stage, opinion.round, opinion.party)
    [holding] = [c for c in dossier["clocks"] if c["clock"] == "holding_letter" and c["round"] == opinion.round]
    assert holding["due_on"] == opinion.holding_due.isoformat()
    waiting = [entry["type"] for entry in dossier["journal"] if entry["status"] == "waiting"]
    assert waiting == [event["type"] for event in opinion.waiting]
    running = {clock["clock"] for clock in dossier["clocks"] if clock["state"] == "running"}
    assert not (over and running), "a closed complaint waits for nothing"
    assert all(letter["status"] == "sent" for letter in dossier["letters"])
    assert len({letter["id"] for letter in dossier["letters"]}) == len(dossier["letters"])
    return over


@pytest.mark.slow
async def test_random_lives_on_the_server_agree_with_a_second_opinion(stage: Stage) -> None:
    chosen = os.environ.get("LIFE_SEED")
    first = int(chosen) if chosen else uuid.uuid4().int % 1_000_000_000
    seeds = range(first, first + (1 if chosen else LIVES))
    failed: list[BaseException] = []
    for start in range(0, len(seeds), AT_ONCE):
        played = await asyncio.gather(
            *(live(stage, seed) for seed in seeds[start : start + AT_ONCE]), return_exceptions=True
        )
        failed += [outcome for outcome in played if isinstance(outcome, BaseException)]
    assert not failed, f"{len(failed)} of the lives from seed {first} on:\n\n" + "\n\n".join(map(str, failed))
