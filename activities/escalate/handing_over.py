"""What goes by e-mail to an insurer that takes a complaint over: the file in words, as data, the letters as sent."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from activities.escalate.cloudevent import handed_over
from activities.notify.clean import one_line, several_lines
from activities.notify.mail import Enclosure
from activities.notify.names import folder_name, key_name
from activities.register.kept import KeptAttempt, KeptLetter

LettersOf = Callable[[str], Sequence[KeptLetter]]
"""Gives a complaint's letters as the register holds them."""

_PDF, _MESSAGE = "application/pdf", "message/rfc822"


@dataclass(frozen=True)
class HandedOver:
    """The complaint as the insurer's handler reads it first; every text is cleaned, and "" where nothing is known."""

    complainant: str
    reach: str
    postal_address: str
    summary: str
    steps_taken: str
    policy_number: str
    enclosed: int
    """How many letters go along."""


def in_words(dossier: dict[str, Any], enclosed: int) -> HandedOver:
    """Read from a dossier (the answer of the query `dossier`) what a person needs first."""
    complaint = handed_over(dossier)["complaint"]
    person = complaint["complainant"]
    ways = [person.get("email"), person.get("phone")]
    return HandedOver(
        complainant=one_line(person.get("name") or ""),
        reach=", ".join(one_line(way) for way in ways if way),
        postal_address=several_lines(person.get("postal_address") or ""),
        summary=several_lines(complaint["summary"]),
        steps_taken=several_lines(complaint.get("steps_taken") or ""),
        policy_number=one_line(complaint.get("policy_number") or ""),
        enclosed=enclosed,
    )


def enclosures(reference: str, dossier: dict[str, Any], letters: Sequence[KeptLetter]) -> tuple[Enclosure, ...]:
    """Give the file as JSON, and each letter that left as it is printed."""
    content = json.dumps(handed_over(dossier), ensure_ascii=False, indent=1, default=str).encode()
    data = Enclosure(f"{folder_name(reference)}_dossier.json", "application/json", content)
    sent = [(letter.record.id, letter.as_sent) for letter in letters]
    printed = [(key, pdf) for key, attempt in sent if attempt and (pdf := _printed(attempt))]
    names = [f"{folder_name(reference)}_{key_name(key, reference)}.pdf" for key, _ in printed]
    return (data, *(Enclosure(name, _PDF, pdf) for name, (_, pdf) in zip(names, printed, strict=True)))


def _printed(attempt: KeptAttempt) -> bytes | None:
    if attempt.content is None or attempt.content_type == _PDF:
        return attempt.content
    if attempt.content_type != _MESSAGE:
        return None
    message = message_from_bytes(attempt.content, _class=EmailMessage, policy=policy.SMTP)
    found = next((part for part in message.iter_attachments() if part.get_content_type() == _PDF), None)
    return found.get_payload(decode=True) if found else None  # type: ignore[return-value]
