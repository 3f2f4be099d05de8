"""What became of complaints under one configuration: what is compared with what becomes of them under another."""

from collections.abc import Mapping
from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field

from workflows.procedure.vocabulary import Channel, ClockName, ClockState, Language, LetterKind, LetterStatus


class Part(BaseModel):
    """A part of it; never changed once it is made. Dates are civil dates in Paris, instants are aware."""

    model_config = ConfigDict(frozen=True)


class LivedClock(Part):
    """One clock. `key` is its identity within the complaint, `breached` whether it was ever missed."""

    key: str
    clock: ClockName
    starts_on: date
    due_on: date
    act_at: datetime
    state: ClockState
    breached: bool


class LivedLetter(Part):
    """One letter to the customer; `key` is its id.

    `text`: its subject and its words, or why it did not leave; never printed whole.
    """

    key: str
    kind: LetterKind
    sections: tuple[LetterKind, ...]
    language: Language
    on: date
    channel: Channel
    status: LetterStatus
    template: str
    contact: str | None
    text: str = Field(exclude=True)

    @property
    def left(self) -> bool:
        """Whether it reached a carrier, or the table of whoever posts it."""
        return not self.status.never_left


class LivedMessage(Part):
    """A message between professionals: a notice to staff, or (`to_partner`) a call on the other Party."""

    key: str
    to_partner: bool
    on: date
    to: tuple[str, ...]
    text: str


class Charge(Part):
    """A person put in charge, from a day on."""

    on: date
    contact: str
    name: str


class LivedComplaint(Part):
    """One complaint from its receipt to its end, or up to `followed_to` where no end was in sight."""

    reference: str
    followed_to: date | None
    closed_on: date | None
    clocks: tuple[LivedClock, ...]
    letters: tuple[LivedLetter, ...]
    messages: tuple[LivedMessage, ...]
    charges: tuple[Charge, ...]
    opening_attributes: Mapping[str, str]
    """Its search attributes once it was open, by their names."""
    last_attributes: Mapping[str, str]
    unheard: Mapping[str, str]
    """Why an event was not accepted, by the event's id."""


class Lived(Part):
    """What became of every complaint of a rehearsal. `why_not`: why one could not be lived, by its reference."""

    complaints: tuple[LivedComplaint, ...]
    why_not: Mapping[str, str]
