"""What a letter must hold (CONTRACT, "Letters"): asked of the order first, then of the letter as it was written.

The second look is what catches a template edited by hand that lost the mediator or the contact.
"""

import html
import re
from collections.abc import Mapping, Sequence
from datetime import date

from activities.firm.schema import Firm
from activities.notify.clean import several_lines
from activities.notify.wording import full_date, money
from workflows.procedure.orders import LetterOrder
from workflows.procedure.vocabulary import ANNOUNCES_A_DATE, Language, LetterKind

_TELLS_THE_SITUATION = frozenset({LetterKind.STATUS, LetterKind.PROGRESS, LetterKind.TWO_MONTHS})

Compulsory = Mapping[str, Sequence[str]]
"""For each compulsory field the words that say it; no words, or empty ones, when nobody gave it."""


class LetterIncomplete(ValueError):
    """A letter lacks what it must hold; `missing` names each field, never its value."""

    def __init__(self, missing: list[str]) -> None:
        self.missing = missing
        super().__init__(f"the letter lacks {', '.join(missing)}")


def compulsory(order: LetterOrder, firm: Firm, outcome: str) -> Compulsory:
    """List what the letter ordered must say; `outcome` is the sentence that tells the decision, "" without one.

    Of all letters: the supervisor's recommendation (ACPR 2024-R-02). Of each kind: § 2, § 4 and § 5 of the procedure.
    """
    facts, contact, language = order.facts, order.contact, order.recipient.language
    kinds = {order.kind, *order.sections}
    wanted: dict[str, Sequence[str]] = {
        "reference": [facts.reference],
        "received_on": [full_date(facts.received_on, language)],
        "contact.name": [contact.name],
        "contact.reach": [way for way in (contact.phone, contact.email) if way],
        "mediation": _mediation(order, firm),
    }
    if kinds & ANNOUNCES_A_DATE:
        wanted["expected_on"] = _day(facts.expected_on, language)
    if kinds & _TELLS_THE_SITUATION:
        wanted["situation"] = [facts.situation or several_lines(firm.default_situation[language])]
    if LetterKind.RESOLUTION in kinds:
        wanted["decision"] = [outcome]
        wanted["reasons"] = [facts.reasons or ""]
        wanted["help"] = [firm.help_offered[language]]
        if facts.offer:
            amount = facts.offer.amount
            priced = [money(amount, facts.offer.currency, language)] if amount else []
            wanted["offer"] = [*priced, facts.offer.terms]
    return wanted


def require_given(wanted: Compulsory) -> None:
    """Check the order before anything is written. Raises LetterIncomplete."""
    _refuse([name for name, words in wanted.items() if not words or not all(word.strip() for word in words)])


def require_said(wanted: Compulsory, text: str, page: str) -> None:
    """Check that both forms of the letter say it all, wherever their lines break. Raises LetterIncomplete."""
    # A span stands within a sentence; every other element begins anew.
    words = re.sub(r"<[^>]+>", " ", re.sub(r"</?span[^>]*>", "", page.partition("<body")[2]))
    said = [_plain(text), _plain(html.unescape(words))]
    _refuse(
        [name for name, words in wanted.items() if not all(_plain(word) in form for word in words for form in said)]
    )


def _mediation(order: LetterOrder, firm: Firm) -> list[str]:
    if not order.facts.consumer:
        return [firm.no_mediation[order.recipient.language]]
    return [firm.mediator.name, *firm.mediator.postal_address.splitlines(), firm.mediator.website]


def _day(day: date | None, language: Language) -> list[str]:
    return [full_date(day, language)] if day else []


def _plain(text: str) -> str:
    return " ".join(text.split())


def _refuse(missing: list[str]) -> None:
    if missing:
        raise LetterIncomplete(missing)
