"""The activity that writes to the customer and tells the firm's people."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import datetime
from pathlib import Path

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.alive import alive
from activities.firm.schema import Firm
from activities.notify import staff
from activities.notify.carrier import Carrier, InDoubt, NotTaken, RefusedByCarrier
from activities.notify.clean import one_line, several_lines
from activities.notify.deliver import Delivered, Deliveries, UnderWay
from activities.notify.letters import TEMPLATES
from activities.notify.mail import Outgoing, Tray, UnusableAddress
from activities.notify.outgoing import CannotLeave, compose_outgoing
from workflows.messages import NOTIFY, Delivery, NotifyRequest, NotifyResult
from workflows.procedure.calendar import paris_date
from workflows.procedure.orders import LetterOrder, Notice, StaffRole
from workflows.procedure.vocabulary import LetterStatus


class Notifier:
    """Writes what the rules order: letters are delivered once, words to staff at least once."""

    def __init__(
        self,
        firm_source: Callable[[], Firm],
        deliveries: Deliveries,
        carrier: Carrier,
        threads: Executor | None = None,
        templates: Path = TEMPLATES,
    ) -> None:
        """`deliveries` carries letters, made of `templates`; `carrier`, the words to staff; `threads` wait for both."""
        self._templates = templates.resolve()
        self._threads = threads
        self._firm_source = firm_source
        self._deliveries = deliveries
        self._carrier = carrier

    @activity.defn(name=NOTIFY)
    async def notify(self, request: NotifyRequest) -> NotifyResult:
        """Write and deliver every letter and notice of `request`; a letter that has left is only reported again.

        A letter that cannot leave is reported FAILED with the reason, one that no carrier can take now DEFERRED, one
        whose carrier gave no answer DOUBTFUL; none holds up anything else. All is dated by the instant of this attempt
        as the server gives it, the complaint's time, never by the machine's clock. A folder that cannot be written to
        raises OSError, a register that does not answer sqlalchemy.exc.OperationalError, an attempt of another worker
        that may still be answered ApplicationError `UnderWay`: Temporal tries again.
        """
        at = activity.info().started_time
        async with alive():
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._all, request, at)

    def _all(self, request: NotifyRequest, at: datetime) -> NotifyResult:
        firm = self._firm_source()
        letters = [self._letter(firm, request, order, at) for order in request.letters]
        # What waits for the morning is in the digest, which reads it from the register's journal.
        at_once = [notice for notice in request.notices if notice.when == "now"]
        untold = [notice.key for notice in at_once if not self._tell(firm, request, notice, at)]
        return NotifyResult(letters=letters, untold=untold)

    def _letter(self, firm: Firm, request: NotifyRequest, order: LetterOrder, at: datetime) -> Delivery:
        def written(at: datetime) -> Outgoing:
            return compose_outgoing(firm, request.reference, order, at, self._templates)

        try:
            delivered = self._deliveries.deliver(order.letter_id, at, written)
        except UnderWay as meanwhile:
            raise ApplicationError(str(meanwhile), type="UnderWay", next_retry_delay=meanwhile.again_in) from None
        except CannotLeave as why:
            return _failed(order, at, why.args[0])
        except UnusableAddress:
            return _failed(order, at, staff.say(firm.staff_language, "unusable_address"))
        if order.tell_when_it_leaves and not delivered.status.never_left:
            self._tell(firm, request, order.tell_when_it_leaves, delivered.at)
        if delivered.status is LetterStatus.QUEUED:
            self._ask_to_post(firm, request, order, delivered.attempt.provider_id or "", delivered.at)
        return _reported(order, delivered)

    def _tell(self, firm: Firm, request: NotifyRequest, notice: Notice, at: datetime) -> bool:
        language, reference, on = firm.staff_language, one_line(request.reference), paris_date(at)
        return self._has_carried(
            staff.plain_message(
                firm,
                reference=request.reference,
                key=f"notice/{notice.key}",
                tray=Tray.STAFF,
                to=staff.recipients(firm, request.contact, notice.to, on, request.never),
                subject=staff.say(language, "subject", reference=reference),
                text=staff.foreword(firm, request.contact, notice.to, on) + several_lines(notice.text),
                template=f"notice@{language}",
                language=language,
            ),
            at,
        )

    def _ask_to_post(self, firm: Firm, request: NotifyRequest, order: LetterOrder, file: str, at: datetime) -> None:
        language, reference = firm.staff_language, one_line(request.reference)
        contact, to, on = request.contact or order.contact, (StaffRole.CONTACT,), paris_date(at)
        self._has_carried(
            staff.plain_message(
                firm,
                reference=request.reference,
                key=f"to_post/{order.letter_id.removeprefix(f'{request.reference}/')}",
                tray=Tray.STAFF,
                to=staff.recipients(firm, contact, to, on, request.never),
                subject=staff.say(language, "to_post_subject", reference=reference),
                text=staff.foreword(firm, contact, to, on)
                + staff.say(language, "to_post", file=file, letter=one_line(order.letter_id)),
                template=f"to_post@{language}",
                language=language,
            ),
            at,
        )

    def _has_carried(self, message: Outgoing, at: datetime) -> bool:
        """Have a word to staff carried; whether it was. One in doubt counts as told: it is no customer's letter."""
        try:
            self._carrier.send(message, at, attempt=1)
        except (NotTaken, RefusedByCarrier):
            return False
        except InDoubt:
            return True
        return True


def _reported(order: LetterOrder, delivered: Delivered) -> Delivery:
    attempt = delivered.attempt
    return Delivery(
        letter_id=order.letter_id,
        status=delivered.status,
        at=delivered.at,
        template=attempt.template,
        proof=attempt.provider_id,
        sha256=attempt.sha256,
        carrier=attempt.carrier,
        attempt=attempt.number,
        problem=attempt.detail,
        retry_after=delivered.retry_after,
    )


def _failed(order: LetterOrder, at: datetime, problem: str) -> Delivery:
    return Delivery(letter_id=order.letter_id, status=LetterStatus.FAILED, at=at, problem=problem)
