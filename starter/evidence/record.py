"""What is known of one complaint, and the two files of the archive from which all others follow."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter

from activities.mailbox.mailbox import Message
from activities.register.kept import KeptAttempt, KeptEvent, KeptLetter
from activities.register.tables import AttemptState, SettledBy
from starter.evidence.received import Mail, named
from starter.render.words import Words
from workflows.procedure.dossier import Carried, Dossier
from workflows.procedure.pinned import Procedure
from workflows.procedure.records import Entry
from workflows.procedure.view import dossier_view
from workflows.procedure.vocabulary import Language

_PROCEDURES = TypeAdapter(dict[str, Procedure])


class Part(BaseModel):
    """A part of the file of events."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Export(Part):
    """Whence the archive comes. `revision`: lines of the journal; `as_of`: when the last of them was recorded."""

    reference: str
    language: Language
    source: Literal["register", "temporal"]
    revision: int
    as_of: datetime
    firm: tuple[str, ...]
    """The firm's legal name, then the lines of its address."""
    release: str
    """The release of the program that made the archive, and of what set its pages."""


class AttemptPart(Part):
    """An attempt to have a letter carried; `file` names its bytes in the archive, None when there are none."""

    letter_id: str
    number: int
    carrier: str
    state: AttemptState
    started_at: datetime
    asked_at: datetime
    settled_at: datetime | None
    settled_by: SettledBy | None
    provider_id: str | None
    detail: str | None
    template: str
    sha256: str
    content_type: str
    file: str | None

    def kept(self, content: bytes | None) -> KeptAttempt:
        """Give the attempt as the register had it."""
        return KeptAttempt(content=content, **self.model_dump(exclude={"letter_id", "file"}))


class EventPart(Part):
    """What a provider reported of a letter."""

    event_id: str
    letter_id: str
    attempt: int | None
    event: str
    happened_at: datetime
    received_at: datetime
    detail: str | None
    told: bool


class MailPart(Part):
    """An e-mail that belongs to the complaint. `file` names the call that brought it, of that content type."""

    message: Message
    content_type: str
    file: str
    attachments: dict[int, str]
    """What the archive calls those that were taken out, by their number."""

    def mail(self, contents: Mapping[str, bytes]) -> Mail:
        """Give the e-mail as the register had it."""
        files = {number: contents[name] for number, name in self.attachments.items() if name in contents}
        return Mail(self.message, self.content_type, contents.get(self.file, b""), files)


class Events(Part):
    """The file of events: the journal as it is kept, the attempts, what providers reported, what came by e-mail."""

    export: Export
    journal: list[Entry]
    attempts: list[AttemptPart]
    delivery_events: list[EventPart]
    mails: list[MailPart] | None = []
    """None: they could not be read."""


@dataclass(frozen=True)
class Evidence:
    """One complaint, whole: its dossier, the attempts to have its letters carried, what was reported and received."""

    export: Export
    carried: Carried
    attempts: Mapping[str, tuple[KeptAttempt, ...]]
    """By the letter's id."""
    events: tuple[KeptEvent, ...]
    mails: tuple[Mail, ...] | None = ()
    """None: they may not be read."""

    @cached_property
    def dossier(self) -> Dossier:
        """The dossier, worked out from its journal alone."""
        # On copies: working it out passes through the states of its entries.
        journal = [entry.model_copy() for entry in self.carried.journal]
        return Dossier.resume(self.carried.model_copy(update={"journal": journal}))

    @cached_property
    def view(self) -> dict[str, Any]:
        """What the complaint would answer now, in the language of the archive."""
        return dossier_view(self.dossier, self.export.language)

    @cached_property
    def letters(self) -> list[KeptLetter]:
        """The letters the dossier knows, in its order."""
        return [KeptLetter(letter, self.attempts.get(letter.id, ())) for letter in self.dossier.case.letters]

    def letters_under_way(self) -> Iterator[tuple[str, KeptAttempt]]:
        """Give the attempts of letters that the dossier does not know yet."""
        known = {letter.record.id for letter in self.letters}
        for letter_id in sorted(set(self.attempts) - known):
            yield from ((letter_id, attempt) for attempt in self.attempts[letter_id])


def events_file(evidence: Evidence, names: Mapping[tuple[str, int], str]) -> bytes:
    """Write the file of events; `names` says under what name the archive has the bytes of an attempt."""
    attempts = [
        AttemptPart(
            letter_id=letter_id,
            file=names.get((letter_id, attempt.number)),
            **{name: value for name, value in vars(attempt).items() if name != "content"},
        )
        for letter_id in sorted(evidence.attempts)
        for attempt in evidence.attempts[letter_id]
    ]
    mails = [
        MailPart(
            message=mail.message, content_type=mail.content_type, file=called.whole, attachments=dict(called.files)
        )
        for mail, called in named(evidence.mails, Words(evidence.export.language))
    ]
    held = Events(
        export=evidence.export,
        journal=evidence.carried.journal,
        attempts=attempts,
        delivery_events=[EventPart(**vars(event)) for event in evidence.events],
        mails=None if evidence.mails is None else mails,
    )
    # Without e-mails the file is what it was before there were any: older archives verify.
    return as_json(held.model_dump(mode="json", exclude={"mails"} if held.mails == [] else None))


def procedures_file(evidence: Evidence) -> bytes:
    """Write the procedures that the complaint was pinned to, by their version."""
    return as_json(_PROCEDURES.dump_python(evidence.carried.procedures, mode="json"))


def read_back(events: bytes, procedures: bytes, contents: Mapping[str, bytes]) -> Evidence:
    """Give what an archive was made of; `contents` are its files by name.

    Raises:
        ValueError: a file is not what it should be.

    """
    held = Events.model_validate(json.loads(events))
    attempts: dict[str, tuple[KeptAttempt, ...]] = {}
    for part in held.attempts:
        kept = part.kept(contents.get(part.file) if part.file else None)
        attempts[part.letter_id] = (*attempts.get(part.letter_id, ()), kept)
    return Evidence(
        export=held.export,
        carried=Carried(
            reference=held.export.reference,
            journal=held.journal,
            procedures=_PROCEDURES.validate_python(json.loads(procedures)),
        ),
        attempts=attempts,
        events=tuple(KeptEvent(**part.model_dump()) for part in held.delivery_events),
        mails=None if held.mails is None else tuple(part.mail(contents) for part in held.mails),
    )


def as_json(value: Any) -> bytes:
    """Write JSON that people can read; half a character pair, which UTF-8 cannot hold, becomes its escape."""
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "backslashreplace")
