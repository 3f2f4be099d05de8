"""The calls of one request, each by the way its Party can be reached: the insurer's webhook, or an e-mail."""

import contextlib
from datetime import datetime

from jinja2 import TemplateError

from activities.escalate.cloudevent import cloud_event, type_of_call
from activities.escalate.handing_over import LettersOf, enclosures, in_words
from activities.escalate.messages import NobodyToCall, addressee, compose_call
from activities.escalate.webhook import Webhooks
from activities.firm.partners import Insurer, Webhook
from activities.firm.schema import Firm
from activities.notify.carrier import Carrier, InDoubt, NotTaken, RefusedByCarrier
from activities.notify.mail import Mailbox, Outgoing, UnusableAddress
from activities.register.partner_calls import CallResult, SentCall
from workflows.messages import CallOutcome, EscalateRequest
from workflows.procedure.orders import CallKind, PartnerCall
from workflows.procedure.vocabulary import Party, Way

_UNUSABLE = "l'adresse électronique de l'autre Partie n'est pas utilisable : corrigez le fichier du cabinet."
_UNWRITABLE = "le modèle du message ne peut pas être composé ({fault}) : corrigez-le."


class Calling:
    """Makes the calls of one request at one instant. Every outcome is given, none raised, but a folder's OSError."""

    def __init__(
        self,
        firm: Firm,
        request: EscalateRequest,
        at: datetime,
        carrier: Carrier,
        webhooks: Webhooks | None,
        letters_of: LettersOf | None = None,
    ) -> None:
        """Make them at `at` (aware, the complaint's time); without `webhooks` all go by e-mail.

        `letters_of` gives the letters that go along with a complaint that is handed over.
        """
        self._letters_of = letters_of
        self._firm, self._request, self._at = firm, request, at
        self._carrier, self._webhooks = carrier, webhooks
        self._made: list[SentCall] = []
        self._not_taken: set[str] = set()

    def outcomes(self) -> list[CallOutcome]:
        """Make every call."""
        outcomes = [self._one(call) for call in self._request.calls]
        if self._webhooks:
            self._webhooks.note(self._made)
        return outcomes

    def _one(self, call: PartnerCall) -> CallOutcome:
        insurer = self._firm.insurer(call.insurer) if call.party is Party.INSURER and not call.by_email else None
        if self._webhooks is None or insurer is None or insurer.webhook is None:
            return self._write(call)
        if call.kind is CallKind.INSIST:
            # Its services did not answer: their manager, a person, is written to, and the webhook hears of it.
            outcome = self._write(call)
            if outcome.party_contact:
                with contextlib.suppress(NotTaken, RefusedByCarrier):
                    self._tell(self._webhooks, insurer, insurer.webhook, call)
            return outcome
        try:
            self._tell(self._webhooks, insurer, insurer.webhook, call)
        except NotTaken:
            return CallOutcome(key=call.key, at=self._at, deferred=True, by=Way.WEBHOOK)
        except RefusedByCarrier as why:
            return self._write(call).model_copy(update={"webhook_problem": why.args[0]})
        return CallOutcome(key=call.key, at=self._at, by=Way.WEBHOOK, party_contact=insurer.webhook.host)

    def _tell(self, webhooks: Webhooks, insurer: Insurer, webhook: Webhook, call: PartnerCall) -> None:
        if insurer.id in self._not_taken:
            raise NotTaken("")  # asked a moment ago: a second wait would be as vain
        event = cloud_event(call, self._firm, self._request.contact, self._request.dossier, self._at)
        result = CallResult.TAKEN
        try:
            webhooks.call(insurer, webhook, event.as_sent())
        except NotTaken:
            self._not_taken.add(insurer.id)
            result = CallResult.DEFERRED
            raise
        except RefusedByCarrier:
            result = CallResult.REFUSED
            raise
        finally:
            kind = type_of_call(self._firm, call)
            self._made.append(SentCall(insurer.id, call.reference, kind, call.key, result))

    def _message(self, call: PartnerCall, to: Mailbox) -> Outgoing:
        dossier, contact = self._request.dossier, self._request.contact
        if dossier is None or call.kind is not CallKind.HAND_OVER:
            return compose_call(call, self._firm, to, contact)
        letters = self._letters_of(call.reference) if self._letters_of else []
        along = enclosures(call.reference, dossier, letters)
        return compose_call(call, self._firm, to, contact, in_words(dossier, len(along) - 1), along)

    def _write(self, call: PartnerCall) -> CallOutcome:
        try:
            to = addressee(self._firm, call)
            self._carrier.send(self._message(call, to), self._at, attempt=1)
        except NobodyToCall as why:
            return CallOutcome(key=call.key, at=self._at, problem=why.args[0])
        except UnusableAddress:
            return CallOutcome(key=call.key, at=self._at, problem=_UNUSABLE)
        except TemplateError as error:
            return CallOutcome(key=call.key, at=self._at, problem=_UNWRITABLE.format(fault=type(error).__name__))
        except NotTaken:
            return CallOutcome(key=call.key, at=self._at, deferred=True, by=Way.EMAIL)
        except RefusedByCarrier as why:
            return CallOutcome(key=call.key, at=self._at, problem=why.args[0])
        except InDoubt:
            pass  # a Party that reads the same request twice is not harmed
        return CallOutcome(key=call.key, at=self._at, party_contact=to.address, by=Way.EMAIL)
