"""What is to be rehearsed: complaints as they came in, with what people sent later, all moved to one day of receipt."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from starter.play.player import opening, the_answer
from starter.play.register import Row
from workflows.procedure.calendar import PARIS, at_time, paris_date
from workflows.procedure.dossier import Carried
from workflows.procedure.events import EVENTS
from workflows.procedure.intake import Complaint
from workflows.procedure.records import Entry
from workflows.procedure.vocabulary import EntryStatus

_TOOK_EFFECT = frozenset({EntryStatus.ACCEPTED, EntryStatus.WAITING, EntryStatus.VOIDED})
"""An event voided later was acted on until then, and is voided again by the same later event."""


@dataclass(frozen=True)
class Sent:
    """An event, and the instant (aware) at which it is sent."""

    at: datetime
    kind: str
    event: dict[str, Any]

    @property
    def id(self) -> str:
        """The event's id."""
        return str(self.event["id"])

    @property
    def may_reassign(self) -> bool:
        """Whether another person may take charge: then it counts how many complaints each has at that instant."""
        return self.kind == "contact_reassigned"


@dataclass(frozen=True)
class Plan:
    """One complaint to live: what opens it, and what is sent to it, in the order of time."""

    reference: str
    complaint: dict[str, Any]
    sent: tuple[Sent, ...]


@dataclass(frozen=True)
class NotRehearsed:
    """What could not be rehearsed, and why, as a sentence; `what` is a reference, or a row of a register."""

    what: str
    why: str


def plan_of_row(row: Row, today: date) -> Plan:
    """Plan a row of a register: received on `today`, answered as many days later as it took."""
    at, answer = the_answer(row, today)
    return Plan(row.reference, opening(row, today), (Sent(at, "response_given", answer),))


def plan_of_stored(carried: Carried, today: date) -> Plan:
    """Plan a stored complaint again: received on `today` at 00:00 in Paris, the rest at the same distance from receipt.

    Distances are civil days, hours those of Paris clocks; every date that was named moves along. Whoever opened the
    complaint late opens it at once here.
    """
    first, *rest = carried.journal
    stated = first.data["complaint"]
    later = today - paris_date(Complaint.model_validate(stated).received_at)
    # To the first minute of the day: no instant of the rehearsal may lie in the future when it opens.
    complaint = {**_moved(stated, later), "received_at": at_time(today, datetime.min.time()).isoformat()}
    heard = [entry for entry in rest if entry.type in EVENTS and entry.status in _TOOK_EFFECT]
    return Plan(carried.reference, complaint, tuple(sorted(_sent(heard, later), key=lambda each: each.at)))


def _sent(entries: Iterable[Entry], later: timedelta) -> Iterator[Sent]:
    for entry in entries:
        at, recorded_at = _instant(entry.at, later), _instant(entry.recorded_at, later)
        event = {**_moved(entry.data, later), "id": _own(entry.id), "by": entry.by, "at": at.isoformat()}
        if "event_id" in event:
            event["event_id"] = _own(event["event_id"])
        yield Sent(max(at, recorded_at), entry.type, event)


def _own(event_id: str) -> str:
    """Keep a sender's id; one that the complaint gave itself would be taken for that of another line here."""
    return f"stored-{event_id[1:]}" if event_id.startswith("#") else event_id


def _moved(stated: Mapping[str, Any], later: timedelta) -> dict[str, Any]:
    """Move the dates among the fields of a message; they alone end in `_on` and are written as dates."""
    return {
        name: (date.fromisoformat(value) + later).isoformat() if name.endswith("_on") and value else value
        for name, value in stated.items()
    }


def _instant(instant: datetime, later: timedelta) -> datetime:
    local = instant.astimezone(PARIS)
    return at_time(local.date() + later, local.time().replace(tzinfo=None))
