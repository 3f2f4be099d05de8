"""A call on an insurer as a CloudEvents 1.0 message (structured mode, JSON)."""

import json
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from activities.firm.schema import Firm
from workflows.procedure.acts import CALL_ENTRIES
from workflows.procedure.calendar import PARIS
from workflows.procedure.orders import CallKind, Contact, PartnerCall

CONTENT_TYPE = "application/cloudevents+json"
SPEC_VERSION = "1.0"


class CallData(BaseModel):
    """What a call says. `answer_by` is a civil date in Paris; `contact` is the broker's person in charge."""

    reference: str
    level: str
    kind: str
    request: int | None
    about: str
    answer_by: str | None
    contact: Contact | None
    dossier: dict[str, Any] | None = None
    """The whole dossier, when it is handed over."""


class CloudEvent(BaseModel):
    """The envelope; `id` and `source` together name the event, however often it is sent."""

    specversion: str = SPEC_VERSION
    id: str
    source: str
    type: str
    subject: str
    time: str
    datacontenttype: str = "application/json"
    data: CallData

    def as_sent(self) -> bytes:
        """Give the bytes that are signed and sent: what says nothing is left out."""
        return json.dumps(self.model_dump(mode="json", exclude_none=True)).encode()


def event_type(firm: Firm, name: str) -> str:
    """Name a type of event between this firm and its insurers, such as `fr.123-courtage.complaint.help_requested.v1`.

    The name is that of the journal's entry.
    """
    return f"fr.{firm.id}.complaint.{name}.v1"


def type_of_call(firm: Firm, call: PartnerCall) -> str:
    """Name the type of a call."""
    return event_type(firm, CALL_ENTRIES[call.kind])


def cloud_event(
    call: PartnerCall, firm: Firm, contact: Contact | None, dossier: dict[str, Any] | None, at: datetime
) -> CloudEvent:
    """Write one call, made at `at` (aware, the complaint's time); the dossier goes along when it is handed over."""
    return CloudEvent(
        id=call.key,
        source=f"urn:complaints:{firm.id}",
        type=type_of_call(firm, call),
        subject=call.reference,
        time=at.astimezone(PARIS).isoformat(timespec="seconds"),
        data=CallData(
            reference=call.reference,
            level=call.level.value,
            kind=call.kind.value,
            request=call.request,
            about=call.about,
            answer_by=call.answer_by.isoformat() if call.answer_by else None,
            contact=contact,
            dossier=handed_over(dossier) if dossier and call.kind is CallKind.HAND_OVER else None,
        ),
    )


_OURS_ALONE = frozenset({"staff_told", "staff_not_reached", "contact_missing", "note_added", "partner_call_deferred"})
"""Entries about our own house, and notes staff made for themselves."""
_STANDING = ("reference", "level", "stage", "round", "handling_party", "supporting_party", "insurer", "contact")
_DATES = ("received_at", "sent_on", "sent_on_assumed", "sources", "clocks", "requests")
_OF_A_LETTER = ("id", "kind", "sections", "language", "channel", "status", "due_on", "prepared_at", "sent_at")


def handed_over(dossier: dict[str, Any]) -> dict[str, Any]:
    """Give what an insurer that takes a complaint over needs of the answer of the query `dossier`.

    The complaint as it came in, where it stands, its letters and its journal; not what our own staff told each other,
    nor messages that were refused.
    """
    journal = dossier["journal"]
    return {
        **{name: dossier[name] for name in (*_STANDING, *_DATES)},
        "complaint": journal[0]["data"]["complaint"],
        "letters": [{name: letter[name] for name in _OF_A_LETTER} for letter in dossier["letters"]],
        "journal": [
            entry for entry in journal[1:] if entry["type"] not in _OURS_ALONE and entry["status"] != "refused"
        ],
    }
