"""The activity that calls on the other Party: asks for help, reminds, insists, hands a complaint over."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import datetime

from jinja2 import TemplateError
from temporalio import activity

from activities.escalate.messages import NobodyToCall, addressee, compose_call
from activities.firm.schema import Firm
from activities.notify.carrier import Carrier, InDoubt, NotTaken, RefusedByCarrier
from activities.notify.mail import UnusableAddress
from workflows.messages import ESCALATE, CallOutcome, EscalateRequest, EscalateResult
from workflows.procedure.orders import Contact, PartnerCall

_UNUSABLE = "l'adresse électronique de l'autre Partie n'est pas utilisable : corrigez le fichier du cabinet."
_UNWRITABLE = "le modèle du message ne peut pas être composé ({fault}) : corrigez-le."


class Escalator:
    """Writes to the insurer, or to our complaints service when the insurer leads."""

    def __init__(self, firm_source: Callable[[], Firm], carrier: Carrier, threads: Executor | None = None) -> None:
        """`carrier` takes the messages; `threads` wait for it."""
        self._threads = threads
        self._firm_source = firm_source
        self._carrier = carrier

    @activity.defn(name=ESCALATE)
    async def escalate(self, request: EscalateRequest) -> EscalateResult:
        """Make every call of `request`; one that no carrier can take now is reported as deferred.

        A Party that cannot be reached is an outcome with its `problem`, not an error. Instants are the server's, the
        complaint's time. A folder that cannot be written to raises OSError: Temporal tries again.
        """
        at = activity.info().started_time
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._all, request, at)

    def _all(self, request: EscalateRequest, at: datetime) -> EscalateResult:
        firm = self._firm_source()
        return EscalateResult(outcomes=[self._call(firm, call, request.contact, at) for call in request.calls])

    def _call(self, firm: Firm, call: PartnerCall, contact: Contact | None, at: datetime) -> CallOutcome:
        try:
            to = addressee(firm, call)
            self._carrier.send(compose_call(call, firm, to, contact), at, attempt=1)
        except NobodyToCall as why:
            return CallOutcome(key=call.key, at=at, problem=why.args[0])
        except UnusableAddress:
            return CallOutcome(key=call.key, at=at, problem=_UNUSABLE)
        except TemplateError as error:
            return CallOutcome(key=call.key, at=at, problem=_UNWRITABLE.format(fault=type(error).__name__))
        except NotTaken:
            return CallOutcome(key=call.key, at=at, deferred=True)
        except RefusedByCarrier as why:
            return CallOutcome(key=call.key, at=at, problem=why.args[0])
        except InDoubt:
            pass  # a Party that reads the same request twice is not harmed
        return CallOutcome(key=call.key, at=at, party_contact=to.address)
