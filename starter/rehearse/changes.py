"""What another configuration would change: per complaint and in total.

`before` or `after` is None where one side has no such thing.
"""

from datetime import date

from pydantic import computed_field

from starter.rehearse.lived import Charge, LivedClock, LivedLetter, LivedMessage, Part
from workflows.procedure.vocabulary import ClockName, Language, LetterKind


class Count(Part):
    """A number under each configuration."""

    before: int
    after: int

    @property
    def more(self) -> int:
        """How many more there are after; less than nothing when there are fewer."""
        return self.after - self.before


class ClockChange(Part):
    """A clock that falls due on another day, acts at another instant, ends otherwise, or is there on one side only."""

    key: str
    clock: ClockName
    before: LivedClock | None
    after: LivedClock | None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def days(self) -> int:
        """By how many civil days the last day moves; 0 where there is no such clock on one side."""
        return (self.after.due_on - self.before.due_on).days if self.before and self.after else 0


class LetterChange(Part):
    """A letter that leaves on another day, another way, in other words, or on one side only.

    `diff`: the lines of its text that differ (unified diff), where it is there on both sides. `in_other_words`: not
    only its dates and the person in charge are others.
    """

    id: str
    kind: LetterKind
    before: LivedLetter | None
    after: LivedLetter | None
    diff: tuple[str, ...]
    in_other_words: bool

    @computed_field  # type: ignore[prop-decorator]
    @property
    def days(self) -> int:
        """By how many civil days it moves; 0 where there is none on one side."""
        return (self.after.on - self.before.on).days if self.before and self.after else 0


class MessageChange(Part):
    """A notice to staff, or a call on the other Party, that comes on another day, to others, says something else."""

    key: str
    to_partner: bool
    before: LivedMessage | None
    after: LivedMessage | None
    diff: tuple[str, ...]


class AttributeChange(Part):
    """A search attribute with another value: once the complaint was open (`at_opening`), or at the last."""

    name: str
    at_opening: bool
    before: str | None
    after: str | None


class UnheardChange(Part):
    """An event that one side accepts and the other does not; the text says why not ("": it came after the end)."""

    event_id: str
    before: str | None
    after: str | None


class ComplaintChanges(Part):
    """All that changes for one complaint. `charges`: who is in charge from when, on both sides, when that changes."""

    reference: str
    clocks: tuple[ClockChange, ...] = ()
    letters: tuple[LetterChange, ...] = ()
    messages: tuple[MessageChange, ...] = ()
    charges_before: tuple[Charge, ...] = ()
    charges_after: tuple[Charge, ...] = ()
    attributes: tuple[AttributeChange, ...] = ()
    unheard: tuple[UnheardChange, ...] = ()


class ClockTotal(Part):
    """What changes of one clock over all complaints. `earliest`, `latest`: by how many days its last day moves.

    `complaints`: in how many it changes at all; `moved`: in how many its last day does; `dates`: how many last days do.
    """

    clock: ClockName
    complaints: int
    moved: int
    dates: int
    earliest: int
    latest: int
    breaches: Count


class LetterTotal(Part):
    """The letters of one kind that leave. `moved`: on another day; `earliest`, `latest`: by how many days."""

    kind: LetterKind
    letters: Count
    moved: int
    earliest: int
    latest: int
    in_other_words: int
    another_way: int


class WordsChange(Part):
    """One change of words: how many letters it touches, and what it is, by the letter `example`."""

    kind: LetterKind
    language: Language
    template_before: str
    template_after: str
    letters: int
    example: str
    diff: tuple[str, ...]


class DayTotal(Part):
    """The letters that leave on one day."""

    on: date
    letters: Count


class PersonTotal(Part):
    """The load of one person: complaints ever in charge of, most at once, letters in their name, most in one day."""

    contact: str
    name: str
    complaints: Count
    at_once: Count
    letters: Count
    busiest_day: Count


class Changes(Part):
    """What would change. `rehearsed`: the complaints that were lived under both configurations."""

    rehearsed: int
    details: tuple[ComplaintChanges, ...]
    clocks: tuple[ClockTotal, ...]
    letters: tuple[LetterTotal, ...]
    words: tuple[WordsChange, ...]
    notices: Count
    calls: Count
    days: tuple[DayTotal, ...]
    people: tuple[PersonTotal, ...]
    followed: int
    """How many had no end in sight, and were followed for a time only."""
    unposted: int
    """How many letters lay ready for the post after, and nobody said that they were posted."""
    why_not: dict[str, str]
    """Why a complaint could not be lived on one side or the other, by its reference."""

    @property
    def any(self) -> bool:
        """Whether anything would change."""
        return bool(self.details)

    def busiest_day(self, *, after: bool) -> DayTotal | None:
        """Give the day on which most letters leave on that side, the first of several; None when none leaves."""
        busy = [day for day in self.days if (day.letters.after if after else day.letters.before)]
        return max(busy, key=lambda day: day.letters.after if after else day.letters.before, default=None)
