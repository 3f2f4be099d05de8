"""The clocks: when each starts, when it is due, when the firm acts, and what became of it."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from workflows.procedure.calendar import Deadline, Due, SkippedDay, Unit, due, end_of_day
from workflows.procedure.pinned import Procedure
from workflows.procedure.vocabulary import ClockKind, ClockName, ClockState


class Clock(BaseModel):
    """One clock of one round. Dates are civil dates in Paris, instants are aware.

    A clock that was not kept by the end of `due_on` is breached for ever; `settled_at` says when its act was done
    all the same. `acted`: the automatic letter or reminder it calls for was made, so only the end of `due_on` is left
    to wait for. `blocked`: that act failed for good, and waits for a person. `again_at`: no carrier could
    take its letter, which is tried again then.
    """

    model_config = ConfigDict(extra="forbid")

    clock: ClockName
    round: int
    number: int = 1
    starts_on: date
    due_on: date
    act_on: date
    act_at: datetime
    opens_on: date | None = None
    skipped: list[SkippedDay] = []
    moved: list[SkippedDay] = []
    state: ClockState = ClockState.RUNNING
    reason: str | None = None
    recorded_late: bool = False
    acted: bool = False
    blocked: bool = False
    again_at: datetime | None = None
    settled_at: datetime | None = None
    moot: bool = False
    """Breached, and nothing is owed for it any more: what dropped the running clocks came later."""
    dropped_for: str | None = None

    @property
    def kind(self) -> ClockKind:
        """Commitment, regulatory or procedural."""
        return self.clock.kind

    @property
    def key(self) -> str:
        """The clock's identity within its complaint."""
        return f"{self.clock}/{self.round}/{self.number}"

    @property
    def ends_at(self) -> datetime:
        """24:00 in Paris on `due_on`: the first instant at which it is too late."""
        return end_of_day(self.due_on)

    @property
    def running(self) -> bool:
        """Whether it still can be kept."""
        return self.state is ClockState.RUNNING

    @property
    def owes(self) -> bool:
        """Whether its act is still to be done, in time or late."""
        return self.state in (ClockState.RUNNING, ClockState.BREACHED) and self.settled_at is None and not self.moot

    @property
    def overdue(self) -> bool:
        """Whether its time has passed and its act was not done."""
        return self.state is ClockState.BREACHED and self.owes

    def settle(self, at: datetime, recorded_at: datetime) -> bool:
        """Record that the act that keeps the clock was done at `at`; what counts is `at`, not when it was recorded.

        One that was done in time keeps the clock even if another, done too late, became known before it.

        Returns whether the clock counts as kept by it.
        """
        done_too_late = self.state is ClockState.BREACHED and self.settled_at is not None
        if not (self.owes or (done_too_late and at < self.ends_at)):
            return False
        if at >= self.ends_at:
            self.settled_at = at
            return False
        self.recorded_late = recorded_at >= self.ends_at
        self.state, self.settled_at = ClockState.KEPT, at
        return True

    def run_again(self) -> None:
        """Take back what kept it: a letter that bounced reached nobody."""
        self.state, self.settled_at = ClockState.RUNNING, None
        self.recorded_late = self.acted = self.blocked = False
        self.reason = self.again_at = None

    def drop(self, why: str, dropped_for: str) -> None:
        """Stop a clock that nothing can keep any more; `dropped_for` names what may bring it back.

        One that is breached stays so, for ever; only its act is no longer owed.
        """
        if self.running:
            self.state, self.reason, self.dropped_for = ClockState.DROPPED, why, dropped_for
        elif self.overdue:
            self.moot, self.reason, self.dropped_for = True, why, dropped_for

    def restore(self) -> None:
        """Bring a dropped clock back, with its first due date."""
        if self.state is ClockState.DROPPED:
            self.state = ClockState.RUNNING
        self.moot, self.reason, self.dropped_for = False, None, None


class Timing(BaseModel):
    """What the dates of a clock depend on besides its start."""

    model_config = ConfigDict(frozen=True)

    procedure: Procedure
    reference: str | None = None
    """None: without the spread, as the simulator shows it."""
    by_post: bool = False


def schedule(clock: ClockName, starts_on: date, timing: Timing, *, round_number: int = 1, number: int = 1) -> Clock:
    """Work out the dates of a clock that starts on `starts_on`.

    Raises:
        CalendarExhausted: a date lies past the enumerated days of the pinned calendar.

    """
    procedure = timing.procedure
    counted = due(procedure.deadlines[clock], starts_on, procedure.calendar)
    made = _clock(clock, counted, timing, round_number, number)
    if clock is ClockName.MEDIATION_WINDOW:
        made.opens_on = due(procedure.mediation_opens, starts_on, procedure.calendar).due_on
    return made


def schedule_promise(promised: date, announced_on: date, timing: Timing, *, round_number: int, number: int) -> Clock:
    """Make the clock of a date that a letter announced: due on that very date."""
    calendar = timing.procedure.calendar
    act_on = calendar.last_open_day(promised)
    counted = Due(starts_on=announced_on, due_on=promised, act_on=act_on, skipped=[], moved=[])
    return _clock(ClockName.PROMISED_DATE, counted, timing, round_number, number)


def reschedule(clock: Clock, timing: Timing) -> None:
    """Work the dates of a clock out again, in place, under another calendar or deadline."""
    if clock.clock is ClockName.PROMISED_DATE:
        again = schedule_promise(clock.due_on, clock.starts_on, timing, round_number=clock.round, number=clock.number)
    else:
        again = schedule(clock.clock, clock.starts_on, timing, round_number=clock.round, number=clock.number)
    for field in ("due_on", "act_on", "act_at", "opens_on", "skipped", "moved"):
        setattr(clock, field, getattr(again, field))


def _clock(name: ClockName, counted: Due, timing: Timing, round_number: int, number: int) -> Clock:
    procedure = timing.procedure
    act_at = procedure.leaves_at(counted.act_on, timing.reference, by_post=timing.by_post)
    return Clock(
        clock=name,
        round=round_number,
        number=number,
        starts_on=counted.starts_on,
        due_on=counted.due_on,
        act_on=counted.act_on,
        act_at=act_at,
        skipped=counted.skipped,
        moved=counted.moved,
    )


_UNITS = {
    Unit.JOURS_OUVRES: "J+{}",
    Unit.JOURS_OUVRABLES: "J+{} ouvrables",
    Unit.DAYS: "{} days",
    Unit.WEEKS: "{} weeks",
    Unit.MONTHS: "{} months",
    Unit.YEARS: "{} year",
}


def label(clock: Clock, deadline: Deadline | None) -> str:
    """Name a clock for the Temporal UI: `J+10: holding letter`, `2 months: final answer`. Never personal data."""
    name = clock.clock.replace("_", " ")
    span = _UNITS[deadline.unit].format(deadline.amount) if deadline else clock.due_on.isoformat()
    act = "" if clock.acted or clock.clock not in _LETTERS else ", the letter leaves"
    return f"{span}: {name}, due {clock.due_on.isoformat()}{act}"


_LETTERS = frozenset(
    {ClockName.HOLDING_LETTER, ClockName.STATUS_LETTER, ClockName.PROMISED_DATE, ClockName.FINAL_ANSWER}
)

COMMITMENTS_OF_A_ROUND = (ClockName.HOLDING_LETTER, ClockName.STATUS_LETTER)
"""The clocks that start again with each round, on receipt (§ 2 and § 4)."""

REGULATORY = (ClockName.ACKNOWLEDGEMENT, ClockName.FINAL_ANSWER, ClockName.MEDIATION_WINDOW)
"""The clocks of the first written complaint: they start once (ACPR 2024-R-02; Code de la consommation L. 612-2)."""

KEPT_BY_AN_ANSWER = frozenset({ClockName.HOLDING_LETTER, ClockName.STATUS_LETTER, ClockName.PROMISED_DATE})
"""Informing about a delay is pointless once the answer is given."""

KEPT_BY_RESULTS = frozenset({ClockName.STATUS_LETTER, ClockName.PROMISED_DATE})
"""§ 4: "aucune solution n'a été trouvée"; results alone do not keep the ten days."""

KEPT_BY_A_WRITTEN_ANSWER = frozenset({ClockName.ACKNOWLEDGEMENT, ClockName.RESOLUTION_LETTER, ClockName.FINAL_ANSWER})
"""Only a writing that was sent keeps these."""
