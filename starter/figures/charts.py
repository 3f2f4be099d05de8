"""The charts of a year: how long answers took by quarter, what complaints came from, their levels by month."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from babel.dates import get_month_names

from starter.figures.drawing import DARK, HATCHED, LIGHT, MIDDLE, PALE, Chart, Series, Tone, ranked, stacked
from starter.figures.figures import Figures
from starter.figures.line import DelayBand
from starter.figures.names import Names
from workflows.procedure.vocabulary import Level

_BANDS = {
    DelayBand.TEN_DAYS: PALE,
    DelayBand.TWO_MONTHS: LIGHT,
    DelayBand.OVER_TWO_MONTHS: DARK,
    DelayBand.UNANSWERED: HATCHED,
}
_LEVELS = {Level.ONE: PALE, Level.TWO_A: LIGHT, Level.TWO_B: MIDDLE, Level.THREE: DARK, Level.FOUR: HATCHED}
_MOST_CAUSES = 12

_Word = TypeVar("_Word", DelayBand, Level)


def charts(figures: Figures, names: Names) -> list[Chart]:
    """Draw the charts of the year."""
    return [_delays(figures, names), _causes(figures, names), _levels(figures, names)]


def _delays(figures: Figures, names: Names) -> Chart:
    words, year = names.words, figures.year
    quarters = [words.choose(f"{number}e trim.", f"Q{number}") for number in range(1, 5)]
    quarters[0] = words.choose("1er trim.", "Q1")
    return stacked(
        _chart(
            "delays", figures, names,
            words.choose("Délai de la première réponse écrite", "Time to the first written answer"),
            words.choose("réclamations par trimestre de réception", "complaints by quarter of receipt"),
            _in_words(quarters, year.delay_by_quarter, {band: words("delay", band) for band in DelayBand}),
        ),
        quarters,
        _series(year.delay_by_quarter, {band: (words("delay", band), tone) for band, tone in _BANDS.items()}),
    )  # fmt: skip


def _causes(figures: Figures, names: Names) -> Chart:
    words, now, before = names.words, figures.year.by_cause, figures.before.by_cause
    causes = [*now, *(cause for cause in before if cause not in now)][:_MOST_CAUSES]
    rows = [(names.cause(cause), now.get(cause, 0), before.get(cause, 0)) for cause in causes]
    said = "; ".join(f"{name} {count} ({earlier})" for name, count, earlier in rows)
    year, last = str(figures.year.year), str(figures.before.year)
    return ranked(
        _chart(
            "causes", figures, names,
            words.choose("Causes des réclamations", "Causes of complaints"),
            words.choose(f"reçues en {year}, et en {last}", f"received in {year}, and in {last}"),
            said or words.choose("Aucune réclamation.", "No complaint."),
        ),
        rows, year, last,
    )  # fmt: skip


def _levels(figures: Figures, names: Names) -> Chart:
    words, months = names.words, figures.year.level_by_month
    named = list(get_month_names("abbreviated", locale=words.language.value).values())
    return stacked(
        _chart(
            "levels", figures, names,
            words.choose("Niveau à l'ouverture", "Level at opening"),
            words.choose("réclamations par mois de réception", "complaints by month of receipt"),
            _in_words(named, months, {level: _level(level, names) for level in Level}),
        ),
        named,
        _series(months, {level: (_level(level, names), tone) for level, tone in _LEVELS.items()}),
    )  # fmt: skip


def _level(level: Level, names: Names) -> str:
    return f"{names.words.choose('niveau', 'level')} {level}"


def _series(counted: Sequence[Mapping[_Word, int]], parts: Mapping[_Word, tuple[str, Tone]]) -> list[Series]:
    return [Series(name, tone, [each[word] for each in counted]) for word, (name, tone) in parts.items()]


def _in_words(columns: Sequence[str], counted: Sequence[Mapping[_Word, int]], named: Mapping[_Word, str]) -> str:
    """Say what a chart shows, column by column; what is nought is left out."""
    return "; ".join(
        f"{column}: " + (", ".join(f"{named[word]} {count}" for word, count in each.items() if count) or "0")
        for column, each in zip(columns, counted, strict=True)
    )


def _chart(name: str, figures: Figures, names: Names, title: str, subtitle: str, described: str) -> Chart:
    words, insurer = names.words, figures.insurer
    whose = f", {names.insurer(insurer)}" if insurer else ""
    year = figures.year.year
    source = words.choose("Source : registre des réclamations de ", "Source: complaints register of ")
    return Chart(
        name=name,
        title=f"{title}, {year}",
        subtitle=subtitle[:1].upper() + subtitle[1:] + whose,
        described=described,
        source=f"{source}{names.firm.name}, {year}.",
        language=words.language.value,
        height=0,
    )
