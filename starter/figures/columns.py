"""The columns of the register as a sheet: what stands at their head, and what of a line stands in them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from starter.figures.line import RegisterLine
from starter.figures.names import Names
from workflows.procedure.vocabulary import ClockName

Cell = str | int | Decimal | date | None


@dataclass(frozen=True)
class Column:
    """One column: its heading in French and in English, its cell, whether it holds personal data."""

    french: str
    english: str
    cell: Callable[[RegisterLine, Names], Cell]
    personal: bool = False
    width: int = 14
    """Characters, in a spreadsheet."""


def columns(*, anonymous: bool) -> list[Column]:
    """Give the columns in their order; `anonymous`: without those that hold personal data."""
    return [column for column in _COLUMNS if not (anonymous and column.personal)]


def _said(category: str, attribute: str) -> Callable[[RegisterLine, Names], Cell]:
    def cell(line: RegisterLine, names: Names) -> Cell:
        value = getattr(line, attribute)
        return None if value is None else names.words(category, value)

    return cell


def _as_it_is(attribute: str) -> Callable[[RegisterLine, Names], Cell]:
    def cell(line: RegisterLine, names: Names) -> Cell:
        value: Cell = getattr(line, attribute)
        return value

    return cell


def _whether(attribute: str) -> Callable[[RegisterLine, Names], Cell]:
    return lambda line, names: _yes_or_no(names, getattr(line, attribute))


def _yes_or_no(names: Names, value: bool | None) -> str | None:
    if value is None:
        return None
    return names.words.choose("oui", "yes") if value else names.words.choose("non", "no")


def _joined(parts: Iterable[str | None]) -> str:
    return " · ".join(part for part in parts if part)


def _levels(line: RegisterLine, names: Names) -> Cell:
    return _joined(f"{change.level} ({change.on})" for change in line.levels)


def _handlers(line: RegisterLine, names: Names) -> Cell:
    return _joined(f"{handler.name or ''} {handler.id} ({handler.on})".strip() for handler in line.handlers)


def _handler_ids(line: RegisterLine, names: Names) -> Cell:
    return _joined(dict.fromkeys(handler.id for handler in line.handlers))


def _extensions(line: RegisterLine, names: Names) -> Cell:
    until = names.words.choose(" jusqu'au ", " until ")
    return _joined(
        f"{names.words('letter', each.kind)} ({each.sent_on}{f'{until}{each.announces}' if each.announces else ''})"
        for each in line.extensions
    )


def _mediator_named(line: RegisterLine, names: Names) -> Cell:
    if line.mediator_named is None:
        return names.words.choose("non ouvert", "none open")
    return _yes_or_no(names, line.mediator_named)


def _sources(line: RegisterLine, names: Names) -> Cell:
    return _joined(names.words("source", source) for source in line.sensitive_sources)


def _outcome_of_mediation(line: RegisterLine, names: Names) -> Cell:
    return _joined(
        " ".join(filter(None, [names.words("outcome", each.outcome), each.favours]))
        for each in line.mediations
        if each.outcome
    )


def _breached(clock: ClockName) -> Callable[[RegisterLine, Names], Cell]:
    return lambda line, names: _yes_or_no(names, any(breach.clock is clock for breach in line.breaches))


def _redress(line: RegisterLine, names: Names) -> Cell:
    return names.words("redress_basis", line.redress_basis) if line.redress_basis else None


_BREACHES = {
    ClockName.ACKNOWLEDGEMENT: ("Manqué : accusé de réception", "Missed: acknowledgement"),
    ClockName.FINAL_ANSWER: ("Manqué : réponse en deux mois", "Missed: answer within two months"),
    ClockName.HOLDING_LETTER: ("Manqué : lettre d'attente", "Missed: holding letter"),
    ClockName.STATUS_LETTER: ("Manqué : point de situation", "Missed: status letter"),
    ClockName.PROMISED_DATE: ("Manqué : date annoncée", "Missed: date announced"),
    ClockName.RESOLUTION_LETTER: ("Manqué : lettre de résolution", "Missed: resolution letter"),
    ClockName.PARTNER_HELP: ("Manqué : réponse de l'autre Partie", "Missed: answer of the other Party"),
    ClockName.MEDIATOR_REPLY: ("Manqué : réponse au médiateur", "Missed: reply to the mediator"),
    ClockName.COURT_APPEARANCE: ("Manqué : constitution d'avocat", "Missed: appearance before the court"),
}

_COLUMNS = (
    Column("Référence", "Reference", _as_it_is("reference"), width=18),
    Column("Envoyée le", "Sent on", _as_it_is("sent_on")),
    Column("Date d'envoi supposée", "Date of sending assumed", _whether("sent_on_assumed")),
    Column("Reçue le", "Received on", _as_it_is("received_on")),
    Column("Canal", "Channel", _said("channel", "channel")),
    Column("Reçue par", "Received by", _said("party", "received_by")),
    Column("Qualité du réclamant", "Complainant's quality", _said("complainant_kind", "complainant_kind"), width=18),
    Column("Réclamant", "Complainant", _as_it_is("complainant"), personal=True, width=24),
    Column("Consommateur", "Consumer", _whether("consumer")),
    Column("Représenté", "Represented", _whether("represented")),
    Column("Mandataire", "Representative", _as_it_is("representative"), personal=True, width=24),
    Column("N° de contrat", "Policy number", _as_it_is("policy_number"), personal=True, width=18),
    Column("Produit", "Product", _as_it_is("product"), width=18),
    Column("Assureur", "Insurer", lambda line, names: names.insurer(line.insurer) if line.insurer else None, width=24),
    Column("Objet", "Subject", _as_it_is("summary"), personal=True, width=40),
    Column("Cause", "Cause", lambda line, names: names.cause(line.cause) if line.cause else None, width=24),
    Column("Niveau à l'ouverture", "Level at opening", _as_it_is("opening_level")),
    Column("Niveau", "Level", _as_it_is("level")),
    Column("Niveau le plus élevé", "Highest level", _as_it_is("highest_level")),
    Column("Niveaux successifs", "Levels in turn", _levels, width=30),
    Column("État", "Stage", _said("stage", "stage"), width=18),
    Column("Tours", "Rounds", _as_it_is("rounds")),
    Column("Traitée par", "Handled by", _said("party", "handling_party")),
    Column("Interlocuteurs", "Persons in charge", _handlers, personal=True, width=36),
    Column("Interlocuteurs (codes)", "Persons in charge (ids)", _handler_ids, width=18),
    Column("Accusé de réception le", "Acknowledged on", _as_it_is("acknowledged_on")),
    Column("Lettres de prolongation", "Letters of extension", _extensions, width=40),
    Column("Répondue le", "Answered on", _as_it_is("answered_on")),
    Column("Dernière réponse le", "Last answered on", _as_it_is("last_answered_on")),
    Column("Issue", "Outcome", _said("answer", "outcome"), width=20),
    Column("Motifs", "Reasons", _as_it_is("reasons"), personal=True, width=40),
    Column("Réparation", "Redress", _as_it_is("redress")),
    Column("Devise", "Currency", _as_it_is("redress_currency")),
    Column("Réparation versée ou proposée", "Redress paid or offered", _redress),
    Column("Médiateur indiqué", "Mediator named", _mediator_named),
    Column("Sources sensibles (2b)", "Sensitive sources (2b)", _sources, width=24),
    Column("Médiateur saisi le", "Mediator seized on", lambda line, names: _joined(
        str(each.seized_on) for each in line.mediations
    )),
    Column("Issue de la médiation", "Outcome of the mediation", _outcome_of_mediation, width=24),
    Column("Assignée le", "Summons served on", lambda line, names: _joined(
        str(each.served_on) for each in line.court_cases
    )),
    Column("Issue judiciaire", "Outcome in court", lambda line, names: _joined(
        each.outcome for each in line.court_cases
    ), personal=True, width=24),
    Column("Cause profonde", "Root cause", _as_it_is("root_cause"), width=40),
    Column("Action corrective", "Corrective action", _as_it_is("corrective_action"), width=40),
    Column("Jours depuis l'envoi", "Days from sending", _as_it_is("days_from_sending")),
    Column("Jours ouvrés depuis la réception", "Business days from receipt", _as_it_is("open_days_from_receipt")),
    *(Column(*heading, _breached(clock)) for clock, heading in _BREACHES.items()),
    Column("Close le", "Closed on", _as_it_is("closed_on")),
    Column("Motif de clôture", "Closed by", _said("closed_by", "closed_by"), width=24),
)  # fmt: skip
