"""The pages of a dossier, as a PDF fit for archives (PDF/A-2b, PDF/UA-1): what a mediator or a judge reads."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from activities.notify.typesetting import typeset
from starter.evidence.chronology import chronology
from starter.evidence.correspondence import correspondence
from starter.evidence.course import answers, before_others, handled, requests
from starter.evidence.deadlines import deadlines, rules
from starter.evidence.opening import opening
from starter.evidence.papers import Paper
from starter.evidence.parts import Pages, line
from starter.evidence.received import received
from starter.evidence.record import Evidence
from starter.render.words import Words

LAYOUT = Path(__file__).parent / "templates" / "dossier.typ"


def printed(evidence: Evidence, papers: Sequence[Paper]) -> bytes:
    """Set the pages; the same evidence gives the same bytes. Raises typst.TypstError: the layout is at fault."""
    return typeset(LAYOUT, asdict(pages(evidence, papers)), evidence.export.as_of)


def pages(evidence: Evidence, papers: Sequence[Paper]) -> Pages:
    """Give what is on the pages."""
    words = Words(evidence.export.language)
    reference = line(evidence.view["reference"]).text
    return Pages(
        language=words.language.value,
        title=words.choose("Dossier de réclamation {}", "Complaint file {}").format(reference),
        subtitle=words.choose("Dossier de réclamation", "Complaint file"),
        reference=reference,
        author=evidence.export.firm[0],
        letterhead=evidence.export.firm,
        page_of=words.choose("page {page} sur {pages}", "page {page} of {pages}"),
        sections=[
            *opening(evidence, words),
            *deadlines(evidence, words),
            *correspondence(evidence, papers, words),
            *received(evidence.mails, words),
            *answers(evidence, words),
            *handled(evidence, words),
            *requests(evidence, words),
            *before_others(evidence, words),
            *chronology(evidence, words),
            *rules(evidence, words),
        ],
    )
