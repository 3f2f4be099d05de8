"""The one table of what can happen when: stage x event -> accepted, waiting or refused, and the next stage."""

from dataclasses import dataclass
from enum import StrEnum

from workflows.procedure.vocabulary import Stage


class Fate(StrEnum):
    """What the table makes of an event before its particulars are looked at."""

    ACCEPTED = "accepted"
    WAITING = "waiting"
    REFUSED = "refused"
    REOPENS = "reopens"  # a closed complaint returns to the stage it was closed at, and judges the event there


@dataclass(frozen=True)
class Cell:
    """One cell: the fate, the stages that may follow, and for a refusal the code of its reason (`wording`)."""

    fate: Fate
    next_stages: tuple[Stage, ...] = ()
    why: str = ""


def _to(*stages: Stage) -> Cell:
    return Cell(Fate.ACCEPTED, stages)


def _no(why: str) -> Cell:
    return Cell(Fate.REFUSED, (), why)


_WAITS = Cell(Fate.WAITING)
_REOPENS = Cell(Fate.REOPENS)

_I, _R, _A, _M, _L, _C = Stage
_EVERY = (_I, _R, _A, _M, _L, _C)


def _row(i: Cell, r: Cell, a: Cell, m: Cell, lit: Cell, c: Cell) -> dict[Stage, Cell]:
    return dict(zip(Stage, (i, r, a, m, lit, c), strict=True))


def _stays(*refused: tuple[Stage, str]) -> dict[Stage, Cell]:
    """Accept everywhere without a change of stage, but where it is refused."""
    codes = dict(refused)
    return {stage: _no(codes[stage]) if stage in codes else _to(stage) for stage in Stage}


TABLE: dict[str, dict[Stage, Cell]] = {
    "response_given": _row(_to(_A, _C), _to(_A, _C), _to(_A, _C), _to(_M), _to(_L), _REOPENS),
    "customer_rejects": _row(_WAITS, _WAITS, _to(_I, _A), _WAITS, _no("in_court"), _REOPENS),
    "mediator_seized": _row(_to(_M), _to(_M), _to(_M), _no("already_seized"), _no("in_court"), _REOPENS),
    "summons_served": _row(_to(_L), _to(_L), _to(_L), _to(_L), _to(_L), _REOPENS),
    "results_known": _row(_to(_R), _to(_R), _no("already_answered"), _to(_M), _no("in_court"), _REOPENS),
    "estimate_given": _stays((_A, "nothing_awaited"), (_L, "in_court"), (_C, "closed")),
    "source_joined": _row(_to(_I), _to(_R), _to(_A, _C), _to(_M), _to(_L), _REOPENS),
    "written_complaint_received": _row(_to(_I), _to(_R), _to(_A), _to(_M), _to(_L), _REOPENS),
    "details_given": _stays(),
    "partner_answered": _stays(),
    "help_wanted": _stays((_C, "closed")),
    "contact_reassigned": _stays((_C, "closed")),
    "customer_accepts": _row(_WAITS, _WAITS, _to(_C), _to(_C), _no("in_court"), _no("closed")),
    "withdrawn": _row(_to(_C), _to(_C), _to(_C), _to(_C), _no("in_court"), _no("closed")),
    "mediation_ended": _row(
        _no("no_mediation"), _no("no_mediation"), _no("no_mediation"), _to(*_EVERY[:3], _C), _no("in_court"),
        _no("no_mediation"),
    ),
    "litigation_ended": _row(
        _no("no_litigation"), _no("no_litigation"), _no("no_litigation"), _no("no_litigation"), _to(_C),
        _no("no_litigation"),
    ),
    "reply_filed": _stays((_I, "no_reply_due"), (_R, "no_reply_due"), (_A, "no_reply_due"), (_C, "closed")),
    "delivery_reported": _stays(),
    "recorded_in_error": {stage: _to(*_EVERY) for stage in Stage},
    "calendar_changed": _stays((_C, "closed")),
    "note_added": _stays(),
    "complaint_classified": _stays(),
}  # fmt: skip
"""Every event of the contract against every stage. `guards` looks at the particulars of what is accepted here."""
