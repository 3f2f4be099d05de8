"""Delivers letters once: the attempt is written into the register before the carrier is asked, and settled after."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from activities.notify.carrier import Acceptance, Carrier, InDoubt, NotTaken, RefusedByCarrier
from activities.notify.mail import Outgoing, Tray
from activities.notify.outbox import Outbox
from activities.register.ledger import Attempt, Ledger
from activities.register.tables import AttemptState
from workflows.messages import A_LETTER_TAKES
from workflows.procedure.vocabulary import LetterStatus

BY_POST = "post"
LOOKS_AGAIN_AFTER = timedelta(seconds=5)
_ANSWER = "answer"

_STATUS = {
    AttemptState.ACCEPTED: LetterStatus.SENT,
    AttemptState.QUEUED: LetterStatus.QUEUED,
    AttemptState.NOT_TAKEN: LetterStatus.DEFERRED,
    AttemptState.REFUSED: LetterStatus.FAILED,
    AttemptState.DOUBTFUL: LetterStatus.DOUBTFUL,
}


class UnderWay(Exception):
    """Another attempt may still be answered: look again after `again_in`."""

    def __init__(self, again_in: timedelta) -> None:
        self.again_in = again_in
        super().__init__("another attempt is under way")


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

    def __init__(
        self, ledger: Ledger, carrier: Carrier, outbox: Outbox, answered_within: timedelta = A_LETTER_TAKES
    ) -> None:
        """`carrier` takes e-mails, and answers `answered_within`; what goes by post is printed into `outbox`."""
        self._ledger, self._carrier, self._outbox = ledger, carrier, outbox
        self._answered_within = answered_within

    def standing(self, letter_id: str, at: datetime) -> Delivered | datetime:
        """Say what became of a letter that has left, or may have: then nothing may be sent again.

        Else give the instant it bears: `at` (aware), or that of an attempt that is taken up again. An attempt without
        an answer is in doubt once its carrier would have answered; unless that carrier sends the same thing only once,
        however often it is asked: then it can be asked again.

        Raises:
            UnderWay: an attempt may still be answered.

        """
        attempt = self._ledger.standing(letter_id)
        return at if attempt is None else self._became(attempt) or attempt.started_at

    def _became(self, attempt: Attempt) -> Delivered | None:
        if attempt.state is AttemptState.OPEN:
            if self._repeats_safely(attempt.carrier):
                return None
            waited = datetime.now(UTC) - attempt.asked_at
            if timedelta(0) <= waited < self._answered_within:
                raise UnderWay(min(self._answered_within - waited, LOOKS_AGAIN_AFTER))
            attempt = self._settle(attempt, AttemptState.DOUBTFUL, detail="the worker ended before the answer")
        return self._delivered(attempt)

    def deliver(self, letter_id: str, at: datetime, write: Callable[[datetime], Outgoing]) -> Delivered:
        """Have the letter that `write` gives leave at `at` (aware, the complaint's time), unless it has or may have.

        `write` gives it as it is to leave at an instant; it is asked again for that of an attempt that is taken up
        again. What it raises is raised here, but for a letter that has left: that is not undone by a template that was
        broken since.

        Raises:
            UnusableAddress: it cannot be sent to anybody.
            UnderWay: another attempt may still be answered.
            OSError: the outbox cannot be written to.
            sqlalchemy.exc.OperationalError: the register does not answer, and nothing was sent.

        """
        while True:
            try:
                outgoing = write(at)
                content, media_type = content_of(outgoing, at)
            except Exception:
                if isinstance(known := self.standing(letter_id, at), Delivered):
                    return known
                raise
            delivered = self._attempted(outgoing, at, content, media_type)
            if isinstance(delivered, Delivered):
                return delivered
            at = delivered

    def _attempted(self, outgoing: Outgoing, at: datetime, content: bytes, media_type: str) -> Delivered | datetime:
        """Have it carried; or give the instant it is to bear, that of the attempt that is taken up again."""
        by_post = outgoing.tray is Tray.POST
        carrier = BY_POST if by_post else self._carrier.name
        attempt, ours = self._ledger.begin(
            outgoing.reference, outgoing.key, carrier, content, media_type, outgoing.template, at,
            lasting=not self._repeats_safely(carrier),
        )  # fmt: skip
        if not ours and (known := self._became(attempt)):
            return known
        if attempt.started_at != at:
            return attempt.started_at
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
            attempt.letter_id, attempt.number, state, _ANSWER, provider_id=provider_id, detail=detail,
            lasting=not self._repeats_safely(attempt.carrier),
        )  # fmt: skip

    def _repeats_safely(self, carrier: str) -> bool:
        """Say whether this carrier sends the same thing only once, however often it is asked: its proof is enough."""
        return carrier == BY_POST or (carrier == self._carrier.name and self._carrier.repeats_safely)

    @staticmethod
    def _delivered(attempt: Attempt, retry_after: timedelta | None = None) -> Delivered:
        return Delivered(
            status=_STATUS[attempt.state],
            at=attempt.started_at,
            attempt=attempt,
            retry_after=retry_after,
        )
