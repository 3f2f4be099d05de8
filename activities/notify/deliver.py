"""What is delivered, as bytes: a letter written from its order, and the content that is kept of it."""

from datetime import datetime

from activities.firm.schema import Firm
from activities.notify.activity import _outgoing
from activities.notify.mail import Outgoing, Tray
from workflows.procedure.orders import LetterOrder


def compose_outgoing(firm: Firm, reference: str, order: LetterOrder, at: datetime) -> Outgoing:
    """Write one letter of the complaint `reference` as it is to leave at `at` (aware)."""
    return _outgoing(firm, reference, order, at)


def content_of(outgoing: Outgoing, at: datetime) -> tuple[bytes, str]:
    """Give the bytes that are kept as evidence of a letter that leaves at `at` (aware), and their media type."""
    if outgoing.tray is Tray.POST:
        return outgoing.pdf or outgoing.html.encode(), "application/pdf" if outgoing.pdf else "text/html"
    return outgoing.as_message(at), "message/rfc822"
