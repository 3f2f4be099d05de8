"""The stored histories: how they are written, and what is read from them."""

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory

from worker.conversion import data_converter
from workflows.procedure.dossier import Carried, Dossier
from workflows.procedure.view import dossier_view

HISTORIES = Path(__file__).parent / "histories"
GOLDEN = Path(__file__).parent / "golden.json"
_SUFFIX = ".json.gz"


@dataclass(frozen=True)
class Stored:
    """One history: the run of a complaint, or its part until it was fetched."""

    name: str
    history: WorkflowHistory

    @property
    def end(self) -> dict[str, Any] | None:
        """What the run left behind: its result, or what it carried over to the next; None while it runs or failed."""
        last = self.history.events[-1]
        if last.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED:
            payloads = last.workflow_execution_completed_event_attributes.result.payloads
        elif last.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW:
            payloads = last.workflow_execution_continued_as_new_event_attributes.input.payloads
        else:
            return None
        (end,) = data_converter.payload_converter.from_payloads(payloads)
        return dict(end)


def names() -> list[str]:
    """Name the stored histories."""
    return sorted(path.name.removesuffix(_SUFFIX) for path in HISTORIES.glob(f"*{_SUFFIX}"))


def read(name: str) -> Stored:
    """Read one stored history."""
    text = gzip.decompress((HISTORIES / f"{name}{_SUFFIX}").read_bytes()).decode()
    events = json.loads(text)["events"]
    reference = events[0]["workflowExecutionStartedEventAttributes"]["workflowId"]
    return Stored(name, WorkflowHistory.from_json(reference, text))


def write(stored: Stored) -> None:
    """Write one history, the same bytes for the same history, and nothing of the machine that recorded it."""
    plain = _of_no_machine(stored.history.to_json_dict())
    text = json.dumps(plain, separators=(",", ":"), ensure_ascii=False)
    HISTORIES.mkdir(exist_ok=True)
    (HISTORIES / f"{stored.name}{_SUFFIX}").write_bytes(gzip.compress(text.encode(), mtime=0))


def _of_no_machine(value: Any) -> Any:
    if isinstance(value, dict):
        said = {"identity": "recorder", "stackTrace": ""}
        return {k: said[k] if k in said else _of_no_machine(v) for k, v in value.items()}
    return [_of_no_machine(item) for item in value] if isinstance(value, list) else value


def worked_out(end: dict[str, Any], reference: str) -> dict[str, Any]:
    """Work a dossier out from its journal alone, by the rules as they are now."""
    carried = {"reference": reference, "journal": end["journal"], "procedures": end["procedures"]}
    return dossier_view(Dossier.resume(Carried.model_validate(carried)))


def view_of(end: dict[str, Any], reference: str) -> dict[str, Any]:
    """Give the dossier a run left behind, as it said itself; what is only carried over is worked out."""
    return end if "clocks" in end else worked_out(end, reference)


def clocks_of(view: dict[str, Any]) -> list[list[Any]]:
    """Give what golden.json keeps of a dossier: each clock, its round, its dates, and what became of it."""
    parts = ("clock", "round", "starts_on", "due_on", "act_on", "state")
    return [[clock[part] for part in parts] for clock in view["clocks"]]
