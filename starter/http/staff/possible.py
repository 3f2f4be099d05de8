"""Which events a person may send to a complaint now, and why not the others: asked of the rules' own table."""

from dataclasses import dataclass

from starter.http.staff.visitors import Visitor
from workflows.procedure.case import Case
from workflows.procedure.events import EVENTS
from workflows.procedure.table import TABLE, Fate
from workflows.procedure.wording import say

_ELSEWHERE = ("response_given", "delivery_reported")
"""The answer has a page of its own; what became of a letter is said beside the letter."""


@dataclass(frozen=True)
class Act:
    """An event a person could send. `why_not`: the reason it is not possible at this stage, None when it is."""

    kind: str
    why_not: str | None


def possible(case: Case, visitor: Visitor) -> list[Act]:
    """List what the visitor may send, what is possible now first; its particulars are judged when it is sent."""
    acts = [Act(kind, why_not(case, kind, visitor)) for kind in EVENTS if visitor.caller.may_send(kind)]
    return sorted((act for act in acts if act.kind not in _ELSEWHERE), key=lambda act: act.why_not is not None)


def why_not(case: Case, kind: str, visitor: Visitor) -> str | None:
    """Say why the table refuses an event at the complaint's stage, in the visitor's language; None when it does not."""
    cell = TABLE[kind][case.stage]
    return say(visitor.language, cell.why) if cell.fate is Fate.REFUSED else None
