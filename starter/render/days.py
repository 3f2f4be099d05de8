"""Dates and their explanation in prose: from what day a deadline is counted, and which days did not count."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from babel.dates import format_date

from starter.render.words import Words
from workflows.procedure.calendar import PARIS, Deadline, Unit
from workflows.procedure.vocabulary import Language

_LOCALES = {Language.FR: "fr_FR", Language.EN: "en_GB"}
_UNITS: dict[Unit, tuple[tuple[str, str], tuple[str, str]]] = {
    Unit.JOURS_OUVRES: (("jour ouvré", "jours ouvrés"), ("business day", "business days")),
    Unit.JOURS_OUVRABLES: (
        ("jour ouvrable", "jours ouvrables"),
        ("working day (Saturdays included)", "working days (Saturdays included)"),
    ),
    Unit.DAYS: (("jour", "jours"), ("day", "days")),
    Unit.WEEKS: (("semaine", "semaines"), ("week", "weeks")),
    Unit.MONTHS: (("mois", "mois"), ("month", "months")),
    Unit.YEARS: (("an", "ans"), ("year", "years")),
}
_WEEKEND = ("Saturday", "Sunday")
_OVER_A_WEEKEND = timedelta(days=3)


def in_words(deadline: Deadline, words: Words) -> str:
    """Say how long a deadline is: `10 jours ouvrés`."""
    one, many = _UNITS[deadline.unit][words.language is Language.EN]
    return f"{deadline.amount} {one if deadline.amount == 1 else many}"


def day(when: date | str, words: Words) -> str:
    """Give a date in a table: `sam. 19 déc. 2026`."""
    return _formatted(_date(when), words, "EEE {} MMM y")


def long_day(when: date | str, words: Words) -> str:
    """Give a date in a sentence: `19 décembre 2026`."""
    return _formatted(_date(when), words, "{} MMMM y")


def instant(when: datetime | str, words: Words) -> str:
    """Give an instant as Paris clocks show it: `mar. 5 janv. 2027 à 16:00`."""
    moment = (datetime.fromisoformat(when) if isinstance(when, str) else when).astimezone(PARIS)
    return f"{day(moment.date(), words)} {words.choose('à', 'at')} {moment:%H:%M}"


def shift(earliest: int, latest: int, words: Words) -> str:
    """Say by how many civil days dates move: `5 à 9 jours plus tard`, `1 day earlier`."""
    if earliest < 0 < latest:
        said = words.choose("de {} j plus tôt à {} j plus tard", "from {} d earlier to {} d later")
        return said.format(-earliest, latest)
    least, most = sorted((abs(earliest), abs(latest)))
    number = str(most) if least == most else words.choose("{} à {}", "{} to {}").format(least, most)
    unit = words.choose("jour", "day") + ("s" if most > 1 else "")
    return f"{number} {unit} " + (
        words.choose("plus tard", "later") if latest > 0 else words.choose("plus tôt", "earlier")
    )


def explained(clock: Mapping[str, Any], words: Words, deadline: Deadline | None = None) -> str:
    """Say how a clock's date was counted; `deadline`, where it is known, says how long it is."""
    parts = [counted(clock, words, deadline)]
    if clock["skipped"]:
        parts.append(words.choose("sautés : ", "skipped: ") + skipped(clock["skipped"], words))
    if clock.get("opens_on"):
        said = words.choose("ouverte du {} au {}", "open from {} to {}")
        parts.append(said.format(long_day(clock["opens_on"], words), long_day(clock["due_on"], words)))
    return words.choose(" ; ", "; ").join(parts) + _acted_before(clock, words)


def counted(clock: Mapping[str, Any], words: Words, deadline: Deadline | None = None) -> str:
    """Say in short how a clock's date was counted: how long, and from when."""
    start = long_day(clock["starts_on"], words)
    if clock["clock"] == "promised_date":
        return words.choose("date annoncée par le courrier du {}", "date announced by the letter of {}").format(start)
    length = in_words(deadline, words) if deadline else _length(clock, words)
    return words.choose("{} à compter du {}", "{} from {}").format(length, start)


def skipped(days: Sequence[Mapping[str, str]], words: Words) -> str:
    """List days that did not count: weekends by their number, holidays and closures by date and name."""
    return ", ".join([*_weekends(days, words), *_named(days, words)])


def _length(clock: Mapping[str, Any], words: Words) -> str:
    """Say how many days were counted; without a day skipped, the civil calendar counted them."""
    if not clock["skipped"]:
        return words.choose("de date à date", "date to date")
    passed = (_date(clock["due_on"]) - _date(clock["starts_on"])).days
    why = {skip["why"] for skip in clock["skipped"]}
    unit = Unit.JOURS_OUVRABLES if "Sunday" in why and "Saturday" not in why else Unit.JOURS_OUVRES
    return in_words(Deadline(amount=max(passed - len(clock["skipped"]), 1), unit=unit), words)


def _acted_before(clock: Mapping[str, Any], words: Words) -> str:
    # The right to the mediator is not ours to act on.
    if not clock.get("moved") or clock["clock"] == "mediation_window":
        return ""
    said = words.choose(
        " ; à faire au plus tard le {}, fermé ensuite : {}", "; to be done by {}, closed after that: {}"
    )
    return said.format(long_day(clock["act_on"], words), ", ".join(_one_by_one(clock["moved"], words)))


def _one_by_one(days: Sequence[Mapping[str, str]], words: Words) -> Iterator[str]:
    for each in days:
        yield f"{_short(_date(each['date']), words)} ({words('closed_day', each['why'])})"


def _weekends(days: Sequence[Mapping[str, str]], words: Words) -> Iterator[str]:
    for name in _WEEKEND:
        count = sum(each["why"] == name for each in days)
        if count:
            yield f"{count} {words('closed_day', name)}{'s' if count > 1 else ''}"


def _named(days: Sequence[Mapping[str, str]], words: Words) -> Iterator[str]:
    runs: list[tuple[str, date, date]] = []
    for each in days:
        why, on = each["why"], _date(each["date"])
        if why in _WEEKEND:
            continue
        # A closure of some weeks is one stretch: the weekends in it bear their own names.
        if runs and runs[-1][0] == why and on - runs[-1][2] <= _OVER_A_WEEKEND:
            runs[-1] = (why, runs[-1][1], on)
        else:
            runs.append((why, on, on))
    for why, first, last in runs:
        name = words("closed_day", why)
        if first == last:
            yield f"{_short(first, words)} ({name})"
        else:
            span = words.choose("du {} au {}", "{} to {}").format(_short(first, words), _short(last, words))
            yield f"{span} ({name})"


def _short(when: date, words: Words) -> str:
    return _formatted(when, words, "{} MMMM")


def _formatted(when: date, words: Words, pattern: str) -> str:
    # French says "1er janvier", and no pattern of the CLDR does.
    number = "'1er'" if words.language is Language.FR and when.day == 1 else "d"
    return format_date(when, pattern.format(number), locale=_LOCALES[words.language])


def _date(when: date | str) -> date:
    return date.fromisoformat(when) if isinstance(when, str) else when
