"""The activity that writes to the customer and tells the firm's people: each letter and each notice once."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Literal

from jinja2 import TemplateError
from temporalio import activity

from activities.firm.schema import Firm
from activities.notify import staff
from activities.notify.clean import one_line, several_lines
from activities.notify.letters import compose
from activities.notify.lint import LetterIncomplete
from activities.notify.mail import Mailbox, Outgoing, Tray, UnusableAddress
from activities.notify.outbox import Outbox
from activities.notify.pdf import Unaddressable
from workflows.messages import NOTIFY, Delivery, NotifyRequest, NotifyResult
from workflows.procedure.calendar import paris_date
from workflows.procedure.orders import LetterOrder, Notice, StaffRole
from workflows.procedure.vocabulary import Channel, Language, LetterStatus


class _CannotLeaveError(Exception):
    """Why a letter cannot leave, as a sentence for staff in `args[0]`."""


class Notifier:
    """Writes what the rules order, and lays it into the outbox."""

    def __init__(self, firm_source: Callable[[], Firm], outbox: Outbox) -> None:
        self._firm_source = firm_source
        self._outbox = outbox

    @activity.defn(name=NOTIFY)
    async def notify(self, request: NotifyRequest) -> NotifyResult:
        """Write and deliver every letter and notice of `request`; what has left before is only reported again.

        A letter that cannot leave is reported FAILED with the reason, and holds up nothing else. All is dated by the
        instant of this attempt as the server gives it, the complaint's time, never by the machine's clock. A folder
        that cannot be written to raises OSError: Temporal tries again.
        """
        at = activity.info().started_time
        return await asyncio.to_thread(self._all, request, at)

    def _all(self, request: NotifyRequest, at: datetime) -> NotifyResult:
        firm = self._firm_source()
        letters = [self._letter(firm, request, order, at) for order in request.letters]
        for notice in request.notices:
            self._tell(firm, request, notice, at)
        return NotifyResult(letters=letters)

    def _letter(self, firm: Firm, request: NotifyRequest, order: LetterOrder, at: datetime) -> Delivery:
        try:
            proof = self._outbox.deliver(_outgoing(firm, request.reference, order, at), at)
        except _CannotLeaveError as why:
            return _failed(order, at, why.args[0])
        except UnusableAddress:
            return _failed(order, at, staff.say(firm.staff_language, "unusable_address"))
        if order.tell_when_it_leaves:
            self._tell(firm, request, order.tell_when_it_leaves, at)
        status: Literal[LetterStatus.SENT, LetterStatus.QUEUED] = LetterStatus.SENT
        if order.channel is Channel.POST:
            status = LetterStatus.QUEUED
            self._ask_to_post(firm, request, order, proof.file, at)
        return Delivery(
            letter_id=order.letter_id,
            status=status,
            at=proof.at,
            template=proof.template,
            proof=proof.message_id or proof.file,
        )

    def _tell(self, firm: Firm, request: NotifyRequest, notice: Notice, at: datetime) -> None:
        language, reference = firm.staff_language, one_line(request.reference)
        self._outbox.deliver(
            staff.plain_message(
                firm,
                reference=request.reference,
                key=f"notice/{notice.key}",
                tray=Tray.STAFF,
                to=staff.recipients(firm, request.contact, notice.to),
                subject=staff.say(language, "subject", reference=reference),
                text=several_lines(notice.text),
                template=f"notice@{language}",
                language=language,
            ),
            at,
        )

    def _ask_to_post(self, firm: Firm, request: NotifyRequest, order: LetterOrder, file: str, at: datetime) -> None:
        language, reference = firm.staff_language, one_line(request.reference)
        self._outbox.deliver(
            staff.plain_message(
                firm,
                reference=request.reference,
                key=f"to_post/{order.letter_id.removeprefix(f'{request.reference}/')}",
                tray=Tray.STAFF,
                to=staff.recipients(firm, request.contact or order.contact, (StaffRole.CONTACT,)),
                subject=staff.say(language, "to_post_subject", reference=reference),
                text=staff.say(language, "to_post", file=file, letter=one_line(order.letter_id)),
                template=f"to_post@{language}",
                language=language,
            ),
            at,
        )


def _outgoing(firm: Firm, reference: str, order: LetterOrder, at: datetime) -> Outgoing:
    """Write one letter. Raises _CannotLeaveError with the reason."""
    language = firm.staff_language
    to = _addressee(order, language)
    try:
        letter = compose(order, firm, paris_date(at))
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
        raise _CannotLeaveError(staff.say(language, "incomplete", missing=missing)) from None
    except Unaddressable:
        raise _CannotLeaveError(staff.say(language, "unprintable_address")) from None
    except TemplateError as error:  # before OSError: a template that is missing is both
        raise _CannotLeaveError(staff.say(language, "unwritable", fault=_fault(error))) from error
    except OSError:
        raise
    except Exception as error:  # a filter applied to what is not there, a part that was removed
        raise _CannotLeaveError(staff.say(language, "unwritable", fault=_fault(error))) from error


def _addressee(order: LetterOrder, language: Language) -> tuple[Mailbox, ...]:
    match order.channel:
        case Channel.EMAIL if order.recipient.email:
            return (Mailbox(order.recipient.name, order.recipient.email),)
        case Channel.EMAIL:
            raise _CannotLeaveError(staff.say(language, "unusable_address"))
        case Channel.POST if order.recipient.postal_address:
            return ()
        case Channel.POST:
            raise _CannotLeaveError(staff.say(language, "no_postal_address"))
        case _:
            raise _CannotLeaveError(staff.say(language, "no_such_way", channel=order.channel))


def _failed(order: LetterOrder, at: datetime, problem: str) -> Delivery:
    return Delivery(letter_id=order.letter_id, status=LetterStatus.FAILED, at=at, problem=problem)


def _fault(error: Exception) -> str:
    """Name a fault without its message, which may repeat what a customer wrote."""
    place = [str(part) for part in (getattr(error, "name", None), getattr(error, "lineno", None)) if part]
    return " ".join([type(error).__name__, *place])
