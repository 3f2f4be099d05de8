"""Makes a message of the Internet (RFC 5322) of what is to leave: headers nobody can add to, text and HTML."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from enum import StrEnum

from activities.notify.clean import one_line
from workflows.procedure.calendar import PARIS

_LONGEST_NAME = 80
_LONGEST_SUBJECT = 150
# Signs with a meaning in an address header; libraries disagree on how to quote them beside accented letters.
_SIGNS = str.maketrans(dict.fromkeys('()<>[]:;@\\,."', " "))


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

    @property
    def message_id(self) -> str:
        """The Message-ID: the same for the same key, so that a second copy would be known as one."""
        return f"<{self._digest}@{_ascii_domain(self.sender.address)}>"

    @property
    def _digest(self) -> str:
        return hashlib.sha256(f"{self.reference}\0{self.key}".encode("utf-8", "replace")).hexdigest()[:32]

    def as_message(self, at: datetime) -> bytes:
        """Give the message as it is sent at `at` (aware; shown as Paris time): the same bytes for the same instant.

        Raises:
            UnusableAddress: there is no recipient, or an address that is none.

        """
        if not self.to:
            raise UnusableAddress("there is no address to send to")
        people = [self.sender, *self.to, *([self.reply_to] if self.reply_to else [])]
        plain = all(mailbox.address.isascii() for mailbox in people)
        message = EmailMessage(policy=SMTP if plain else SMTPUTF8)
        message["From"] = _header(self.sender)
        message["To"] = [_header(mailbox) for mailbox in self.to]
        if self.reply_to:
            message["Reply-To"] = _header(self.reply_to)
        message["Subject"] = one_line(self.subject, _LONGEST_SUBJECT)
        message["Date"] = format_datetime(at.astimezone(PARIS))
        message["Message-ID"] = self.message_id
        message["X-Complaint-Reference"] = one_line(self.reference, _LONGEST_NAME)
        # An out-of-office reply must never come back as the customer's word (RFC 3834).
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(self.text, cte="quoted-printable")
        message.add_alternative(self.html, subtype="html", cte="quoted-printable")
        message.set_boundary(f"=_{self._digest}")
        return message.as_bytes()


def usable(address: str | None) -> bool:
    """Say whether a message can be sent to `address`."""
    try:
        _header(Mailbox("", address or ""))
    except UnusableAddress:
        return False
    return True


def _header(mailbox: Mailbox) -> Address:
    local, at_sign, _ = mailbox.address.rpartition("@")
    if not (local and at_sign) or one_line(mailbox.address, 254).replace(" ", "") != mailbox.address:
        raise UnusableAddress("an e-mail address cannot be used")
    name = one_line(one_line(mailbox.name).translate(_SIGNS), _LONGEST_NAME)
    return Address(name, local, _ascii_domain(mailbox.address))


def _ascii_domain(address: str) -> str:
    domain = address.rpartition("@")[2]
    try:
        encoded = domain.encode("idna").decode("ascii")
    except UnicodeError:
        raise UnusableAddress("the domain of an e-mail address cannot be used") from None
    if not encoded.replace("-", "").replace(".", "").isalnum():
        raise UnusableAddress("the domain of an e-mail address cannot be used")
    return encoded
