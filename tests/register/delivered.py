"""A rehearsal whose letters are really written, and whose attempts really stand in the ledger of a register."""

from datetime import timedelta
from typing import Any

from activities.notify.deliver import content_of
from activities.notify.outgoing import compose_outgoing
from activities.register.database import Register
from activities.register.dossiers import Dossiers
from activities.register.ledger import Ledger
from activities.register.tables import AttemptState, SettledBy
from tests.rehearsal import FIRM, MONDAY, Rehearsal, complaint, paris
from workflows.procedure import acts
from workflows.procedure.delivery import after_the_carrier
from workflows.procedure.one_letter import LetterPlan
from workflows.procedure.vocabulary import LetterStatus

_STATES = {
    LetterStatus.SENT: AttemptState.ACCEPTED,
    LetterStatus.QUEUED: AttemptState.QUEUED,
    LetterStatus.DEFERRED: AttemptState.NOT_TAKEN,
    LetterStatus.DOUBTFUL: AttemptState.DOUBTFUL,
    LetterStatus.FAILED: AttemptState.REFUSED,
}


class Delivered(Rehearsal):
    """One complaint, whose letters leave bytes behind."""

    def __init__(self, register: Register, message: dict[str, Any] | None = None) -> None:
        """Open it; each of its states is to be written into `register` by `keep`."""
        self._register, self._ledger = register, Ledger(register)
        super().__init__(message)

    def keep(self) -> "Delivered":
        """Write the dossier into the register as it stands."""
        assert Dossiers(self._register).record(self.dossier.carried())
        return self

    def _carry(self, plan: LetterPlan) -> None:
        assert plan.order is not None
        status = LetterStatus.QUEUED if plan.order.channel == "post" else self.carrier
        outgoing = compose_outgoing(FIRM(), self.dossier.reference, plan.order, self.now)
        content, media_type = content_of(outgoing, self.now)
        attempt, ours = self._ledger.begin(
            outgoing.reference, outgoing.key, "sendgrid", content, media_type, outgoing.template, self.now
        )
        assert ours
        told = None if status in (LetterStatus.SENT, LetterStatus.QUEUED) else "503"
        proof = f"sg-{attempt.sha256[:12]}" if status is LetterStatus.SENT else None
        self._ledger.settle(
            outgoing.key, attempt.number, _STATES[status], SettledBy.ANSWER, provider_id=proof, detail=told
        )
        record = plan.record.model_copy(
            update={
                "status": status, "sent_at": self.now if status is LetterStatus.SENT else None, "problem": told,
                "template": outgoing.template, "proof": proof, "sha256": attempt.sha256, "carrier": "sendgrid",
                "attempt": attempt.number,
            }
        )  # fmt: skip
        record = after_the_carrier(self.case, record, self.now, None)
        self.dossier.act(
            acts.LETTER_ENTRIES[status], self.now, self.now, record.model_dump(mode="json", exclude_defaults=True)
        )


REASONS = (
    "Le contrat exclut le vol sans effraction (article 4.2).\n\n"
    "Le rapport d'expertise du 4 janvier 2027 ne relève aucune trace d'effraction sur les serrures ni sur les vitres."
)


def long_life(register: Register, **changes: Any) -> Delivered:
    """Tell of a complaint by phone, then in writing, with a lawyer, twice before the mediator, to an opinion."""
    story = Delivered(register, complaint(channel="phone", sent_on=None, insurer=None, policy_number=None, **changes))

    def on(days: int, hour: int = 10) -> Delivered:
        story.until(paris(MONDAY + timedelta(days=days), hour))
        return story

    on(1).hear("note_added", by="c-101", text="Le client a rappelé, il écrira.")
    on(3).hear(
        "written_complaint_received", by="c-101", channel="post",
        sent_on=str(MONDAY + timedelta(days=2)), received_on=str(MONDAY + timedelta(days=3)),
    )  # fmt: skip
    on(4).hear("details_given", by="c-101", policy_number="AUTO-2024-118", insurer="assureur-exemple")
    on(7).hear("mediation_ended", by="c-101", outcome="opinion")
    on(9).hear(
        "source_joined", by="c-101", source="lawyer", received_by="broker",
        representative={"name": "Maître Petit", "email": "petit@example.org", "mandate": True, "reference": "P/26"},
    )  # fmt: skip
    on(12).hear(
        "partner_answered", by="gestion@assureur-exemple.fr", party="insurer", answer="La garantie vol est acquise ?",
        documents=["expertise.pdf", "conditions-particulieres.pdf"],
    )  # fmt: skip
    story.carrier = LetterStatus.DEFERRED
    on(14, 17)
    story.carrier = LetterStatus.SENT
    on(20).hear("mediator_seized", by="c-101", addressed_to="broker", mediator_reference="MED-77")
    on(24).hear("mediation_ended", by="c-101", outcome="premature")
    on(30).hear("response_given", by="c-101", id="wrong", decision="upheld", reasons="Erreur de dossier.")
    on(30, 11).hear("recorded_in_error", by="c-101", event_id="wrong", reason="Réponse d'un autre dossier.")
    on(45).hear("estimate_given", by="c-101", expected_on="2027-01-20", situation="Nous attendons l'expert.")
    on(50).hear("results_known", by="c-101", decision="partly_upheld", reasons=REASONS)
    on(52).hear(
        "response_given", by="c-102", id="answer", decision="partly_upheld", reasons=REASONS,
        offer={"amount": "1250.50", "currency": "EUR", "terms": "Solde de tout compte, sous 30 jours."},
    )  # fmt: skip
    on(60).hear("customer_rejects", by="c-101", reasons="L'offre ne couvre pas le véhicule.")
    on(75).hear("response_given", by="c-102", id="second", decision="rejected", reasons=REASONS)
    on(90).hear("customer_rejects", by="c-101", reasons="Toujours pas.")
    on(95).hear("mediator_seized", by="c-101", addressed_to="broker", mediator_reference="MED-91")
    on(100).hear("reply_filed", by="c-102", to="mediator", filed_on=str(MONDAY + timedelta(days=99)))
    on(150).hear("mediation_ended", by="c-102", outcome="opinion", opinion_favours="insurer", accepted=False)
    return story.keep()
