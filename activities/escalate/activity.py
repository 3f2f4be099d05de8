"""The activity that calls on the other Party: asks for help, reminds, insists, hands a complaint over."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from jinja2 import TemplateError
from temporalio import activity

from activities.escalate.messages import NobodyToCall, addressee, compose_call
from activities.firm.schema import Firm
from activities.notify.mail import UnusableAddress
from activities.notify.outbox import Outbox
from workflows.messages import ESCALATE, CallOutcome, EscalateRequest, EscalateResult
from workflows.procedure.orders import Contact, PartnerCall

_UNUSABLE = "l'adresse électronique de l'autre Partie n'est pas utilisable : corrigez le fichier du cabinet."
_UNWRITABLE = "le modèle du message ne peut pas être composé ({fault}) : corrigez-le."


class Escalator:
    """Writes to the insurer, or to our complaints service when the insurer leads, by the outbox."""

    def __init__(self, firm_source: Callable[[], Firm], outbox: Outbox) -> None:
        self._firm_source = firm_source
        self._outbox = outbox

    @activity.defn(name=ESCALATE)
    async def escalate(self, request: EscalateRequest) -> EscalateResult:
        """Make every call of `request`; one that was made before is only reported again.

        A Party that cannot be reached is an outcome with its `problem`, not an error. Instants are the server's, the
        complaint's time. A folder that cannot be written to raises OSError: Temporal tries again.
        """
        at = activity.info().started_time
        return await asyncio.to_thread(self._all, request, at)

    def _all(self, request: EscalateRequest, at: datetime) -> EscalateResult:
        firm = self._firm_source()
        return EscalateResult(outcomes=[self._call(firm, call, request.contact, at) for call in request.calls])

    def _call(self, firm: Firm, call: PartnerCall, contact: Contact | None, at: datetime) -> CallOutcome:
        try:
            to = addressee(firm, call)
            proof = self._outbox.deliver(compose_call(call, firm, to, contact), at)
        except NobodyToCall as why:
            return CallOutcome(key=call.key, at=at, problem=why.args[0])
        except UnusableAddress:
            return CallOutcome(key=call.key, at=at, problem=_UNUSABLE)
        except TemplateError as error:
            return CallOutcome(key=call.key, at=at, problem=_UNWRITABLE.format(fault=type(error).__name__))
        return CallOutcome(key=call.key, at=proof.at, party_contact=to.address)
