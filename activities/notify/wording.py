"""Dates, durations, amounts and places as a reader of the letter's language writes them."""

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache

from babel.dates import format_date
from babel.numbers import format_currency

from workflows.procedure.calendar import Deadline, Unit
from workflows.procedure.vocabulary import Language

_LOCALES = {Language.FR: "fr_FR", Language.EN: "en_GB"}
_NUMBERS = {
    1: ("un", "one"), 2: ("deux", "two"), 3: ("trois", "three"), 4: ("quatre", "four"), 5: ("cinq", "five"),
    6: ("six", "six"), 7: ("sept", "seven"), 8: ("huit", "eight"), 9: ("neuf", "nine"), 10: ("dix", "ten"),
    12: ("douze", "twelve"), 15: ("quinze", "fifteen"), 20: ("vingt", "twenty"), 30: ("trente", "thirty"),
    40: ("quarante", "forty"), 50: ("cinquante", "fifty"), 60: ("soixante", "sixty"),
}  # fmt: skip
_UNITS: dict[Unit, dict[Language, tuple[str, str]]] = {
    Unit.JOURS_OUVRES: {
        Language.FR: ("jour ouvré", "jours ouvrés"), Language.EN: ("business day", "business days"),
    },
    Unit.JOURS_OUVRABLES: {
        Language.FR: ("jour ouvrable", "jours ouvrables"), Language.EN: ("working day", "working days"),
    },
    Unit.DAYS: {Language.FR: ("jour", "jours"), Language.EN: ("day", "days")},
    Unit.WEEKS: {Language.FR: ("semaine", "semaines"), Language.EN: ("week", "weeks")},
    Unit.MONTHS: {Language.FR: ("mois", "mois"), Language.EN: ("month", "months")},
    Unit.YEARS: {Language.FR: ("an", "ans"), Language.EN: ("year", "years")},
}  # fmt: skip
_KEPT_DATES = 512
_NO_BREAK = "\u00a0"
_FRENCH_TOWN = re.compile(r"\d{5} (?P<town>.+?)(?: cedex.*)?", re.IGNORECASE)


@lru_cache(maxsize=_KEPT_DATES)  # a letter says few, and they are those of the letters before it
def full_date(day: date, language: Language) -> str:
    """Give a civil date in full: "lundi 7 décembre 2026", "Monday 7 December 2026"."""
    # French counts the first of the month as an ordinal, which the locale's data does not.
    number = "'1er'" if language is Language.FR and day.day == 1 else "d"
    return format_date(day, f"EEEE {number}{_NO_BREAK}MMMM y", locale=_LOCALES[language])


def duration(deadline: Deadline, language: Language) -> str:
    """Give a time limit in words: "dix jours ouvrés", "two months"; numbers long to read in figures."""
    french, english = _NUMBERS.get(deadline.amount, (str(deadline.amount),) * 2)
    if deadline.unit is Unit.WEEKS and deadline.amount == 1:
        french = "une"
    number = french if language is Language.FR else english
    one, several = _UNITS[deadline.unit][language]
    return f"{number} {one if deadline.amount == 1 else several}"


def money(amount: Decimal, currency: str, language: Language) -> str:
    """Give an amount with its currency (ISO 4217): "1 250,00 €", "€1,250.00"."""
    return format_currency(amount, currency, locale=_LOCALES[language])


def town(postal_address: str) -> str:
    """Find the town in a French postal address, to date a letter from; "" when there is none."""
    found = [_FRENCH_TOWN.fullmatch(line.strip()) for line in postal_address.splitlines()]
    return next((match["town"] for match in reversed(found) if match), "")
