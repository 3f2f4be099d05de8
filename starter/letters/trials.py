"""What every letter is tried with: the cases its words distinguish, what people may type, and letters owed together."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import combinations
from typing import Any

from activities.firm.schema import Firm
from starter.letters.samples import REFERENCE, Sample, sample
from workflows.procedure.events import Offer
from workflows.procedure.one_letter import worth_saying
from workflows.procedure.orders import Recipient
from workflows.procedure.vocabulary import ANNOUNCES_A_DATE, Channel, Decision, Language, LetterKind, Party

WAYS = (Channel.EMAIL, Channel.POST)
_OPEN, _OVER = date(2027, 3, 15), date(2027, 12, 1)
_SEIZED = date(2027, 1, 18)
_ANSWERED = date(2026, 12, 2)

CASES: dict[str, dict[str, Any]] = {
    "ordinary": {},
    "nothing known": dict.fromkeys(
        ("insurer", "policy_number", "situation", "two_months_on", "mediation_opens_on", "mediation_closes_on",
         "answered_on", "withdrawn_on", "offer")
    ),
    "a professional": {"consumer": False},
    "mediator seized": {"mediator_seized_on": _SEIZED},
    "the insurer leads": {"handling_party": Party.INSURER},
    "the broker leads": {"handling_party": Party.BROKER},
    "a detail missing": {"missing": ("policy_number",), "policy_number": None},
    "all details missing": {"missing": ("policy_number", "insurer"), "policy_number": None, "insurer": None},
    "upheld": {"decision": Decision.UPHELD, "offer": Offer(amount=Decimal(0), terms="Un geste, sans montant.")},
    "rejected": {"decision": Decision.REJECTED, "offer": None},
    "contested": {"answered_on": _ANSWERED, "contested": True},
}  # fmt: skip
"""What a letter says in other words when the facts are others."""

TYPED = {
    "<script>": '<script>alert(1)</script><img src=x onerror="alert(1)">',
    "right to left": "שלום עליכם \u0627\u0644\u0639\u0631\u0628\u064a\u0629",
    "direction overrides": "Anne\u202enitraM\u202c\u2066\u200f",
    "200 characters": "W" * 200,
    "layout code": '#panic("x") #{1 + 1} $x^2$ {{ 7 * 7 }} {% raw %} \\ " \' ` <b>',
    "control characters": "Anne\x00\x1b[31m\r\nBcc: tous@example.org\u2028Martin\ud800",
    "marks of the templates": "# Titre\n- point\n| ligne\n* x",
}
"""What a customer, or anybody, may have typed into a field."""


@dataclass(frozen=True)
class Trial:
    """One letter to try; `case` names what is particular to it. `typed`: hostile words stand in every field."""

    kind: LetterKind
    language: Language
    way: Channel
    case: str
    sample: Sample
    typed: bool = False


def trials(firm: Firm, kinds: Collection[LetterKind] = tuple(LetterKind)) -> Iterator[Trial]:
    """Give every trial of `kinds`: in both languages, by e-mail and by post, alone and with others."""
    for kind in kinds:
        for language in Language:
            yield from _of_the_facts(kind, language, firm)
            for way in WAYS:
                for case, words in TYPED.items():
                    yield Trial(kind, language, way, case, _typed(sample(kind, language, way, firm), words), True)
    for language in Language:
        yield from (trial for trial in _together(language, firm) if set(kinds) & set(trial.sample.order.sections))


def _of_the_facts(kind: LetterKind, language: Language, firm: Firm) -> Iterator[Trial]:
    for case, facts in CASES.items():
        for way in WAYS if case == "ordinary" else WAYS[:1]:
            yield Trial(kind, language, way, case, sample(kind, language, way, firm, **facts))
    usual = sample(kind, language, WAYS[0], firm)
    for case, on in (("mediator open", _OPEN), ("mediator's time over", _OVER)):
        yield Trial(kind, language, WAYS[0], case, Sample(sample(kind, language, WAYS[0], firm).order, on))
    agent = Recipient(
        name="Claire Petit", organisation="Cabinet Petit", language=language, email="c.petit@example.org",
        postal_address="8 quai des Comtes\n10000 Troyes", on_behalf_of="Anne Martin", their_reference="2026/44",
    )  # fmt: skip
    for way in WAYS:
        order = usual.order.model_copy(update={"recipient": agent, "channel": way})
        yield Trial(kind, language, way, "a representative", Sample(order, usual.on))


def _typed(usual: Sample, words: str) -> Sample:
    """Put the words into every field that people fill; as they come from a history, which checks nothing again."""
    order = usual.order
    facts = {name: words for name in ("situation", "reasons", "policy_number") if getattr(order.facts, name)}
    reference = f"{REFERENCE} {words}"
    offer = order.facts.offer and order.facts.offer.model_copy(update={"terms": words})
    recipient = order.recipient.model_copy(
        update=dict.fromkeys(("name", "organisation", "postal_address", "on_behalf_of", "their_reference"), words)
    )
    told = order.facts.model_copy(update={**facts, "reference": reference, "offer": offer})
    return Sample(order.model_copy(update={"recipient": recipient, "facts": told}), usual.on)


def _together(language: Language, firm: Firm) -> Iterator[Trial]:
    """Give every letter that the rules make of several owed on one day."""
    owed = [kinds for count in range(2, len(LetterKind) + 1) for kinds in combinations(LetterKind, count)]
    ordinary = dict.fromkeys((worth_saying(kinds), False) for kinds in owed)
    contested = dict.fromkeys((worth_saying(kinds, contested=True), True) for kinds in owed)
    for sections, is_contested in ordinary | contested:
        if len(sections) == 1 or (is_contested and LetterKind.RESOLUTION not in sections):
            continue
        first = sample(sections[0], language, WAYS[0], firm)
        facts: dict[str, Any] = {"missing": ("policy_number",)}
        if is_contested:
            facts |= CASES["contested"]
        if ANNOUNCES_A_DATE & set(sections):
            facts["expected_on"] = _OPEN
        order = first.order.model_copy(
            update={"sections": sections, "facts": first.order.facts.model_copy(update=facts)}
        )
        together = ("contested: " if is_contested else "") + " + ".join(sections)
        yield Trial(sections[0], language, WAYS[0], together, Sample(order, first.on))
