"""What people read instead of ids: French and English words for levels, stages, clocks, letters, Parties, states.

What came from outside passes through `one_line` and is put into `Text`: it can neither move the cursor of a terminal
nor be taken for markup.
"""

from dataclasses import dataclass

from rich.text import Text

from activities.notify.clean import one_line
from workflows.procedure.vocabulary import Language

LABELS: dict[str, dict[str, tuple[str, str]]] = {
    # The table of the published procedure, "Niveau de Réclamation / Traitement".
    "level": {
        "1": (
            "réclamation reçue directement et ne relevant pas d'un niveau supérieur",
            "received directly, no higher level applies",
        ),
        "2a": (
            "réclamation adressée suite à une première réponse apportée en niveau 1",
            "sent after a first answer given at level 1",
        ),
        "2b": ("réclamation dite sensible", "sensitive complaint"),
        "3": ("réclamation provenant du médiateur", "from the mediator"),
        "4": ("assignation en justice", "summons before a court"),
    },
    "stage": {
        "investigating": ("en cours d'examen", "under investigation"),
        "results_known": ("résultats connus, réponse à donner", "results known, answer to be given"),
        "answered": ("réponse donnée", "answered"),
        "mediation": ("en médiation", "in mediation"),
        "litigation": ("en justice", "in court"),
        "closed": ("clos", "closed"),
    },
    "party": {"broker": ("le courtier", "the broker"), "insurer": ("la compagnie", "the insurer")},
    # Without their number of days: the firm's file sets it.
    "clock": {
        "acknowledgement": ("accusé de réception", "acknowledgement"),
        "holding_letter": ("lettre d'attente", "holding letter"),
        "status_letter": ("point de situation", "status letter"),
        "promised_date": ("date annoncée au client", "date announced to the customer"),
        "resolution_letter": ("lettre de résolution", "resolution letter"),
        "final_answer": ("réponse écrite", "written answer"),
        "mediation_window": ("saisine du médiateur", "right to the mediator"),
        "partner_help": ("réponse de l'autre Partie", "answer of the other Party"),
        "mediator_reply": ("réponse au médiateur", "reply to the mediator"),
        "court_appearance": ("constitution d'avocat", "appearance before the court"),
    },
    "basis": {
        "acknowledgement": ("ACPR 2024-R-02", "ACPR 2024-R-02"),
        "holding_letter": ("procédure, § 2", "procedure, § 2"),
        "status_letter": ("procédure, § 4", "procedure, § 4"),
        "promised_date": ("procédure, § 4", "procedure, § 4"),
        "resolution_letter": ("procédure, § 5", "procedure, § 5"),
        "final_answer": ("ACPR 2024-R-02", "ACPR 2024-R-02"),
        "mediation_window": ("C. conso. L. 612-2", "C. conso. L. 612-2"),
        "partner_help": ("délai convenu entre les Parties", "agreed between the Parties"),
        "mediator_reply": ("délai fixé par le médiateur", "set by the mediator"),
        "court_appearance": ("CPC 763", "CPC 763"),
    },
    "kind": {
        "commitment": ("engagement", "commitment"),
        "regulatory": ("réglementaire", "regulatory"),
        "procedural": ("procédure", "procedural"),
    },
    "clock_state": {
        "running": ("en cours", "running"),
        "kept": ("tenue", "kept"),
        "breached": ("manquée", "missed"),
        "dropped": ("sans objet", "dropped"),
    },
    # The right to the mediator is the customer's: it is open or over, neither kept nor missed.
    "window_state": {
        "running": ("court", "running"),
        "kept": ("terminée", "over"),
        "dropped": ("sans objet", "dropped"),
    },
    "letter": {
        "acknowledgement": ("accusé de réception", "acknowledgement"),
        "written_invitation": ("invitation à écrire", "invitation to write"),
        "holding": ("lettre d'attente", "holding letter"),
        "status": ("point de situation", "status letter"),
        "progress": ("lettre de suivi", "progress letter"),
        "two_months": ("lettre des deux mois", "two-months letter"),
        "resolution": ("lettre de résolution", "resolution letter"),
        "exhausted": ("voies internes épuisées", "no further internal level"),
        "contact_change": ("changement d'interlocuteur", "change of contact"),
        "transfer": ("transmission à la compagnie", "transfer to the insurer"),
        "withdrawal": ("confirmation du retrait", "confirmation of the withdrawal"),
    },
    "letter_status": {
        "sent": ("envoyée", "sent"),
        "queued": ("à poster", "to be posted"),
        "failed": ("non partie", "not sent"),
        "deferred": ("attend le service d'envoi", "waits for the carrier"),
        "dropped": ("sans objet", "dropped"),
        "doubtful": ("peut-être partie", "in doubt"),
        "lost": ("perdue", "lost"),
        "delivered": ("remise", "delivered"),
        "bounced": ("rejetée par la messagerie", "bounced"),
        "blocked": ("bloquée", "blocked"),
        "returned": ("retournée", "returned"),
        "posted": ("postée", "posted"),
    },
    "way": {"webhook": ("par webhook", "by webhook"), "email": ("par courriel", "by e-mail")},
    "request_status": {
        "open": ("sans réponse", "unanswered"),
        "answered": ("répondue", "answered"),
        "withdrawn": ("retirée", "withdrawn"),
    },
    "channel": {
        "email": ("courriel", "e-mail"),
        "phone": ("téléphone", "phone"),
        "post": ("courrier", "post"),
        "web": ("site web", "web site"),
        "portal": ("espace client", "portal"),
    },
    "sent_by": {
        "system": ("le service, maintenant", "this service, now"),
        "staff": ("nous-mêmes, c'est fait", "we have sent it ourselves"),
    },
    "role": {
        "intake": ("accueil", "intake"),
        "handler": ("gestionnaire", "handler"),
        "manager": ("responsable", "manager"),
        "partner": ("compagnie", "insurer"),
        "auditor": ("contrôle", "auditor"),
        "operator": ("exploitation", "operator"),
    },
    "decision": {
        "upheld": ("acceptée", "upheld"),
        "partly_upheld": ("acceptée en partie", "partly upheld"),
        "rejected": ("rejetée", "rejected"),
    },
    "answer": {
        "upheld": ("acceptée", "upheld"),
        "partly_upheld": ("acceptée en partie", "partly upheld"),
        "rejected": ("rejetée", "rejected"),
        "withdrawn": ("retirée avant réponse", "withdrawn before an answer"),
        "unanswered": ("sans réponse à ce jour", "no answer yet"),
    },
    "redress_basis": {"offered": ("proposée", "offered"), "paid": ("versée", "paid")},
    "delay": {
        "within_10_days": ("10 jours au plus", "within 10 days"),
        "within_2_months": ("2 mois au plus", "within 2 months"),
        "over_2_months": ("plus de 2 mois", "over 2 months"),
        "unanswered": ("sans réponse", "unanswered"),
    },
    "acknowledged": {
        "in_time": ("dans le délai", "in time"),
        "late": ("hors délai", "out of time"),
        "pending": ("délai en cours", "time still running"),
        "not_owed": ("sans objet", "not owed"),
    },
    "mediation_result": {
        "inadmissible": ("irrecevable", "inadmissible"),
        "premature": ("prématurée", "premature"),
        "withdrawn": ("retirée", "withdrawn"),
        "settled": ("accord", "settled"),
        "opinion_for_complainant": ("avis favorable au réclamant", "opinion for the complainant"),
        "opinion_against_complainant": ("avis défavorable au réclamant", "opinion against the complainant"),
        "opinion_not_stated": ("avis, sens non indiqué", "opinion, for whom not stated"),
    },
    "outcome": {
        "inadmissible": ("irrecevable", "inadmissible"),
        "premature": ("prématurée", "premature"),
        "withdrawn": ("retirée", "withdrawn"),
        "settled": ("accord", "settled"),
        "opinion": ("avis rendu", "opinion given"),
    },
    "source": {
        "customer": ("client", "customer"),
        "lawyer": ("avocat", "lawyer"),
        "legal_protection_insurer": ("assurance de protection juridique", "legal protection insurer"),
        "france_assureurs": ("France Assureurs", "France Assureurs"),
        "defenseur_des_droits": ("Défenseur des droits", "Défenseur des droits"),
        "dgccrf": ("DGCCRF", "DGCCRF"),
        "dreets": ("DREETS", "DREETS"),
        "acpr": ("ACPR", "ACPR"),
        "eu_odr": ("plateforme européenne de règlement en ligne", "European ODR platform"),
        "journalist": ("journaliste", "journalist"),
        "signalconso": ("SignalConso", "SignalConso"),
        "mediator": ("médiateur", "mediator"),
        "court": ("tribunal", "court"),
    },
    "closed_by": {
        "withdrawn": ("retrait du client", "withdrawn by the customer"),
        "customer_accepts": ("accepté par le client", "accepted by the customer"),
        "litigation_ended": ("fin de l'instance", "court proceedings ended"),
        "mediation_settled": ("accord en médiation", "settled in mediation"),
        "mediation_opinion": ("avis du médiateur", "opinion of the mediator"),
        "window_ended": ("délai de saisine du médiateur écoulé", "the time for the mediator has passed"),
    },
    "entry_status": {
        "refused": ("refusé", "refused"),
        "waiting": ("en attente", "waiting"),
        "duplicate": ("déjà reçu", "duplicate"),
        "voided": ("annulé", "voided"),
    },
    "because": {
        "round": ("nouveau tour", "new round"),
        "calendar": ("calendrier modifié", "calendar changed"),
        "days": ("calendrier prolongé", "calendar extended"),
    },
    "field": {
        "policy_number": ("numéro de contrat", "policy number"),
        "insurer": ("assureur", "insurer"),
        "complainant": ("réclamant", "complainant"),
        "representative": ("représentant", "representative"),
        "sent_on": ("date d'envoi", "date of sending"),
        "steps_taken": ("démarches déjà faites", "steps already taken"),
    },
    "complainant_kind": {
        "policyholder": ("souscripteur", "policyholder"),
        "insured": ("assuré", "insured"),
        "former_customer": ("ancien client", "former customer"),
        "beneficiary": ("bénéficiaire", "beneficiary"),
        "prospect": ("prospect", "prospect"),
        "third_party": ("tiers", "third party"),
        "heir": ("héritier", "heir"),
        "other": ("autre", "other"),
    },
    "language": {"fr": ("français", "French"), "en": ("anglais", "English")},
    "attempt_state": {
        "open": ("sans réponse encore", "no answer yet"),
        "accepted": ("acceptée", "accepted"),
        "queued": ("à poster", "to be posted"),
        "not_taken": ("non prise", "not taken"),
        "refused": ("refusée", "refused"),
        "doubtful": ("douteuse", "doubtful"),
        "lost": ("perdue", "lost"),
    },
    "mail_flag": {
        "unreadable": (
            "Le message n'a pas pu être lu en entier : voyez ci-dessous ce qui a pu l'être.",
            "The message could not be read whole: below is what could be.",
        ),
        "several_references": (
            "Plusieurs références y figurent : dites à quel dossier il appartient.",
            "It names several references: say to which complaint it belongs.",
        ),
        "unknown_reference": ("La référence qu'il cite n'existe pas.", "The reference it names does not exist."),
        "other_sender": (
            "L'expéditeur n'est pas l'adresse connue du réclamant.",
            "The sender is not the complainant's known address.",
        ),
    },
    "file_verdict": {
        "program": ("programme", "program"),
        "not_what_it_says": ("n'est pas ce que dit son nom", "not what its name says"),
        "broken": ("archive abîmée", "broken archive"),
        "locked": ("archive chiffrée", "locked archive"),
        "bomb": ("archive démesurée", "archive that explodes"),
    },
    "to": {"mediator": ("au médiateur", "to the mediator"), "court": ("au tribunal", "to the court")},
    # Why a day did not count. Holidays and closures bear French names; a name not known here is shown as it is.
    "closed_day": {
        "Saturday": ("samedi", "Saturday"),
        "Sunday": ("dimanche", "Sunday"),
        "Jour de l'an": ("Jour de l'an", "New Year's Day"),
        "Lundi de Pâques": ("Lundi de Pâques", "Easter Monday"),
        "Fête du Travail": ("Fête du Travail", "Labour Day"),
        "Fête de la Victoire": ("Fête de la Victoire", "Victory Day"),
        "Ascension": ("Ascension", "Ascension Day"),
        "Lundi de Pentecôte": ("Lundi de Pentecôte", "Whit Monday"),
        "Fête nationale": ("Fête nationale", "Bastille Day"),
        "Assomption": ("Assomption", "Assumption Day"),
        "Toussaint": ("Toussaint", "All Saints' Day"),
        "Armistice": ("Armistice", "Armistice Day"),
        "Noël": ("Noël", "Christmas Day"),
    },
    "event": {
        "opened": ("Réclamation reçue", "Complaint received"),
        "procedure_pinned": ("Procédure du cabinet relue", "The firm's procedure was read again"),
        "reopened": ("Dossier rouvert", "Complaint reopened"),
        "contact_assigned": ("Interlocuteur désigné", "Contact assigned"),
        "contact_missing": ("Personne ne peut prendre le dossier en charge", "Nobody can take charge"),
        "letter_sent": ("Envoyé au client", "Sent to the customer"),
        "letter_queued": ("Prêt à poster", "Ready to be posted"),
        "letter_failed": ("Courrier non parti", "Letter not sent"),
        "letter_deferred": ("Courrier en attente du service d'envoi", "Letter waiting for the carrier"),
        "letter_doubtful": ("Courrier peut-être parti", "Letter in doubt"),
        "doubt_lasts": ("Le doute demeure, une personne décide", "Still in doubt, a person decides"),
        "staff_not_reached": ("Le cabinet n'a pas encore pu être prévenu", "Staff could not be told yet"),
        "partner_call_deferred": (
            "L'autre Partie n'a pas encore pu être jointe",
            "The other Party could not be reached yet",
        ),
        "staff_told": ("Le cabinet est prévenu", "Staff were told"),
        "help_requested": ("Aide demandée à l'autre Partie", "Help asked of the other Party"),
        "help_reminded": ("Rappel à l'autre Partie", "The other Party was reminded"),
        "help_insisted": ("Relance du responsable de l'autre Partie", "The other Party's manager was written to"),
        "dossier_handed_over": ("Dossier transmis à l'autre Partie", "Dossier handed over to the other Party"),
        "partner_informed": ("L'autre Partie est informée", "The other Party was informed"),
        "help_withdrawn": ("Demande d'aide retirée", "Request for help taken back"),
        "partner_unreachable": ("L'autre Partie n'a pas pu être jointe", "The other Party could not be reached"),
        "clock_warned": ("Échéance du jour", "Deadline of the day"),
        "clock_breached": ("Échéance manquée", "Deadline missed"),
        "window_ended": ("Le délai de saisine du médiateur est écoulé", "The time for the mediator has passed"),
        "response_given": ("Réponse donnée", "Answer given"),
        "customer_rejects": ("Le client conteste la réponse", "The customer contests the answer"),
        "mediator_seized": ("Le médiateur est saisi", "The mediator is seized"),
        "summons_served": ("Assignation en justice", "Summons before a court"),
        "results_known": ("Résultats connus", "Results known"),
        "estimate_given": ("Date prévue", "Date expected"),
        "source_joined": ("S'est joint au dossier", "Joined the complaint"),
        "written_complaint_received": ("Réclamation écrite reçue", "Written complaint received"),
        "details_given": ("Dossier complété", "Details given"),
        "partner_answered": ("Réponse de l'autre Partie", "Answer of the other Party"),
        "help_wanted": ("Aide demandée par une personne", "Help wanted by a person"),
        "help_step_due": ("L'autre Partie est relancée", "The other Party is called on again"),
        "contact_reassigned": ("Changement d'interlocuteur demandé", "Another contact asked for"),
        "customer_accepts": ("Le client accepte la réponse", "The customer accepts the answer"),
        "withdrawn": ("Le client retire sa réclamation", "The customer withdraws the complaint"),
        "mediation_ended": ("Fin de la médiation", "The mediation ended"),
        "litigation_ended": ("Fin de l'instance", "The court proceedings ended"),
        "reply_filed": ("Réponse déposée", "Reply filed"),
        "delivery_reported": ("Acheminement du courrier", "Delivery of the letter"),
        "recorded_in_error": ("Enregistré par erreur", "Recorded in error"),
        "calendar_changed": ("Calendrier du cabinet modifié", "The firm's calendar changed"),
        "note_added": ("Note", "Note"),
        "complaint_classified": ("Classement pour le registre", "Classified for the register"),
    },
}


@dataclass(frozen=True)
class Words:
    """The words of one language."""

    language: Language

    def __call__(self, category: str, value: object) -> str:
        """Name `value`; what has no name of its own is shown as it is, made harmless."""
        pair = LABELS[category].get(str(value))
        return self.choose(*pair) if pair else one_line(str(value))

    def choose(self, french: str, english: str) -> str:
        """Give the one of two texts that is in this language."""
        return french if self.language is Language.FR else english

    @property
    def nobody(self) -> str:
        """Stand for a person or a Party where there is none."""
        return "–"


def shown(value: object, style: str = "", longest: int = 200) -> Text:
    """Put a value on the screen exactly as it reads: never as markup, never as a control of the terminal."""
    return Text(one_line(str(value), longest), style=style)
