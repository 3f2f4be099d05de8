"""Reads what SendGrid's Inbound Parse posts: a form whose fields each have a charset of their own, or the raw message.

Nothing here refuses a message: what cannot be read is kept as it came, and a person looks at it.
"""

import email
import email.policy
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import getaddresses, parsedate_to_datetime
from html.parser import HTMLParser
from typing import Any

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

_MOST_PARTS = 200
_LONGEST_TEXT = 45_000
_UNSEEN_PARTS = ("script", "style", "head", "title")
_ENDS_A_LINE = ("p", "div", "br", "tr", "li", "h1", "h2", "h3", "blockquote", "table")


@dataclass(frozen=True)
class File:
    """A file that came along; its media type as the sender says."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Incoming:
    """A message as it could be read. `sent_at`: aware, as its sender's clock says; `unreadable`: what was not."""

    sender: str = ""
    sender_name: str | None = None
    subject: str = ""
    text: str = ""
    sent_at: datetime | None = None
    headers: dict[str, str] = field(default_factory=dict)
    """By name in lower case; of several of one name, the first."""
    envelope_sender: str | None = None
    files: tuple[File, ...] = ()
    checks: dict[str, Any] = field(default_factory=dict)
    unreadable: bool = False


def read_post(content_type: str, body: bytes) -> Incoming:
    """Read one call of Inbound Parse, in either of its forms."""
    fields, files, whole = _parts(content_type, body)
    checks: dict[str, Any] = {
        name: _text(fields, name, {})[:500] for name in ("dkim", "SPF", "spam_score", "sender_ip") if name in fields
    }
    if "email" in fields:
        return _of_raw(fields["email"], fields, checks)
    if not whole or not fields:
        return Incoming(unreadable=True, text=body[:_LONGEST_TEXT].decode("utf-8", "replace"), checks=checks)
    charsets = _object(fields.get("charsets", b""))
    headers = _headers(_text(fields, "headers", charsets))
    text = _text(fields, "text", charsets) or _of_html(_text(fields, "html", charsets))
    return _incoming(headers, _text(fields, "from", charsets), _text(fields, "subject", charsets), text, files,
                     _envelope(fields), checks)  # fmt: skip


def _of_raw(raw: bytes, fields: dict[str, bytes], checks: dict[str, Any]) -> Incoming:
    try:
        message = email.message_from_bytes(raw, policy=email.policy.default)
        assert isinstance(message, EmailMessage)  # noqa: S101 -- what that policy makes
        body = message.get_body(("plain", "html"))
        said = _content(body) if body else ""
        text = _of_html(said) if body and body.get_content_type() == "text/html" else said
        files = [
            File(part.get_filename() or "", part.get_content_type(), _bytes(part))
            for part in message.iter_attachments()
        ]
        headers: dict[str, str] = {}
        for name, value in message.items():
            headers.setdefault(name.lower(), str(value))
    except (MessageError, ValueError, LookupError, AssertionError, IndexError, AttributeError, TypeError):
        # The library meets hostile messages with faults of every kind.
        return Incoming(unreadable=True, text=raw[:_LONGEST_TEXT].decode("utf-8", "replace"), checks=checks)
    return _incoming(
        headers, headers.get("from", ""), headers.get("subject", ""), text, files, _envelope(fields), checks
    )


def _incoming(
    headers: dict[str, str],
    sender: str,
    subject: str,
    text: str,
    files: list[File],
    envelope_sender: str | None,
    checks: dict[str, Any],
) -> Incoming:
    name, address = next(iter(getaddresses([sender])), ("", ""))
    return Incoming(
        sender=address.strip().lower()[:254],
        sender_name=_decoded(name).strip()[:200] or None,
        subject=" ".join(_decoded(subject).split())[:500],
        text=text.replace("\r\n", "\n").strip()[:_LONGEST_TEXT],
        sent_at=_sent_at(headers.get("date", "")),
        headers=headers,
        envelope_sender=envelope_sender,
        files=tuple(files),
        checks=checks,
    )


def _parts(content_type: str, body: bytes) -> tuple[dict[str, bytes], list[File], bool]:
    """Take a form apart: its fields as bytes, its files, and whether it came to its end."""
    kind, options = parse_options_header(content_type)
    boundary = options.get(b"boundary")
    fields: dict[str, bytes] = {}
    files: list[File] = []
    if kind != b"multipart/form-data" or not boundary:
        return fields, files, False
    ended = False
    header: list[bytes] = [b"", b""]
    about: dict[bytes, bytes] = {}
    content = bytearray()

    def part_ends() -> None:
        _, said = parse_options_header(about.get(b"content-disposition", b""))
        name, file = said.get(b"name", b"").decode("utf-8", "replace"), said.get(b"filename")
        if file is not None:
            media_type = about.get(b"content-type", b"application/octet-stream").decode("ascii", "replace")
            files.append(File(_decoded(file.decode("utf-8", "replace")), media_type, bytes(content)))
        elif name:
            fields.setdefault(name, bytes(content))

    def header_ends() -> None:
        about[header[0].lower()] = header[1]
        header[:] = b"", b""

    def begins() -> None:
        about.clear()
        content.clear()
        if len(files) + len(fields) > _MOST_PARTS:
            raise FormParserError("too many parts")

    def all_ends() -> None:
        nonlocal ended
        ended = True

    parser = MultipartParser(boundary, {
        "on_part_begin": begins,
        "on_part_data": lambda data, start, end: content.extend(data[start:end]),
        "on_part_end": part_ends,
        "on_header_field": lambda data, start, end: header.__setitem__(0, header[0] + data[start:end]),
        "on_header_value": lambda data, start, end: header.__setitem__(1, header[1] + data[start:end]),
        "on_header_end": header_ends,
        "on_end": all_ends,
    })  # fmt: skip
    try:
        parser.write(body)
        parser.finalize()
    except FormParserError:
        return fields, files, False
    return fields, files, ended


def _text(fields: dict[str, bytes], name: str, charsets: dict[str, Any]) -> str:
    """Decode a field by the charset the provider names for it; a wrong one loses letters, never the message."""
    said, charset = fields.get(name, b""), charsets.get(name)
    try:
        return said.decode(charset if isinstance(charset, str) else "utf-8", "strict")
    except (LookupError, UnicodeDecodeError):
        return said.decode("utf-8", "replace") if charset else said.decode("windows-1252", "replace")


def _object(said: bytes) -> dict[str, Any]:
    try:
        found = json.loads(said)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _envelope(fields: dict[str, bytes]) -> str | None:
    sender = _object(fields.get("envelope", b"")).get("from")
    return sender if isinstance(sender, str) else None


def _headers(said: str) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in re.sub(r"\r?\n[ \t]+", " ", said).splitlines():
        name, colon, value = line.partition(":")
        if colon:
            headers.setdefault(name.strip().lower(), value.strip())
    return headers


def _decoded(said: str) -> str:
    """Decode RFC 2047 words, as far as they can be."""
    try:
        return str(email.policy.default.header_factory("Subject", said))
    except (ValueError, LookupError, IndexError, AttributeError):
        return said


def _sent_at(said: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(said)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _content(part: Any) -> str:
    try:
        return str(part.get_content())
    except (LookupError, ValueError):
        return _bytes(part).decode("utf-8", "replace")


def _bytes(part: Any) -> bytes:
    found = part.get_payload(decode=True)
    return found if isinstance(found, bytes) else bytes(part)


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unseen += tag in _UNSEEN_PARTS
        if tag in _ENDS_A_LINE:
            self.said.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._unseen = max(0, self._unseen - (tag in _UNSEEN_PARTS))
        if tag in _ENDS_A_LINE:
            self.said.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.said.append(data)


def _of_html(html: str) -> str:
    """Give the words of a page, a line for each paragraph."""
    reader = _Words()
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.said).splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
