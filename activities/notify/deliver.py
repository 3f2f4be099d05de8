"""Delivers letters once: the attempt is written into the register before the carrier is asked, and settled after."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from activities.notify.carrier import Acceptance, Carrier, InDoubt, NotTaken, RefusedByCarrier
from activities.notify.mail import Outgoing, Tray
from activities.notify.outbox import Outbox
from activities.register.ledger import Attempt, Ledger
from activities.register.tables import AttemptState
from workflows.procedure.vocabulary import LetterStatus

BY_POST = "post"
_ANSWER = "answer"

_STATUS = {
    AttemptState.ACCEPTED: LetterStatus.SENT,
    AttemptState.QUEUED: LetterStatus.QUEUED,
    AttemptState.NOT_TAKEN: LetterStatus.DEFERRED,
    AttemptState.REFUSED: LetterStatus.FAILED,
    AttemptState.DOUBTFUL: LetterStatus.DOUBTFUL,
}


@dataclass(frozen=True)
class Delivered:
    """What became of a letter. `at`: the instant of the attempt (UTC, the complaint's time)."""

    status: LetterStatus
    at: datetime
    attempt: Attempt
    retry_after: timedelta | None = None


def content_of(outgoing: Outgoing, at: datetime) -> tuple[bytes, str]:
    """Give the bytes that are kept as evidence of a letter that leaves at `at` (aware), and their media type.

    By e-mail the message with its PDF, by post the PDF. Raises UnusableAddress.
    """
    if outgoing.tray is Tray.POST:
        return outgoing.pdf or outgoing.html.encode(), "application/pdf" if outgoing.pdf else "text/html"
    return outgoing.as_message(at), "message/rfc822"


class Deliveries:
    """Has letters carried; threads and processes may share the register and the outbox behind it."""

    def __init__(self, ledger: Ledger, carrier: Carrier, outbox: Outbox) -> None:
        """`carrier` takes e-mails; what goes by post is printed into `outbox`."""
        self._ledger, self._carrier, self._outbox = ledger, carrier, outbox

    def standing(self, letter_id: str) -> Delivered | None:
        """Say what became of a letter that has left, or may have: then nothing may be sent again.

        An attempt without an answer, whose process is gone, is in doubt from now on; unless its carrier sends the same
        thing only once, however often it is asked: then it can be asked again.
        """
        attempt = self._ledger.standing(letter_id)
        if attempt is None or self._can_be_asked_again(attempt):
            return None
        if attempt.state is AttemptState.OPEN:
            attempt = self._ledger.settle(
                letter_id, attempt.number, AttemptState.DOUBTFUL, _ANSWER, detail="the worker ended before the answer"
            )
        return self._delivered(attempt)

    def leaves_at(self, letter_id: str, at: datetime) -> datetime:
        """Give the instant a letter bears: `at` (aware), or that of an attempt that is taken up again."""
        attempt = self._ledger.standing(letter_id)
        return attempt.started_at if attempt and self._can_be_asked_again(attempt) else at

    def _can_be_asked_again(self, attempt: Attempt) -> bool:
        repeats = attempt.carrier == BY_POST or (attempt.carrier == self._carrier.name and self._carrier.repeats_safely)
        return attempt.state is AttemptState.OPEN and repeats

    def deliver(self, outgoing: Outgoing, at: datetime) -> Delivered:
        """Have a letter leave at `at` (aware, the complaint's time), unless it has left or may have.

        Raises:
            UnusableAddress: it cannot be sent to anybody.
            OSError: the outbox cannot be written to.
            sqlalchemy.exc.OperationalError: the register does not answer, and nothing was sent.

        """
        by_post = outgoing.tray is Tray.POST
        content, media_type = content_of(outgoing, at)
        attempt, ours = self._ledger.begin(
            outgoing.reference, outgoing.key, BY_POST if by_post else self._carrier.name,
            content, media_type, outgoing.template, at,
        )  # fmt: skip
        if not ours and (known := self.standing(outgoing.key)):
            return known
        if by_post:
            proof = self._outbox.deliver(outgoing, at)
            settled = self._settle(attempt, AttemptState.QUEUED, provider_id=proof.file)
            return self._delivered(settled)
        return self._carried(outgoing, attempt)

    def _carried(self, outgoing: Outgoing, attempt: Attempt) -> Delivered:
        try:
            accepted: Acceptance = self._carrier.send(outgoing, attempt.started_at, attempt.number)
        except NotTaken as why:
            settled = self._settle(attempt, AttemptState.NOT_TAKEN, detail=str(why))
            return self._delivered(settled, why.retry_after)
        except RefusedByCarrier as why:
            return self._delivered(self._settle(attempt, AttemptState.REFUSED, detail=str(why)))
        except InDoubt as why:
            return self._delivered(self._settle(attempt, AttemptState.DOUBTFUL, detail=str(why)))
        return self._delivered(self._settle(attempt, AttemptState.ACCEPTED, provider_id=accepted.provider_id))

    def _settle(
        self, attempt: Attempt, state: AttemptState, *, provider_id: str | None = None, detail: str | None = None
    ) -> Attempt:
        return self._ledger.settle(
            attempt.letter_id, attempt.number, state, _ANSWER, provider_id=provider_id, detail=detail
        )

    @staticmethod
    def _delivered(attempt: Attempt, retry_after: timedelta | None = None) -> Delivered:
        return Delivered(
            status=_STATUS[attempt.state],
            at=attempt.started_at,
            attempt=attempt,
            retry_after=retry_after,
        )
