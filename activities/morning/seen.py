"""What the morning and the agenda see of a complaint: the parts they need of its last state in the register."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

from pydantic import AwareDatetime, BaseModel, ConfigDict

from workflows.procedure.vocabulary import ClockName, ClockState, LetterStatus, Level


class Seen(BaseModel):
    """A part of the last state of a complaint as the register keeps it; what is not read here is left out."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class SeenClock(Seen):
    """One clock (Paris civil dates)."""

    clock: ClockName
    round: int
    due_on: date
    state: ClockState
    settled_at: AwareDatetime | None = None
    next_at: AwareDatetime | None = None
    """The instant a running one is waited for."""
    moot: bool = False

    @property
    def overdue(self) -> bool:
        """Whether it was missed and its act is still owed."""
        return self.state is ClockState.BREACHED and self.settled_at is None and not self.moot


class SeenLetter(Seen):
    """One letter."""

    id: str
    kind: str
    status: LetterStatus


class SeenContact(Seen):
    """The person in charge."""

    id: str


class Complaint(Seen):
    """One complaint as it last stood."""

    reference: str
    level: Level
    contact: SeenContact | None = None
    complained_about: str | None = None
    """The id of the person it is about."""
    insurer: str | None = None
    clocks: list[SeenClock] = []
    letters: list[SeenLetter] = []
    attention: list[str] = []
    next_steps: list[str] = []


def keyed(clocks: list[SeenClock]) -> Iterator[tuple[SeenClock, str]]:
    """Give each clock with its key within the complaint: those of one name and round are numbered in their order."""
    numbers: Counter[tuple[ClockName, int]] = Counter()
    for clock in clocks:
        numbers[clock.clock, clock.round] += 1
        yield clock, f"{clock.clock}/{clock.round}/{numbers[clock.clock, clock.round]}"
