"""Makes SendGrid's message of what is to leave: the same words, addresses and headers as any other way of sending."""

import base64
from collections.abc import Iterable, Iterator
from enum import StrEnum

from sendgrid.helpers import mail as sg

from activities.notify.mail import Mailbox, Outgoing, UnusableAddress, plain_mailbox

_CATEGORY = "complaint"


class Argument(StrEnum):
    """What travels with a message and comes back with each of its events; never anything personal.

    SendGrid's own fields hide arguments of the same name: its event `deferred` has an `attempt`, so ours is not.
    """

    REFERENCE = "reference"
    LETTER_ID = "letter_id"
    ATTEMPT = "letter_attempt"


def message(outgoing: Outgoing, attempt: int, *, sandbox: bool) -> sg.Mail:
    """Write `outgoing` as a message of the v3 API; `sandbox`: it is checked and goes nowhere.

    Raises:
        UnusableAddress: there is no recipient, or an address that SendGrid cannot write to.

    """
    kind = outgoing.template.partition("@")[0]
    sender = _usable(outgoing.sender)
    written = sg.Mail(from_email=_as(sg.From, sender), subject=_sendable(outgoing.subject_line))
    written.reply_to = _as(sg.ReplyTo, _usable(outgoing.reply_to or outgoing.sender))
    recipients = list(_each_once(map(_usable, outgoing.to)))
    if not recipients:
        raise UnusableAddress("there is no address to send to")
    written.to = [_as(sg.To, recipient) for recipient in recipients]
    written.add_content(_sendable(outgoing.text), sg.MimeType.text)
    written.add_content(_sendable(outgoing.html), sg.MimeType.html)
    for enclosure in outgoing.attached:
        content = base64.b64encode(enclosure.content).decode()
        written.add_attachment(sg.Attachment(content, enclosure.name, enclosure.media_type, "attachment"))
    for category in dict.fromkeys((_CATEGORY, kind)):
        written.add_category(sg.Category(category))
    arguments = {
        Argument.REFERENCE: outgoing.reference,
        Argument.LETTER_ID: outgoing.key,
        Argument.ATTEMPT: str(attempt),
    }
    for argument, value in arguments.items():
        written.add_custom_arg(sg.CustomArg(argument.value, _sendable(value)))
    for header, value in outgoing.own_headers.items():
        written.add_header(sg.Header(header, " ".join(value.split())))
    written.mail_settings = _mail_settings(sandbox)
    written.tracking_settings = _no_tracking()
    return written


def _mail_settings(sandbox: bool) -> sg.MailSettings:
    return sg.MailSettings(
        # The letter is owed by law or by promise: unsubscribing from marketing does not unsubscribe from it. An
        # address that bounced stays barred: the letter then goes by post.
        bypass_unsubscribe_management=sg.BypassUnsubscribeManagement(enable=True),
        footer_settings=sg.FooterSettings(enable=False),  # the letter leaves as it was written
        sandbox_mode=sg.SandBoxMode(enable=sandbox),
    )


def _no_tracking() -> sg.TrackingSettings:
    """Track nothing: whether a customer opens a legal letter is none of the firm's business (CNIL, on pixels)."""
    return sg.TrackingSettings(
        click_tracking=sg.ClickTracking(enable=False, enable_text=False),
        open_tracking=sg.OpenTracking(enable=False),
        subscription_tracking=sg.SubscriptionTracking(enable=False),
        ganalytics=sg.Ganalytics(enable=False),
    )


def _usable(mailbox: Mailbox) -> Mailbox:
    plain = plain_mailbox(mailbox)
    if not plain.address.isascii():
        raise UnusableAddress("SendGrid cannot write to an address beyond ASCII")
    return plain


def _each_once(mailboxes: Iterable[Mailbox]) -> Iterator[Mailbox]:
    """Leave out what SendGrid refuses a whole message for: the same address twice."""
    seen: set[str] = set()
    for mailbox in mailboxes:
        if mailbox.address.casefold() not in seen:
            seen.add(mailbox.address.casefold())
            yield mailbox


def _as(role: type[sg.Email], mailbox: Mailbox) -> sg.Email:
    return role(mailbox.address, mailbox.name or None)


def _sendable(text: str) -> str:
    """Replace lone surrogates, which no JSON reader has to accept."""
    return text.encode("utf-8", "replace").decode()
