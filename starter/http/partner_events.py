"""What an insurer may tell a complaint: its CloudEvents, read as events of the contract."""

import hashlib
from dataclasses import dataclass
from typing import Any

from activities.escalate.cloudevent import event_type
from activities.firm.schema import Firm
from starter.http.cloudevents import Message, NotAnEvent
from workflows.procedure.events import NotUnderstood, parse_event
from workflows.procedure.vocabulary import Party

RESPONSE_GIVEN = "response_given"


@dataclass(frozen=True)
class _Kind:
    """An event of the contract, and the fields of it that are not the insurer's to choose."""

    event: str
    fixed: dict[str, str]


_KINDS = {
    "help_answered": _Kind("partner_answered", {"party": Party.INSURER.value}),
    "response_given": _Kind(RESPONSE_GIVEN, {"sent_by": "staff"}),
    "note_added": _Kind("note_added", {}),
    "mediator_seized": _Kind("mediator_seized", {"addressed_to": Party.INSURER.value}),
    "summons_served": _Kind("summons_served", {"addressed_to": Party.INSURER.value}),
}
"""By the name within the type `fr.<firm>.complaint.<name>.v1`."""
_OURS = ("id", "by", "at", "type")


@dataclass(frozen=True)
class PartnerEvent:
    """An event to submit: its name, and its fields but `at`."""

    kind: str
    fields: dict[str, Any]


def accepted_types(firm: Firm) -> list[str]:
    """List the types an insurer may send."""
    return [event_type(firm, name) for name in _KINDS]


def read_event(message: Message, firm: Firm, insurer: str) -> PartnerEvent:
    """Read what `insurer` says as an event of the contract.

    Raises:
        NotAnEvent: its type is none that an insurer may send, or its data is not as that event wants it.

    """
    kind = next((kind for name, kind in _KINDS.items() if message.type == event_type(firm, name)), None)
    if kind is None:
        raise NotAnEvent(f"type: expected one of {', '.join(accepted_types(firm))}")
    for name in _OURS:
        if name in message.data:
            raise NotAnEvent(f"data.{name}: not possible here, the envelope says it")
    for name, value in kind.fixed.items():
        if message.data.get(name, value) != value:
            raise NotAnEvent(f"data.{name}: expected {value}")
    fields = {**message.data, **kind.fixed}
    try:
        parse_event(kind.event, fields)
    except NotUnderstood as error:
        raise NotAnEvent(f"in data: {error.args[0]}") from None
    # One event of one source, however often it is sent; and nobody else's id can be hit by it.
    digest = hashlib.sha256(f"{message.source}\n{message.id}".encode()).hexdigest()[:24]
    named = {"id": f"partner-{insurer}-{digest}", "by": f"partner:{insurer}"}
    if message.time:
        named["at"] = message.time.isoformat()
    return PartnerEvent(kind.event, {**fields, **named})
