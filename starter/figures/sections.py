"""The figures as tables of words and numbers, for the screen and for the report alike: this year beside the last."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from activities.firm.schema import UNCLASSIFIED
from activities.notify.wording import money
from starter.figures.counting import most_first
from starter.figures.figures import NOT_STATED, Figures, YearFigures
from starter.figures.names import Names
from workflows.procedure.vocabulary import Stage

_Word = TypeVar("_Word", bound=str)


@dataclass(frozen=True)
class Row:
    """One figure of both years. `part`: this year's share of its table, in per cent."""

    name: str
    now: str
    before: str
    part: str = ""


@dataclass(frozen=True)
class Section:
    """A table: its title, what it counts, its rows, and the chart that shows the same (its name)."""

    title: str
    counts: str
    rows: tuple[Row, ...]
    chart: str = ""


def sections(figures: Figures, names: Names) -> list[Section]:
    """Give the tables in the order in which they are read."""
    return [
        _movement(figures, names),
        _delay(figures, names),
        _acknowledged(figures, names),
        *_by(figures, names),
        _outcome(figures, names),
        _redress(figures, names),
        _breaches(figures, names),
        _mediations(figures, names),
        _courts(figures, names),
    ]


def _of_received(names: Names) -> str:
    return names.words.choose("des réclamations reçues dans l'année", "of the complaints received in the year")


def _in_the_year(names: Names) -> str:
    return names.words.choose(
        "dans l'année, quelle que soit la date de réception", "in the year, whenever the complaint came in"
    )


def _movement(figures: Figures, names: Names) -> Section:
    words = names.words
    parts: list[tuple[str, Callable[[YearFigures], int]]] = [
        (words.choose("ouvertes au 1er janvier", "open on 1 January"), lambda year: year.movement.open_at_start),
        (words.choose("+ reçues", "+ received"), lambda year: year.movement.received),
        (words.choose("+ rouvertes", "+ reopened"), lambda year: year.movement.reopened),
        (words.choose("− closes", "− closed"), lambda year: year.movement.closed),
        (words.choose("= ouvertes au 31 décembre", "= open on 31 December"), lambda year: year.movement.open_at_end),
    ]
    rows = [_row(name, of(figures.year), of(figures.before)) for name, of in parts]
    of_these = words.choose("dont ", "of these: ")
    now, before = figures.year.movement.open_by_stage, figures.before.movement.open_by_stage
    rows += [
        _row(of_these + words("stage", stage), now[stage], before[stage])
        for stage in Stage
        if stage is not Stage.CLOSED
    ]
    note = words.choose(
        "un dossier répondu reste ouvert tant que le médiateur peut être saisi",
        "an answered complaint stays open as long as the mediator may be seized",
    )
    return Section(words.choose("Mouvement", "Movement"), note, tuple(rows))


def _delay(figures: Figures, names: Names) -> Section:
    words = names.words
    note = words.choose(
        "de l'envoi de la réclamation écrite à la première réponse écrite, jours civils",
        "from the sending of the written complaint to the first written answer, civil days",
    )
    rows = _rows(figures.year.by_delay, figures.before.by_delay, lambda band: words("delay", band))
    return Section(words.choose("Délai de réponse", "Time to answer"), note, rows, "delays")


def _acknowledged(figures: Figures, names: Names) -> Section:
    words = names.words
    rows = _rows(
        figures.year.acknowledgements, figures.before.acknowledgements, lambda said: words("acknowledged", said)
    )
    note = words.choose("10 jours ouvrables depuis l'envoi", "10 working days (ouvrables) from sending")
    return Section(words.choose("Accusé de réception", "Acknowledgement"), note, rows)


def _by(figures: Figures, names: Names) -> Iterable[Section]:
    words, now, before, note = names.words, figures.year, figures.before, _of_received(names)
    yield Section(
        words.choose("Causes", "Causes"), note, _listed(now.by_cause, before.by_cause, names.cause, UNCLASSIFIED),
        "causes",
    )  # fmt: skip
    yield Section(
        words.choose("Niveau à l'ouverture", "Level at opening"), note,
        _rows(now.by_opening_level, before.by_opening_level, str), "levels",
    )  # fmt: skip
    yield Section(
        words.choose("Niveau le plus élevé atteint", "Highest level reached"), note,
        _rows(now.by_highest_level, before.by_highest_level, str),
    )  # fmt: skip
    yield Section(
        words.choose("Canal", "Channel"), note,
        _rows(now.by_channel, before.by_channel, lambda channel: words("channel", channel)),
    )  # fmt: skip
    yield Section(
        words.choose("Produit", "Product"), note,
        _listed(now.by_product, before.by_product, names.product, NOT_STATED),
    )  # fmt: skip
    yield Section(
        words.choose("Assureur", "Insurer"), note,
        _listed(now.by_insurer, before.by_insurer, names.insurer, NOT_STATED),
    )  # fmt: skip


def _outcome(figures: Figures, names: Names) -> Section:
    words = names.words
    rows = _rows(figures.year.by_outcome, figures.before.by_outcome, lambda outcome: words("answer", outcome))
    return Section(words.choose("Issue", "Outcome"), _of_received(names), rows)


def _redress(figures: Figures, names: Names) -> Section:
    words, now, before = names.words, figures.year.redress, figures.before.redress
    rows = [_row(words.choose("réclamations avec réparation", "complaints with redress"), now.complaints,
                 before.complaints)]  # fmt: skip
    for currency in sorted({*now.totals, *before.totals}):
        amounts = (money(totals.get(currency, Decimal(0)), currency, words.language)
                   for totals in (now.totals, before.totals))  # fmt: skip
        rows.append(Row(words.choose(f"total en {currency}", f"total in {currency}"), *amounts))
    note = words.choose("versée, sinon proposée par la dernière réponse", "paid, else offered by the last answer")
    return Section(words.choose("Réparation", "Redress"), note, tuple(rows))


def _breaches(figures: Figures, names: Names) -> Section:
    words = names.words
    rows = _rows(figures.year.breaches, figures.before.breaches, lambda clock: words("clock", clock), parts=False)
    return Section(words.choose("Échéances manquées", "Deadlines missed"), _in_the_year(names), rows)


def _mediations(figures: Figures, names: Names) -> Section:
    words, now, before = names.words, figures.year.mediations, figures.before.mediations
    rows = (
        _row(words.choose("saisines notifiées", "seizures notified"), now.seized, before.seized),
        *_rows(now.ended, before.ended, lambda result: words("mediation_result", result), parts=False),
        _row(words.choose("en cours au 31 décembre", "not ended on 31 December"), now.pending, before.pending),
    )
    return Section(words.choose("Médiation", "Mediation"), _in_the_year(names), rows)


def _courts(figures: Figures, names: Names) -> Section:
    words, now, before = names.words, figures.year.courts, figures.before.courts
    rows = (
        _row(words.choose("assignations", "summonses"), now.summonses, before.summonses),
        _row(words.choose("instances terminées", "proceedings ended"), now.ended, before.ended),
        _row(words.choose("en cours au 31 décembre", "not ended on 31 December"), now.pending, before.pending),
    )
    return Section(words.choose("Justice", "Court"), _in_the_year(names), rows)


def _listed(
    now: Mapping[str, int], before: Mapping[str, int], named: Callable[[str], str], last: str
) -> tuple[Row, ...]:
    """Give the rows of both years, this year's most frequent first, `last` after all others."""
    both = most_first({**dict.fromkeys(before, 0), **now}, last)
    return _rows(both, before, named)


def _rows(
    now: Mapping[_Word, int], before: Mapping[_Word, int], named: Callable[[_Word], str], *, parts: bool = True
) -> tuple[Row, ...]:
    whole = sum(now.values()) if parts else 0
    return tuple(
        Row(named(word), str(count), str(before.get(word, 0)), f"{100 * count / whole:.0f} %" if whole else "")
        for word, count in now.items()
    )


def _row(name: str, now: int, before: int) -> Row:
    return Row(name, str(now), str(before))
