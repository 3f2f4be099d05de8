"""One realistic order for each letter: an invented complaint about a stolen car, told in the letter's language."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from activities.firm.schema import Firm
from workflows.procedure.events import Offer
from workflows.procedure.orders import Contact, LetterFacts, LetterOrder, Recipient
from workflows.procedure.vocabulary import Channel, Decision, Language, LetterKind, Party

REFERENCE = "REC-2026-7F3K9Q"

_DATED = {
    LetterKind.ACKNOWLEDGEMENT: date(2026, 11, 23),
    LetterKind.WRITTEN_INVITATION: date(2026, 11, 23),
    LetterKind.TRANSFER: date(2026, 11, 25),
    LetterKind.CONTACT_CHANGE: date(2026, 12, 1),
    LetterKind.HOLDING: date(2026, 12, 7),
    LetterKind.WITHDRAWAL: date(2026, 12, 14),
    LetterKind.STATUS: date(2027, 1, 20),
    LetterKind.TWO_MONTHS: date(2027, 1, 22),
    LetterKind.PROGRESS: date(2027, 2, 17),
    LetterKind.RESOLUTION: date(2027, 2, 24),
    LetterKind.EXHAUSTED: date(2027, 3, 10),
}
_EXPECTED = {
    LetterKind.HOLDING: date(2027, 1, 20),
    LetterKind.STATUS: date(2027, 2, 17),
    LetterKind.TWO_MONTHS: date(2027, 2, 19),
    LetterKind.PROGRESS: date(2027, 3, 17),
}
_WORDS = {
    Language.FR: {
        "name": "Anne Martin",
        "address": "Résidence du Sacré-Cœur\n12 bis rue des Œillets\n10000 Troyes",
        "situation": "Le rapport de l'expert a été demandé à la compagnie le 30 novembre. Il nous est promis pour le "
        "début du mois de janvier.",
        "reasons": "Votre compagnie a refusé l'indemnité au motif que le vol lui avait été déclaré hors délai. Votre "
        "déclaration a pourtant été reçue dans les deux jours ouvrés que prévoit l'article 14 des conditions "
        "générales : ce motif est écarté.\n\nLa valeur du véhicule, en revanche, a été estimée conformément au "
        "contrat. L'expert a retenu 11 400,00 €, dont il a déduit la franchise de 450,00 € et 1 200,00 € pour l'état "
        "d'entretien ; aucun des éléments que vous nous avez transmis ne permet de revenir sur cette estimation.",
        "terms": "Cette somme est versée dans les quinze jours qui suivent votre accord, sur le compte dont vous "
        "nous indiquerez les coordonnées. Elle vous reste acquise si vous contestez par ailleurs l'estimation.",
    },
    Language.EN: {
        "name": "Oliver Hartley",
        "address": "Flat 3, Résidence du Sacré-Cœur\n12 bis rue des Œillets\n10000 Troyes",
        "situation": "The expert's report was requested from the insurer on 30 November. We have been promised it for "
        "the beginning of January.",
        "reasons": "Your insurer refused the indemnity because the theft had been reported too late. Your report was "
        "in fact received within the two business days that article 14 of the general terms allows: that ground is "
        "set aside.\n\nThe value of the vehicle, on the other hand, was assessed as the contract provides. The expert "
        "set it at €11,400.00, from which he deducted the excess of €450.00 and €1,200.00 for the vehicle's "
        "condition; nothing you have sent us allows this valuation to be reopened.",
        "terms": "This sum is paid within fifteen days of your agreement, to the account whose details you give us. "
        "It remains yours should you go on disputing the valuation.",
    },
}


@dataclass(frozen=True)
class Sample:
    """An order, and the day the letter bears (a Paris civil date)."""

    order: LetterOrder
    on: date


def sample(kind: LetterKind, language: Language, by: Channel, firm: Firm, **facts: Any) -> Sample:
    """Give the sample of a letter that leaves `by` e-mail or post; `facts` replace its own."""
    words = _WORDS[language]
    person = next(iter(firm.managers))
    stated: dict[str, Any] = {
        "reference": REFERENCE,
        "received_on": date(2026, 11, 23),
        "channel": Channel.PHONE if kind is LetterKind.WRITTEN_INVITATION else Channel.EMAIL,
        "consumer": True,
        "handling_party": Party.INSURER if kind is LetterKind.TRANSFER else Party.BROKER,
        "insurer": firm.insurers[0].id if firm.insurers else None,
        "policy_number": "AUTO-2024-118",
        "expected_on": _EXPECTED.get(kind),
        "situation": words["situation"],
        "two_months_on": date(2027, 1, 23),
        "mediation_opens_on": date(2027, 1, 23),
        "mediation_closes_on": date(2027, 11, 23),
    }
    if kind is LetterKind.WRITTEN_INVITATION:  # no written complaint yet
        stated |= dict.fromkeys(("two_months_on", "mediation_opens_on", "mediation_closes_on"))
    if kind is LetterKind.WITHDRAWAL:
        stated["withdrawn_on"] = _DATED[kind]
    if kind is LetterKind.EXHAUSTED:
        stated["answered_on"] = _DATED[LetterKind.RESOLUTION]
    if kind is LetterKind.RESOLUTION:
        stated |= {
            "decision": Decision.PARTLY_UPHELD,
            "reasons": words["reasons"],
            "offer": Offer(amount=Decimal("9750"), terms=words["terms"]),
            "answered_on": _DATED[kind],
        }
    order = LetterOrder(
        letter_id=f"{REFERENCE}/1/{kind}/1",
        kind=kind,
        sections=(kind,),
        serves=(),
        due_on=_DATED[kind],
        channel=by,
        recipient=Recipient(
            name=words["name"], language=language, email="client@example.org", postal_address=words["address"]
        ),
        contact=Contact(id=person.id, name=person.name, phone=person.phone, email=person.email),
        facts=LetterFacts.model_validate(stated | facts),
    )
    return Sample(order, _DATED[kind])
