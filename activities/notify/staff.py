"""What is said to the firm's own people: the notices the rules want told, and why a letter could not leave."""

from collections.abc import Iterable
from datetime import date

from activities.firm.people import Person, next_return, on_duty
from activities.firm.schema import Firm
from activities.notify.clean import one_line
from activities.notify.letters import environment
from activities.notify.mail import Mailbox, Outgoing, Tray, usable
from activities.notify.outbox import PAGES
from activities.notify.wording import full_date
from workflows.procedure.orders import Contact, StaffRole
from workflows.procedure.vocabulary import Language

_SENTENCES: dict[str, tuple[str, str]] = {
    "subject": ("Dossier {reference} : message à lire", "Complaint {reference}: a message for you"),
    "stood_in": (
        "En l'absence de {who} ({back}), ce message est adressé à qui assure son intérim.",
        "{who} is away ({back}): this message goes to whoever stands in.",
    ),
    "back_on": ("retour le {back}", "back on {back}"),
    "until_further_notice": ("jusqu'à nouvel ordre", "until further notice"),
    "to_post_subject": ("Dossier {reference} : une lettre à poster", "Complaint {reference}: a letter to post"),
    "to_post": (
        "Une lettre est à poster aujourd'hui : {file}\n\nImprimez-la, postez-la et confirmez l'envoi "
        "(delivery_reported, status « posted », letter_id {letter}). Sans confirmation, elle ne compte pas comme "
        "envoyée.",
        "A letter is to be posted today: {file}\n\nPrint it, post it and confirm that it left (delivery_reported, "
        "status “posted”, letter_id {letter}). Without confirmation it does not count as sent.",
    ),
    "incomplete": (
        "il y manque {missing}. Complétez le dossier, ou le modèle de lettre s'il a été modifié.",
        "it lacks {missing}. Complete the file, or the letter's template if it was edited.",
    ),
    "unwritable": (
        "le modèle de lettre ne peut pas être composé ({fault}). Corrigez-le, puis relancez l'envoi.",
        "the letter's template cannot be written out ({fault}). Correct it, then have it sent again.",
    ),
    "unusable_address": (
        "l'adresse électronique du destinataire n'est pas utilisable. Corrigez-la avec details_given.",
        "the recipient's e-mail address cannot be used. Correct it with details_given.",
    ),
    "no_postal_address": (
        "le destinataire n'a pas d'adresse postale. Complétez avec details_given.",
        "the recipient has no postal address. Complete with details_given.",
    ),
    "unprintable_address": (
        "l'adresse du destinataire contient des caractères qui ne peuvent pas être imprimés. Donnez-la en lettres "
        "latines avec details_given.",
        "the recipient's address has characters that cannot be printed. Give it in Latin letters with details_given.",
    ),
    "no_such_way": (
        "une lettre part par courriel ou par la poste, non par « {channel} ».",
        "a letter leaves by e-mail or by post, not by “{channel}”.",
    ),
    "field:reference": ("la référence", "the reference"),
    "field:received_on": ("la date de réception", "the date received"),
    "field:contact.name": ("le nom de la personne en charge", "the name of the person in charge"),
    "field:contact.reach": ("le moyen de la joindre", "the way to reach that person"),
    "field:mediation": (
        "les coordonnées du médiateur (ou l'absence de médiation)",
        "the mediation scheme (or that none is open)",
    ),
    "field:expected_on": ("la date prévue de réponse", "the expected date"),
    "field:situation": ("la situation du dossier", "the situation"),
    "field:decision": ("la décision", "the decision"),
    "field:reasons": ("les raisons de la décision", "the reasons"),
    "field:help": ("l'aide proposée", "the help offered"),
    "field:offer": ("les termes de l'offre", "the terms of the offer"),
}


def say(language: Language, code: str, **values: object) -> str:
    """Say the sentence `code` to staff."""
    french, english = _SENTENCES[code]
    return (french if language is Language.FR else english).format(**values)


def fields(language: Language, missing: Iterable[str]) -> str:
    """Name the compulsory fields that are missing, in prose."""
    return ", ".join(say(language, f"field:{name}") for name in missing)


def service(firm: Firm) -> Mailbox:
    """Give the mailbox of the firm's complaints service, which sends everything."""
    return Mailbox(f"{firm.name} – {firm.complaints_service}", firm.email)


def recipients(
    firm: Firm, contact: Contact | None, roles: Iterable[StaffRole], on: date, never: str | None = None
) -> tuple[Mailbox, ...]:
    """Say who is told on `on` (a Paris civil date): the contact, the managers; those away are stood in for.

    Without a contact it is the managers, and the service failing all. The service is told too when nobody is on duty:
    a word that only an absent person gets is a word to nobody. `never`: whom the complaint is about, by id.
    """
    wanted, told = set(roles), _Told(firm, on, never)
    if StaffRole.CONTACT in wanted and contact and contact.id != never:
        told.add(firm.person(contact.id), contact.name, contact.email)
    if StaffRole.MANAGER in wanted or not told.mailboxes:
        managers = [manager for manager in firm.managers if manager.id != never]
        for manager in [each for each in managers if each.present(on)] or managers:
            told.add(manager, manager.name, manager.email)
    if not told.somebody_is_there:
        told.mailboxes.setdefault(firm.email.casefold(), service(firm))
    return tuple(told.mailboxes.values())


class _Told:
    """Collects mailboxes, each once; of a person who is away, that of whoever is on duty instead."""

    def __init__(self, firm: Firm, on: date, never: str | None) -> None:
        self._people = [person for person in firm.people if person.id != never]
        self._on = on
        self.mailboxes: dict[str, Mailbox] = {}
        self.somebody_is_there = False

    def add(self, person: Person | None, name: str, email: str) -> None:
        """Add a person: under this name and address while they are present, or are not in the firm's file."""
        there = on_duty(person, self._on, self._people) if person else None
        if there and there is not person:
            name, email = there.name, there.email
        if usable(email):
            self.mailboxes.setdefault(email.casefold(), Mailbox(name, email))
            self.somebody_is_there |= person is None or there is not None


def foreword(firm: Firm, contact: Contact | None, roles: Iterable[StaffRole], on: date) -> str:
    """Say that a word meant for the contact goes to whoever stands in on `on`; nothing when the contact is there."""
    person = firm.person(contact.id) if contact and StaffRole.CONTACT in set(roles) else None
    if person is None or person.present(on):
        return ""
    back, language = next_return(person, on), firm.staff_language
    said = say(language, "back_on", back=full_date(back, language)) if back else say(language, "until_further_notice")
    return say(language, "stood_in", who=person.name, back=said) + "\n\n"


def plain_message(
    firm: Firm,
    *,
    reference: str,
    key: str,
    tray: Tray,
    to: tuple[Mailbox, ...],
    subject: str,
    text: str,
    template: str,
    language: Language,
    reply_to: Mailbox | None = None,
) -> Outgoing:
    """Make a message between professionals: the text as it stands, and a page that shows it."""
    page = environment(PAGES).get_template("message.html.j2")
    return Outgoing(
        reference=reference,
        key=key,
        tray=tray,
        subject=one_line(subject),
        text=text,
        html=page.render(language=language, subject=one_line(subject), text=text),
        template=template,
        sender=service(firm),
        to=to,
        reply_to=reply_to,
    )
