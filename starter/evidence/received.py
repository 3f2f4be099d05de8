"""What came by e-mail for a complaint: each message whole as it came, its words to read, and the files within it."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from psycopg.errors import InsufficientPrivilege
from sqlalchemy.exc import ProgrammingError

from activities.mailbox.mailbox import Attachment, Mailbox, Message, MessageState
from starter.evidence.parts import Cell, Line, Section, Style, Table, cell, line
from starter.render.days import instant
from starter.render.words import Words
from workflows.procedure.calendar import paris_date
from workflows.procedure.intake import slug

_LONGEST_ENDING = 5


@dataclass(frozen=True)
class Mail:
    """One e-mail. `content`: the call that brought it, byte by byte; `files`: its attachments' bytes by number."""

    message: Message
    content_type: str
    content: bytes
    files: Mapping[int, bytes]


@dataclass(frozen=True)
class Names:
    """What the files of one e-mail are called in the archive; `files` by number, only those that may be opened."""

    whole: str
    text: str
    files: Mapping[int, str]


def received_of(mailbox: Mailbox, reference: str) -> tuple[Mail, ...] | None:
    """Give the e-mails that belong to a complaint, in the order in which they came; None: the mailbox may not be read.

    Who only reads the register for reports may not: in the mailbox also lies what belongs to no complaint. Its other
    faults are SQLAlchemy's.
    """
    try:
        messages = mailbox.of_complaint(reference)
    except ProgrammingError as refused:
        if isinstance(refused.orig, InsufficientPrivilege):
            return None
        raise
    found = []
    for message in messages:
        content_type, content = mailbox.raw(message.id) or ("", b"")
        files = {each.number: mailbox.file(message.id, each.number) for each in message.attachments}
        kept = {number: file[1] for number, file in files.items() if file}
        found.append(Mail(message, content_type, content, kept))
    return tuple(found)


def named(mails: tuple[Mail, ...] | None, words: Words) -> list[tuple[Mail, Names]]:
    """Give each e-mail with what its files are called in the archive."""
    return [(mail, _names(place, mail, words)) for place, mail in enumerate(mails or (), 1)]


def _names(place: int, mail: Mail, words: Words) -> Names:
    stem = f"{words.choose('recus', 'received')}/{place:02}_{paris_date(mail.message.received_at)}"
    within = words.choose("piece", "attachment")
    files = {
        each.number: f"{stem}_{within}-{each.number}_{_file_name(each)}"
        for each in mail.message.attachments
        if each.verdict is None and each.number in mail.files
    }
    return Names(f"{stem}_message.mime", f"{stem}_message.txt", files)


def files_of_mail(mail: Mail, names: Names, words: Words) -> dict[str, bytes]:
    """Make the files of one e-mail."""
    whole = {names.whole: mail.content, names.text: _readable(mail.message, words)}
    return whole | {name: mail.files[number] for number, name in names.files.items()}


def altered(mail: Mail, names: Names) -> Iterator[str]:
    """Name the attachments whose bytes are no longer those that came."""
    hashes = {each.number: each.sha256 for each in mail.message.attachments}
    for number, name in names.files.items():
        if hashlib.sha256(mail.files[number]).hexdigest() != hashes[number]:
            yield name


def not_read(words: Words) -> str:
    """Say that the e-mails are not in the archive, and why."""
    return words.choose(
        "Les courriels reçus n'y sont pas : le compte qui a fait l'archive n'a pas accès à la boîte aux lettres.",
        "The e-mails received are not in it: the account that made the archive has no access to the mailbox.",
    )


def received(mails: tuple[Mail, ...] | None, words: Words) -> list[Section]:
    """Tell of the e-mails on the pages; nothing where none came."""
    title = words.choose("Courriels reçus", "E-mails received")
    if mails is None:
        return [Section(title, [line(not_read(words), Style.ALERT)])]
    if not mails:
        return []
    intro = words.choose(
        "Chaque message est dans l'archive tel qu'il est arrivé, avec son texte à lire et ses pièces jointes ; "
        "l'empreinte SHA-256 d'une pièce est celle que le registre a notée à son arrivée.",
        "Each message is in the archive as it came, with its text to read and its attachments; the SHA-256 hash of an "
        "attachment is the one the register wrote down when it came.",
    )
    headings = words.choose("Reçu|Message|Pièces", "Received|Message|Files").split("|")
    rows = [_row(place, *each, words) for place, each in enumerate(named(mails, words), 1)]
    return [Section(title, [line(intro)], Table(headings, (2.2, 2.6, 5.2), rows))]


def _row(place: int, mail: Mail, names: Names, words: Words) -> tuple[Cell, ...]:
    message = mail.message
    opened = words.choose("a ouvert le dossier", "opened the complaint")
    joined = words.choose("versé au dossier", "put to the complaint")
    return (
        cell(
            line(f"{place}. {instant(message.received_at, words)}", Style.STRONG),
            opened if message.state is MessageState.ACCEPTED else joined,
            words.choose("envoyé le ", "sent on ") + instant(message.sent_at, words) if message.sent_at else None,
        ),
        cell(
            line(message.subject or words.choose("(sans objet)", "(no subject)"), Style.STRONG),
            words.choose("de ", "from ") + _sender(message),
            *(line(words("mail_flag", flag), Style.ALERT) for flag in message.flags),
        ),
        cell(
            line(names.text, Style.CODE),
            line(names.whole, Style.CODE),
            *(each for file in message.attachments for each in _attached(file, names, words)),
        ),
    )


def _attached(file: Attachment, names: Names, words: Words) -> Iterator[Line | str]:
    yield f"{file.number}. {file.name}"
    yield line(file.sha256, Style.CODE)
    if file.number in names.files:
        yield line(names.files[file.number], Style.CODE)
    elif file.verdict:
        said = words.choose("non extraite du message : {}", "not taken out of the message: {}")
        yield line(said.format(words("file_verdict", file.verdict)), Style.ALERT)


def _readable(message: Message, words: Words) -> bytes:
    unknown = words.choose("inconnu", "unknown")
    head = [
        words.choose("De : {}", "From: {}").format(_sender(message)),
        words.choose("Objet : {}", "Subject: {}").format(message.subject),
        words.choose("Envoyé : {} (heure de l'expéditeur)", "Sent: {} (by the sender's clock)").format(
            instant(message.sent_at, words) if message.sent_at else unknown
        ),
        words.choose("Reçu : {} (heure de Paris)", "Received: {} (Paris time)").format(
            instant(message.received_at, words)
        ),
        *(
            words.choose("Pièce {} : {} ({} octets)", "Attachment {}: {} ({} bytes)").format(
                file.number, file.name, file.size
            )
            for file in message.attachments
        ),
    ]
    return "\n".join([*head, "", message.text, ""]).encode("utf-8", "backslashreplace")


def _sender(message: Message) -> str:
    return f"{message.sender_name} <{message.sender}>" if message.sender_name else message.sender


def _file_name(file: Attachment) -> str:
    path = PurePath(file.name)
    ending = "".join(filter(str.isalnum, path.suffix.lower()))
    stem = slug(path.stem) or "x"
    return f"{stem}.{ending}" if ending.isascii() and 0 < len(ending) <= _LONGEST_ENDING else stem
