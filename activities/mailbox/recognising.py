"""Tells what a message is: an automatic reply, a word on a known complaint, or a complaint of its own."""

import hashlib
import io
import re
import zipfile
from collections.abc import Collection, Iterable
from pathlib import PurePath

from activities.mailbox.post import File, Incoming

REFERENCE = re.compile(r"\bREC-\d{4}-[2-9A-HJ-NP-Z]{6}\b")
_AUTOMATIC_SUBJECT = re.compile(
    r"^\s*(?:auto(?:matic)?[ -]?(?:reply|response)|r[ée]ponse automatique|out of (?:the )?office|absen(?:ce|t)\b"
    r"|undeliver(?:able|ed)|delivery status notification|mail delivery (?:failed|subsystem)|[ée]chec de (?:la )?remise"
    r"|message d['’]absence|accus[ée] de lecture|read:)",
    re.IGNORECASE,
)
_ROBOTS = re.compile(r"^(?:mailer-daemon|postmaster|no-?reply|ne-pas-repondre|bounces?)[@+]", re.IGNORECASE)
_RUNS = frozenset({
    "exe", "com", "scr", "pif", "bat", "cmd", "ps1", "psm1", "vbs", "vbe", "js", "jse", "wsf", "wsh", "hta", "msi",
    "msp", "jar", "lnk", "reg", "cpl", "dll", "iso", "img", "vhd", "app", "dmg", "sh", "docm", "xlsm", "pptm", "xll",
    "svg", "html", "htm",
})  # fmt: skip
_STARTS_OF_PROGRAMS = (
    b"MZ",
    b"\x7fELF",
    b"#!",
    b"\xca\xfe\xba\xbe",
    b"\xcf\xfa\xed\xfe",
    b"L\x00\x00\x00\x01\x14\x02\x00",
)
_MOST_UNPACKED, _MOST_TIMES = 200_000_000, 100
_KNOWN_STARTS = {
    "pdf": b"%PDF-", "png": b"\x89PNG", "jpg": b"\xff\xd8\xff", "jpeg": b"\xff\xd8\xff", "gif": b"GIF8",
}  # fmt: skip


def is_automatic(message: Incoming, own: Collection[str]) -> bool:
    """Say whether no person wrote it: an auto-reply, a bounce, a list, our own words (`own`: our addresses)."""
    said = message.headers
    return any((
        said.get("auto-submitted", "no").partition(";")[0].strip().lower() != "no",
        said.get("precedence", "").strip().lower() in ("bulk", "junk", "list", "auto_reply"),
        any(name in said for name in ("x-autoreply", "x-autorespond", "x-auto-reply", "list-id", "list-unsubscribe")),
        "x-complaint-reference" in said,
        message.envelope_sender == "",
        bool(_ROBOTS.match(message.sender)),
        message.sender in own,
        bool(_AUTOMATIC_SUBJECT.match(message.subject)),
    ))  # fmt: skip


def references_in(message: Incoming) -> list[str]:
    """Give the references it names: those of the subject, else of the text, each once."""
    return list(dict.fromkeys(REFERENCE.findall(message.subject) or REFERENCE.findall(message.text)))


def threads_of(message: Incoming) -> list[str]:
    """Give the ids of the messages it answers, latest first."""
    said = f"{message.headers.get('references', '')} {message.headers.get('in-reply-to', '')}"
    return list(dict.fromkeys(reversed(re.findall(r"<[^<>\s]+>", said))))


def identity_of(message: Incoming, body: bytes) -> str:
    """Give the digest by which the same message is known again: of its Message-ID and words, else of its bytes."""
    if message.unreadable or "message-id" not in message.headers:
        return hashlib.sha256(body).hexdigest()
    said = "\n".join((message.headers["message-id"], message.sender, message.subject, message.text))
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()


def verdict(file: File) -> str | None:
    """Say why nobody should open a file (an id for the pages to word); None: nothing speaks against it."""
    endings = [suffix.lower().lstrip(".") for suffix in PurePath(file.name).suffixes]
    if any(ending in _RUNS for ending in endings[-2:]) or file.content.startswith(_STARTS_OF_PROGRAMS):
        return "program"
    start = _KNOWN_STARTS.get(endings[-1]) if endings else None
    if start and not file.content.startswith(start):
        return "not_what_it_says"
    return _verdict_of_archive(file.content) if file.content.startswith(b"PK\x03\x04") else None


def _verdict_of_archive(content: bytes) -> str | None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            inside = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return "broken"
    if any(each.flag_bits & 1 for each in inside):
        return "locked"
    unpacked = sum(each.file_size for each in inside)
    if unpacked > _MOST_UNPACKED or unpacked > _MOST_TIMES * max(len(content), 1):
        return "bomb"
    return "program" if _programs(each.filename for each in inside) else None


def _programs(names: Iterable[str]) -> bool:
    return any(PurePath(name).suffix.lower().lstrip(".") in _RUNS for name in names)
