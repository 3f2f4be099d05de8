"""Makes a message of the Internet (RFC 5322) of what is to leave: headers nobody can add to, text, HTML and PDF."""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from enum import StrEnum
from functools import lru_cache

from activities.notify.clean import one_line
from activities.notify.names import folder_name, key_name
from workflows.procedure.calendar import PARIS

_LINE_END = "\r\n"
_LONGEST_NAME = 80
_LONGEST_SUBJECT = 150
_KEPT_MESSAGES, _KEPT_HEADERS = 32, 256
# Signs with a meaning in an address header; libraries disagree on how to quote them beside accented letters.
_SIGNS = str.maketrans(dict.fromkeys('()<>[]:;@\\,."=', " "))
_LOCAL_PART = re.compile(r"[^@<>\"\\\s]+")
_UNQUOTED = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*")


class Tray(StrEnum):
    """Where what leaves is laid; the value is the folder within the complaint's own."""

    EMAIL = ""
    POST = "post"
    STAFF = "staff"
    PARTNERS = "partners"


class UnusableAddress(ValueError):
    """An e-mail address that no message can be sent to; the address is not repeated."""


@dataclass(frozen=True)
class Mailbox:
    """A name and an e-mail address."""

    name: str
    address: str


@dataclass(frozen=True)
class Enclosure:
    """A file that goes along with a message. Its name is of ours: letters, digits, and never a person's."""

    name: str
    media_type: str
    content: bytes


def message_digest(reference: str, key: str) -> str:
    """Give what the Message-ID of `key` (a letter's id) begins with: replies bear it, and are known by it."""
    return hashlib.sha256(f"{reference}\0{key}".encode("utf-8", "replace")).hexdigest()[:32]


@dataclass(frozen=True)
class Outgoing:
    """One thing to leave, once: `key` is its business key within the complaint `reference`.

    `template` says which words it was made of. What goes by post has no recipient here: its page bears the address.
    """

    reference: str
    key: str
    tray: Tray
    subject: str
    text: str
    html: str
    template: str
    sender: Mailbox
    to: tuple[Mailbox, ...] = ()
    reply_to: Mailbox | None = None
    pdf: bytes | None = None
    """The letter as it is printed; None for what is no letter."""
    enclosures: tuple[Enclosure, ...] = ()
    """What else goes along."""

    @property
    def message_id(self) -> str:
        """The Message-ID: the same for the same key, so that a second copy would be known as one."""
        return f"<{self._digest}@{_ascii_domain(self.sender.address)}>"

    @property
    def subject_line(self) -> str:
        """The subject as one line; a header still has to encode it."""
        return one_line(self.subject, _LONGEST_SUBJECT)

    @property
    def own_headers(self) -> dict[str, str]:
        """The headers of ours beside the usual ones, encoded, each possibly of several lines."""
        return {
            "Message-ID": self.message_id,
            "X-Complaint-Reference": _encoded(one_line(self.reference, _LONGEST_NAME), "X-Complaint-Reference"),
            # An out-of-office reply must never come back as the customer's word (RFC 3834; Exchange asks for its own).
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
        }

    @property
    def pdf_name(self) -> str:
        """The file name of the printed letter, made of its key, never of a name: `REC-2026-7F3K9Q_holding_1.pdf`."""
        return f"{folder_name(self.reference)}_{key_name(self.key, self.reference)}.pdf"

    @property
    def attached(self) -> tuple[Enclosure, ...]:
        """All that is attached: the printed letter first."""
        letter = (Enclosure(self.pdf_name, "application/pdf", self.pdf),) if self.pdf is not None else ()
        return (*letter, *self.enclosures)

    @property
    def _digest(self) -> str:
        return message_digest(self.reference, self.key)

    @lru_cache(maxsize=_KEPT_MESSAGES)  # noqa: B019 -- few, and each is asked for twice: by the ledger, and by the outbox
    def as_message(self, at: datetime) -> bytes:
        """Give the message as it is sent at `at` (aware; shown as Paris time): the same bytes for the same instant.

        Raises:
            UnusableAddress: there is no recipient, or an address that is none.

        """
        if not self.to:
            raise UnusableAddress("there is no address to send to")
        # Put together here: of two accented names, the library hides the comma in an encoded word (Python 3.11), and
        # the second recipient is lost.
        content_type, body = self._content()
        head = {
            "From": _in_header((self.sender,)),
            "To": _in_header(self.to),
            "Reply-To": _in_header((self.reply_to or self.sender,)),
            "Subject": _encoded(self.subject_line, "Subject"),
            "Date": format_datetime(at.astimezone(PARIS)),
            **self.own_headers,
            "MIME-Version": "1.0",
            "Content-Type": content_type,
        }
        return _lines(head) + b"\r\n" + body

    def _content(self) -> tuple[str, bytes]:
        # No quoted-printable text and no base64 can hold these boundaries.
        words = _multipart("alternative", f"=_{self._digest}", [_part("plain", self.text), _part("html", self.html)])
        if not self.attached:
            return words
        content_type, body = words
        letter = _lines({"Content-Type": content_type}) + b"\r\n" + body
        return _multipart("mixed", f"=_m{self._digest}", [letter, *map(_attached, self.attached)])


def usable(address: str | None) -> bool:
    """Say whether a message can be sent to `address`."""
    try:
        _in_header((Mailbox("", address or ""),))
    except UnusableAddress:
        return False
    return True


def plain_mailbox(mailbox: Mailbox) -> Mailbox:
    """Give a mailbox as it may stand in any message: a name without signs that mean something, an ASCII domain.

    Raises:
        UnusableAddress: no message can be sent to it.

    """
    local, _, _ = mailbox.address.rpartition("@")
    if not _LOCAL_PART.fullmatch(local) or one_line(mailbox.address) != mailbox.address:
        raise UnusableAddress("an e-mail address cannot be used")
    written = local if _UNQUOTED.fullmatch(local) else f'"{local}"'
    name = one_line(one_line(mailbox.name).translate(_SIGNS), _LONGEST_NAME)
    return Mailbox(name, f"{written}@{_ascii_domain(mailbox.address)}")


def _lines(head: dict[str, str]) -> bytes:
    return "".join(f"{name}: {value}{_LINE_END}" for name, value in head.items()).encode()


def _part(subtype: str, text: str) -> bytes:
    head = {
        "Content-Type": f'text/{subtype}; charset="utf-8"',
        "Content-Transfer-Encoding": "quoted-printable",
    }
    content = _LINE_END.join(text.splitlines()) + _LINE_END
    return _lines(head) + b"\r\n" + binascii.b2a_qp(content.encode("utf-8", "replace"))


def _attached(enclosure: Enclosure) -> bytes:
    name = enclosure.name
    head = {
        "Content-Type": f'{enclosure.media_type};\r\n name="{name}"',
        "Content-Transfer-Encoding": "base64",
        "Content-Disposition": f'attachment;\r\n filename="{name}"',
    }
    return _lines(head) + b"\r\n" + base64.encodebytes(enclosure.content).replace(b"\n", b"\r\n")


def _multipart(subtype: str, boundary: str, parts: list[bytes]) -> tuple[str, bytes]:
    """Give a content type and the body that it announces."""
    body = b"".join(b"--%s\r\n%s\r\n" % (boundary.encode(), part) for part in parts)
    return f'multipart/{subtype};\r\n boundary="{boundary}"', body + b"--%s--\r\n" % boundary.encode()


def _encoded(text: str, header: str = "") -> str:
    plain = text.isascii() and "=?" not in text
    return Header(text, "us-ascii" if plain else "utf-8", header_name=header).encode(linesep=_LINE_END)


def _in_header(mailboxes: tuple[Mailbox, ...]) -> str:
    return ",\r\n ".join(map(_one_in_header, mailboxes))


@lru_cache(maxsize=_KEPT_HEADERS)  # the firm's own stand in every letter
def _one_in_header(mailbox: Mailbox) -> str:
    plain = plain_mailbox(mailbox)
    address = f"<{plain.address}>"
    # A local part beyond ASCII stays as it is (RFC 6532); a name is encoded, so that any reader shows it.
    return f"{_encoded(plain.name)}{_LINE_END} {address}" if plain.name else address


def _ascii_domain(address: str) -> str:
    domain = address.rpartition("@")[2]
    try:
        encoded = domain.encode("idna").decode("ascii")
    except UnicodeError:
        raise UnusableAddress("the domain of an e-mail address cannot be used") from None
    if not encoded.replace("-", "").replace(".", "").isalnum():
        raise UnusableAddress("the domain of an e-mail address cannot be used")
    return encoded
