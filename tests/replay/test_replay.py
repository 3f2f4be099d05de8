"""Every stored history replays on the workflow as it is now, and comes to the same due dates.

Replay alone finds a changed order of steps, never a changed deadline: what the replayed workflow returns is compared
with `golden.json`, and so is the dossier worked out from the journal by the rules alone.
"""

import asyncio
import json
from collections.abc import Iterator
from typing import Any, NoReturn

import pytest
from temporalio.worker import (
    ContinueAsNewInput,
    ExecuteWorkflowInput,
    Interceptor,
    Replayer,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)

from tests.replay.lives import LIVES
from tests.replay.stored import GOLDEN, HISTORIES, Stored, clocks_of, names, read, view_of, worked_out
from worker.conversion import data_converter
from workflows.complaint import Complaint
from workflows.procedure.events import EVENTS
from workflows.procedure.vocabulary import Channel, ClockState, EntryStatus, Language, LetterKind, Level

_PATIENCE = 600.0
_WITHOUT_END = {"refused-at-the-door", "still-running"}
_GOLDEN: dict[str, Any] = json.loads(GOLDEN.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", names())
async def test_the_history_replays_to_the_same_due_dates(name: str) -> None:
    stored, overheard = read(name), _Overheard()
    replayer = Replayer(workflows=[Complaint], data_converter=data_converter, interceptors=[overheard])
    replayed = await asyncio.wait_for(
        replayer.replay_workflow(stored.history, raise_on_replay_failure=False), _PATIENCE
    )
    assert replayed.replay_failure is None, f"histories/{name}.json.gz does not replay: {replayed.replay_failure}"
    if name in _WITHOUT_END:
        assert overheard.ends == []
        return
    (end,) = overheard.ends
    view = view_of(end, stored.history.workflow_id)
    assert clocks_of(view) == _GOLDEN[name], f"histories/{name}.json.gz: replayed, it comes to other dates"


@pytest.mark.parametrize("name", sorted(set(names()) - _WITHOUT_END))
def test_the_rules_alone_come_to_the_same_dossier(name: str) -> None:
    stored = read(name)
    assert stored.end is not None, f"histories/{name}.json.gz has no end"
    view = worked_out(stored.end, stored.history.workflow_id)
    assert clocks_of(view) == _GOLDEN[name], f"histories/{name}.json.gz: the rules come to other dates"
    said = view_of(stored.end, stored.history.workflow_id)
    assert _gist(view) == _gist(said), f"histories/{name}.json.gz: its journal gives another dossier"


def test_each_history_has_its_golden_dates_and_each_life_its_history() -> None:
    assert set(_GOLDEN) == set(names()) - _WITHOUT_END
    assert {name.removesuffix("-1").removesuffix("-2") for name in names()} >= {*LIVES, "continued"}
    assert sum(path.stat().st_size for path in HISTORIES.iterdir()) < 2_000_000


def test_the_histories_hold_all_there_is() -> None:
    ends = list(_ends())
    entries = [entry for end in ends for entry in end["journal"]]
    assert {entry["type"] for entry in entries if entry["status"] == "accepted"} >= set(EVENTS)
    assert {entry["status"] for entry in entries} == {status.value for status in EntryStatus}
    assert {end["level"] for end in ends} == {level.value for level in Level}
    assert {clock["state"] for end in ends for clock in end["clocks"]} >= {state.value for state in ClockState} - {
        ClockState.RUNNING.value  # nothing runs at an end
    }
    letters = [letter for end in ends for letter in end["letters"]]
    assert {section for letter in letters for section in letter["sections"]} == {kind.value for kind in LetterKind}
    assert {letter["channel"] for letter in letters} == {Channel.EMAIL.value, Channel.POST.value}
    assert {letter["language"] for letter in letters} == {language.value for language in Language}
    openings = [entry["data"]["complaint"] for entry in entries if entry["type"] == "opened"]
    assert {opening["channel"] for opening in openings} == {channel.value for channel in Channel}
    assert {opening["received_by"] for opening in openings} == {"broker", "insurer"}


def _gist(view: dict[str, Any]) -> dict[str, Any]:
    """What must stay true of a dossier for ever; how else it is shown may change."""
    parts = ("reference", "level", "stage", "round", "handling_party", "insurer", "received_at", "sent_on")
    return {
        **{part: view[part] for part in parts},
        "letters": [[letter[part] for part in ("id", "kind", "status", "sent_at")] for letter in view["letters"]],
        "journal": [[entry[part] for part in ("id", "type", "at", "status")] for entry in view["journal"]],
    }


def _ends() -> Iterator[dict[str, Any]]:
    for name in sorted(set(names()) - _WITHOUT_END):
        stored: Stored = read(name)
        if stored.end and "clocks" in stored.end:
            yield stored.end


class _Overheard(Interceptor):
    """Hears what replayed workflows return or carry over to a new run."""

    def __init__(self) -> None:
        self.ends: list[dict[str, Any]] = []

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:
        ends = self.ends

        class Outbound(WorkflowOutboundInterceptor):
            def continue_as_new(self, input: ContinueAsNewInput) -> NoReturn:
                ends.append(input.args[0].model_dump(mode="json"))
                super().continue_as_new(input)

        class Inbound(WorkflowInboundInterceptor):
            def init(self, outbound: WorkflowOutboundInterceptor) -> None:
                super().init(Outbound(outbound))

            async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:
                result = await super().execute_workflow(input)
                ends.append(result)
                return result

        return Inbound
