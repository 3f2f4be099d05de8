"""The parts of a letter, each written out: what its three forms (HTML, plain text, paper) show alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from activities.notify.layout import Block
from workflows.procedure.vocabulary import Language


@dataclass(frozen=True)
class Sheet:
    """One letter before it takes a form; every text in it is harmless already."""

    language: Language
    on: date
    """The letter's date, a Paris civil date."""
    title: str
    reference: str
    sender: str
    letterhead: Sequence[str]
    addressed_to: Sequence[str]
    dateline: str
    object: str
    references: Sequence[str]
    salutation: str
    body: Sequence[Block]
    in_charge: Sequence[Block]
    mediation: Sequence[Block]
    closing: Sequence[Block]
    signature: Sequence[str]
    footer: str
