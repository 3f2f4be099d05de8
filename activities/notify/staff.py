"""What is said to the firm's own people: the notices the rules want told, and why a letter could not leave."""

from collections.abc import Iterable

from activities.firm.schema import Firm
from activities.notify.clean import one_line
from activities.notify.letters import environment
from activities.notify.mail import Mailbox, Outgoing, Tray, usable
from activities.notify.outbox import PAGES
from workflows.procedure.orders import Contact, StaffRole
from workflows.procedure.vocabulary import Language

_SENTENCES: dict[str, tuple[str, str]] = {
    "subject": ("Dossier {reference} : message à lire", "Complaint {reference}: a message for you"),
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


def recipients(firm: Firm, contact: Contact | None, roles: Iterable[StaffRole]) -> tuple[Mailbox, ...]:
    """Say who is told: the contact, the managers; without a contact the managers, and the service failing all."""
    people: dict[str, Mailbox] = {}
    wanted = set(roles)
    if StaffRole.CONTACT in wanted and contact and usable(contact.email):
        people[contact.email.casefold()] = Mailbox(contact.name, contact.email)
    if StaffRole.MANAGER in wanted or not people:
        for manager in firm.managers:
            if usable(manager.email):
                people.setdefault(manager.email.casefold(), Mailbox(manager.name, manager.email))
    return tuple(people.values()) or (service(firm),)


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
