"""The letters in the archive: each as it was sent, under a name that says what it is, and its PDF beside an e-mail."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes

from activities.register.kept import KeptAttempt
from starter.evidence.record import Evidence
from starter.render.words import Words
from workflows.procedure.calendar import paris_date
from workflows.procedure.intake import slug

_ENDINGS = {"message/rfc822": "eml", "application/pdf": "pdf", "text/html": "html"}
_MESSAGE, _PDF = "message/rfc822", "application/pdf"


@dataclass(frozen=True)
class Paper:
    """A letter as it was handed to a carrier. `pdf`: the PDF within an e-mail, `pdf_name` its file."""

    letter_id: str
    attempt: KeptAttempt
    name: str
    content: bytes
    pdf_name: str | None = None
    pdf: bytes | None = None

    @property
    def altered(self) -> bool:
        """Whether the bytes are no longer those whose hash was written down when they left."""
        return hashlib.sha256(self.content).hexdigest() != self.attempt.sha256


def papers(evidence: Evidence) -> list[Paper]:
    """Give the letters of which the bytes are there, in the dossier's order; what it does not know yet comes last."""
    words = Words(evidence.export.language)
    known = [(letter.record.id, attempt) for letter in evidence.letters for attempt in letter.attempts]
    places = {letter.record.id: place for place, letter in enumerate(evidence.letters, 1)}
    found = []
    for letter_id, attempt in [*known, *evidence.letters_under_way()]:
        place = places.setdefault(letter_id, len(places) + 1)
        if attempt.content is not None:
            found.append(_paper(letter_id, place, attempt, attempt.content, words))
    return found


def missing(evidence: Evidence) -> list[int]:
    """List the numbers (from 1) of letters that left, or may have, and whose bytes the register does not have."""
    return [
        place
        for place, letter in enumerate(evidence.letters, 1)
        if not letter.record.status.never_left and all(attempt.content is None for attempt in letter.attempts)
    ]


def _paper(letter_id: str, place: int, attempt: KeptAttempt, content: bytes, words: Words) -> Paper:
    folder = words.choose("lettres", "letters")
    kind = slug(words("letter", attempt.template.partition("@")[0]))
    again = f"_{attempt.number}" if attempt.number > 1 else ""
    stem = f"{folder}/{place:02}_{paris_date(attempt.started_at)}_{kind}{again}"
    name = f"{stem}.{_ENDINGS.get(attempt.content_type, 'bin')}"
    pdf = next(_attached(content), None) if attempt.content_type == _MESSAGE else None
    return Paper(letter_id, attempt, name, content, f"{stem}.pdf" if pdf else None, pdf)


def _attached(message: bytes) -> Iterator[bytes]:
    for part in message_from_bytes(message).walk():
        if part.get_content_type() == _PDF:
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                yield content
