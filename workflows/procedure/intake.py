"""A complaint as it comes in: the JSON that starts the workflow, checked field by field."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    ValidationError,
    model_validator,
)

from workflows.procedure.calendar import paris_date
from workflows.procedure.vocabulary import Channel, Language, Party

CLOCKS_DISAGREE = timedelta(minutes=2)
"""How far ahead of ours a sender's clock may be before what they say lies in the future."""

EARLIEST_YEAR, LATEST_YEAR = 1990, 2095
"""A date outside these years is a slip of the keyboard, and would make the calendar enumerate centuries."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50_000)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
EmailAddress = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=254, pattern=r"^[^@\s<>\"]+@[^@\s<>\"]+\.[^@\s<>\".]+$"),
]
"""Enough to refuse what cannot be an address; whether it receives is known from the delivery only."""


def _plausible_day(day: date) -> date:
    if day.year < EARLIEST_YEAR or day.year > LATEST_YEAR:
        raise ValueError(f"the year must lie between {EARLIEST_YEAR} and {LATEST_YEAR}")
    return day


PlausibleDate = Annotated[date, AfterValidator(_plausible_day)]
Instant = Annotated[AwareDatetime, AfterValidator(_plausible_day)]


def slug(text: str) -> str:
    """Make an id of letters, digits and hyphens from `text`: ids reach search attributes, free text must not."""
    plain = unicodedata.normalize("NFKD", text.replace("’", "'")).encode("ascii", "ignore").decode().casefold()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:64].rstrip("-")


def _slug_or_nothing(value: Any) -> Any:
    return (slug(value) or None) if isinstance(value, str) else value


Id = Annotated[str, BeforeValidator(_slug_or_nothing), StringConstraints(min_length=1)]


_CONTACT_ID = re.compile(r"c-\d+")


def is_contact_id(text: str) -> bool:
    """Say whether `text` has the form of a person's id, `c-014`: it then tells nobody who that person is."""
    return _CONTACT_ID.fullmatch(text) is not None


def _opaque(text: str) -> str:
    # It reaches search attributes and logs, where no name may stand.
    if not is_contact_id(text):
        raise ValueError("expected an id such as c-014, never a name")
    return text


ContactId = Annotated[Line, AfterValidator(_opaque)]
"""The opaque id of a person of the firm's file."""


class ComplainantKind(StrEnum):
    """In what quality a person complains; no contract is needed to complain."""

    POLICYHOLDER = "policyholder"
    INSURED = "insured"
    FORMER_CUSTOMER = "former_customer"
    BENEFICIARY = "beneficiary"
    PROSPECT = "prospect"
    THIRD_PARTY = "third_party"
    HEIR = "heir"
    OTHER = "other"


class Shape(BaseModel):
    """What comes from outside: unknown fields are refused, so that a misspelt one is not lost."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Complainant(Shape):
    """Who complains. Anonymous: nobody to write to, the answer is filed on the platform the complaint came from."""

    name: Line | None = None
    anonymous: bool = False
    kind: ComplainantKind = ComplainantKind.POLICYHOLDER
    email: EmailAddress | None = None
    phone: Line | None = None
    postal_address: Text | None = None
    language: Language = Language.FR
    consumer: bool = True

    @model_validator(mode="after")
    def _named_or_anonymous(self) -> "Complainant":
        if not self.name and not self.anonymous:
            raise ValueError("give `name`, or `anonymous: true`")
        return self


class Representative(Shape):
    """Who speaks for the complainant; with a mandate, letters go to them."""

    name: Line
    organisation: Line | None = None
    email: EmailAddress | None = None
    postal_address: Text | None = None
    reference: Line | None = None
    mandate: bool


class Complaint(Shape):
    """What starts a complaint: only the facts, what follows from them is for the rules."""

    received_at: Instant
    channel: Channel
    received_by: Party
    summary: Text
    complainant: Complainant
    sent_on: PlausibleDate | None = None
    source: Line = "customer"
    representative: Representative | None = None
    policy_number: Line | None = None
    insurer: Id | None = None
    product: Line | None = None
    steps_taken: Text | None = None
    previous_response_on: PlausibleDate | None = None
    complained_about: ContactId | None = None
    """The person of the firm whom it is about: never put in charge of it."""
    reference: Line | None = None


class InvalidComplaint(ValueError):
    """What was to start a complaint is none; the message names each field that is wrong, never its value."""


def read_complaint(inputs: Sequence[Any], reference: str, now: datetime) -> Complaint:
    """Read what started the workflow `reference`; `now` is aware.

    Raises:
        InvalidComplaint: it is no complaint, bears another reference, or lies in the future.

    """
    if len(inputs) != 1 or not isinstance(inputs[0], dict):
        raise InvalidComplaint("expected one JSON object, the complaint")
    try:
        complaint = Complaint.model_validate(inputs[0])
    except ValidationError as error:
        raise InvalidComplaint("; ".join(problems(error))) from None
    wrong = list(_wrong(complaint, reference, now))
    if wrong:
        raise InvalidComplaint("; ".join(wrong))
    return complaint


def _wrong(complaint: Complaint, reference: str, now: datetime) -> Iterator[str]:
    received_on, today = paris_date(complaint.received_at), paris_date(now)
    if complaint.reference not in (None, reference):
        yield "reference: it differs from the workflow id, which is the complaint's reference"
    if complaint.received_at > now + CLOCKS_DISAGREE:
        yield "received_at: it lies in the future"
    if complaint.sent_on and complaint.sent_on > received_on:
        yield "sent_on: it lies after received_at"
    if complaint.previous_response_on and complaint.previous_response_on > today:
        yield "previous_response_on: it lies in the future"


def problems(error: ValidationError) -> list[str]:
    """Name each field that was not understood and what was expected of it, never the value that was given."""
    return [_problem(item) for item in error.errors(include_url=False, include_input=False)]


def _problem(item: Any) -> str:
    where = ".".join(str(part) for part in item["loc"]) or "(the whole object)"
    context = item.get("ctx", {})
    if item["type"] in ("enum", "literal_error"):
        return f"{where}: expected {context['expected']}"
    if item["type"] == "string_pattern_mismatch":
        return f"{where}: not a valid e-mail address"
    return f"{where}: {str(item['msg']).removeprefix('Value error, ')}"
