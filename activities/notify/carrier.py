"""What carries an e-mail, and the four things that can come of asking it to."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from activities.notify.mail import Outgoing


@dataclass(frozen=True)
class Acceptance:
    """The carrier has taken it: when (aware, the complaint's time), under which id of its own."""

    at: datetime
    provider_id: str


class CarrierMisconfigured(ValueError):
    """The carrier cannot be asked with these settings; the message names the setting, never its value."""


class NotTaken(Exception):
    """It certainly was not accepted, and another attempt may succeed; `args[0]` says why, for staff.

    `retry_after`: how long the carrier asks to be left alone.
    """

    def __init__(self, why: str, retry_after: timedelta | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(why)


class RefusedByCarrier(Exception):
    """It certainly was not accepted, and asking again would not help; `args[0]` says why, for staff."""


class InDoubt(Exception):
    """No answer came: it may have been accepted, or not; `args[0]` says what happened, for staff."""


class Carrier(Protocol):
    """Carries e-mails. Threads may share it."""

    name: str
    repeats_safely: bool
    """Whether asked twice for the same key it sends once: then nothing is ever in doubt."""

    def send(self, outgoing: Outgoing, at: datetime, attempt: int) -> Acceptance:
        """Have `outgoing` leave at `at` (aware, the complaint's time); `attempt` counts from 1.

        Raises:
            UnusableAddress: it cannot be sent to anybody.
            NotTaken: not accepted, worth another attempt.
            RefusedByCarrier: not accepted, and never will be as it is.
            InDoubt: it may have been accepted.
            OSError: the carrier is a folder that cannot be written to.

        """
        ...
