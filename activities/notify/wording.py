"""Dates, amounts and places as a reader of the letter's language writes them."""

import re
from datetime import date
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_currency

from workflows.procedure.vocabulary import Language

_LOCALES = {Language.FR: "fr_FR", Language.EN: "en_GB"}
_FRENCH_TOWN = re.compile(r"\d{5} (?P<town>.+?)(?: cedex.*)?", re.IGNORECASE)


def full_date(day: date, language: Language) -> str:
    """Give a civil date in full: "lundi 7 décembre 2026", "Monday 7 December 2026"."""
    # French counts the first of the month as an ordinal, which the locale's data does not.
    number = "'1er'" if language is Language.FR and day.day == 1 else "d"
    return format_date(day, f"EEEE {number} MMMM y", locale=_LOCALES[language])


def money(amount: Decimal, currency: str, language: Language) -> str:
    """Give an amount with its currency (ISO 4217): "1 250,00 €", "€1,250.00"."""
    return format_currency(amount, currency, locale=_LOCALES[language])


def town(postal_address: str) -> str:
    """Find the town in a French postal address, to date a letter from; "" when there is none."""
    found = [_FRENCH_TOWN.fullmatch(line.strip()) for line in postal_address.splitlines()]
    return next((match["town"] for match in reversed(found) if match), "")
