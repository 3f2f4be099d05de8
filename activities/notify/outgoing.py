"""Writes a letter as it is to leave: composed, addressed, and ready for whichever carrier takes it."""

from datetime import datetime
from pathlib import Path

from jinja2 import TemplateError

from activities.firm.schema import Firm
from activities.notify import staff
from activities.notify.letters import TEMPLATES, compose
from activities.notify.lint import LetterIncomplete
from activities.notify.mail import Mailbox, Outgoing, Tray
from activities.notify.pdf import Unaddressable
from workflows.procedure.calendar import paris_date
from workflows.procedure.orders import LetterOrder
from workflows.procedure.vocabulary import Channel, Language


class CannotLeave(Exception):
    """Why a letter cannot leave, as a sentence for staff in `args[0]`."""


def compose_outgoing(
    firm: Firm, reference: str, order: LetterOrder, at: datetime, templates: Path = TEMPLATES
) -> Outgoing:
    """Write the letter `order` as it is to leave at `at` (aware), in the words of `templates`.

    Raises:
        CannotLeave: it lacks something, or its template is broken, or there is nobody to send it to.
        OSError: a template cannot be read.

    """
    language = firm.staff_language
    to = _addressee(order, language)
    try:
        letter = compose(order, firm, paris_date(at), templates)
        return Outgoing(
            reference=reference,
            key=order.letter_id,
            tray=Tray.POST if order.channel is Channel.POST else Tray.EMAIL,
            subject=letter.subject,
            text=letter.text,
            html=letter.html,
            template=letter.template,
            sender=staff.service(firm),
            to=to,
            reply_to=Mailbox(order.contact.name, firm.email),
            pdf=letter.pdf,
        )
    except LetterIncomplete as error:
        missing = staff.fields(language, error.missing)
        raise CannotLeave(staff.say(language, "incomplete", missing=missing)) from None
    except Unaddressable:
        raise CannotLeave(staff.say(language, "unprintable_address")) from None
    except TemplateError as error:  # before OSError: a template that is missing is both
        raise CannotLeave(staff.say(language, "unwritable", fault=_fault(error))) from error
    except OSError:
        raise
    except Exception as error:  # a filter applied to what is not there, a part that was removed
        raise CannotLeave(staff.say(language, "unwritable", fault=_fault(error))) from error


def _addressee(order: LetterOrder, language: Language) -> tuple[Mailbox, ...]:
    match order.channel:
        case Channel.EMAIL if order.recipient.email:
            return (Mailbox(order.recipient.name, order.recipient.email),)
        case Channel.EMAIL:
            raise CannotLeave(staff.say(language, "unusable_address"))
        case Channel.POST if order.recipient.postal_address:
            return ()
        case Channel.POST:
            raise CannotLeave(staff.say(language, "no_postal_address"))
        case _:
            raise CannotLeave(staff.say(language, "no_such_way", channel=order.channel))


def _fault(error: Exception) -> str:
    """Name a fault without its message, which may repeat what a customer wrote."""
    place = [str(part) for part in (getattr(error, "name", None), getattr(error, "lineno", None)) if part]
    return " ".join([type(error).__name__, *place])
