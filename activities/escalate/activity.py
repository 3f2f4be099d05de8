"""The activity that calls on the other Party: asks for help, reminds, insists, hands a complaint over."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import datetime

from temporalio import activity

from activities.escalate.calling import Calling
from activities.escalate.handing_over import LettersOf
from activities.escalate.webhook import Webhooks
from activities.firm.schema import Firm
from activities.notify.carrier import Carrier
from workflows.messages import ESCALATE, EscalateRequest, EscalateResult


class Escalator:
    """Calls on the insurer, by its webhook or by e-mail; or on our complaints service when the insurer leads."""

    def __init__(
        self,
        firm_source: Callable[[], Firm],
        carrier: Carrier,
        threads: Executor | None = None,
        webhooks: Webhooks | None = None,
        letters_of: LettersOf | None = None,
    ) -> None:
        """`carrier` takes e-mails, `webhooks` the rest (None: all go by e-mail); `threads` wait for them.

        `letters_of` gives the letters that go along with a complaint that is handed over.
        """
        self._letters_of = letters_of
        self._threads = threads
        self._firm_source = firm_source
        self._carrier = carrier
        self._webhooks = webhooks

    @activity.defn(name=ESCALATE)
    async def escalate(self, request: EscalateRequest) -> EscalateResult:
        """Make every call of `request`; one that cannot be made now is reported as deferred.

        A Party that cannot be reached is an outcome with its `problem`, not an error. Instants are the server's, the
        complaint's time. A folder that cannot be written to raises OSError, a register that does not answer
        sqlalchemy.exc.OperationalError: Temporal tries again.
        """
        at = activity.info().started_time
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._all, request, at)

    def _all(self, request: EscalateRequest, at: datetime) -> EscalateResult:
        calling = Calling(self._firm_source(), request, at, self._carrier, self._webhooks, self._letters_of)
        return EscalateResult(outcomes=calling.outcomes())
