"""Writes a letter from its order: the frame, one salutation, its sections in order, the contact, the mediator.

HTML, plain text and paper are made of the same parts. The words stand in `templates/letters/<language>`, where a lawyer
can read and change them.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, pass_context, select_autoescape
from jinja2.runtime import Context

from activities.firm.schema import Firm
from activities.notify.clean import cleaned
from activities.notify.layout import Block, as_text, blocks, lines, prose, unbroken
from activities.notify.lint import compulsory, require_given, require_said
from activities.notify.pdf import PRINT, printed
from activities.notify.sheet import Sheet
from activities.notify.wording import duration, full_date, money, town
from workflows.procedure.calendar import Deadline
from workflows.procedure.orders import LetterOrder, Recipient
from workflows.procedure.vocabulary import ANNOUNCES_A_DATE, Channel, LetterKind

TEMPLATES = Path(__file__).parent / "templates" / "letters"

_ANSWERS = frozenset({LetterKind.RESOLUTION, LetterKind.EXHAUSTED})
_SHARED = ("complaint", "insurance_company", "where_it_stands", "offer", "firm_address")
"""Blocks of `parts.j2` that the words of the letters use, each by its name."""


@dataclass(frozen=True)
class ComposedLetter:
    """A letter as it will leave, in its three forms. `template`: which words it was made of, `holding@fr/1f2e3d4c`."""

    subject: str
    html: str
    text: str
    pdf: bytes
    template: str
    sheet: Sheet


def compose(order: LetterOrder, firm: Firm, on: date, templates: Path = TEMPLATES) -> ComposedLetter:
    """Write the letter `order` asks for, dated `on` (a Paris civil date), complete or not at all.

    What people typed is made harmless here, so a name can neither write HTML nor a second header.

    Raises:
        LetterIncomplete: a compulsory field is missing in the order, or an edited template does not say it.
        jinja2.TemplateError: a template is missing or broken.
        PrintError: the letter cannot be printed.

    """
    order = order.model_copy(update={part: cleaned(getattr(order, part)) for part in ("recipient", "contact", "facts")})
    pages, language = environment(templates), order.recipient.language
    words = _words(order, firm, on)
    say = partial(_part, pages.get_template(f"{language}/parts.j2"), words)
    words["outcome"] = outcome = say("outcome")
    wanted = compulsory(order, firm, outcome)
    require_given(wanted)

    words |= {name: say(name) for name in _SHARED}
    title, body = _body(pages, order, words)
    sheet = Sheet(
        language=language,
        on=on,
        title=title,
        reference=order.facts.reference,
        sender=firm.name,
        letterhead=_lines(say("letterhead")),
        addressed_to=_addressed_to(order.recipient, order.channel),
        dateline=say("dateline"),
        object=say("object", title=title),
        references=_lines(say("references")),
        salutation=say("salutation"),
        body=body,
        in_charge=blocks(say("in_charge"), language),
        mediation=blocks(say("mediation"), language),
        closing=blocks(say("closing"), language),
        signature=_lines(say("signature")),
        footer=say("footer"),
    )
    html = pages.get_template("frame.html.j2").render(vars(sheet))
    text = pages.get_template("frame.txt.j2").render(vars(sheet))
    require_said(wanted, text, html)
    return ComposedLetter(
        subject=f"{title} ({order.facts.reference})",
        html=html,
        text=text,
        pdf=printed(sheet, by_post=order.channel is Channel.POST),
        template=f"{order.kind}@{language}/{_version(templates, order)}",
        sheet=sheet,
    )


@cache
def environment(templates: Path) -> Environment:
    """Give the templates of a folder: an unknown name is an error, and what goes into HTML is escaped."""
    pages = Environment(
        loader=FileSystemLoader(templates),
        undefined=StrictUndefined,
        autoescape=select_autoescape(("html.j2",), default=False),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    pages.filters |= {"as_text": as_text, "day": _day, "duration": _duration, "lines": lines}
    pages.filters |= {"money": _money, "prose": prose, "unbroken": unbroken}
    return pages


def _words(order: LetterOrder, firm: Firm, on: date) -> dict[str, Any]:
    facts, language = order.facts, order.recipient.language
    insurer = firm.insurer(facts.insurer)
    return {
        "language": language,
        "today": on,
        "place": town(firm.postal_address),
        "firm": firm,
        "mediator": firm.mediator,
        "address": [line for line in firm.postal_address.splitlines() if line],
        "insurer": insurer.name if insurer else None,
        "facts": facts,
        "situation": facts.situation or firm.default_situation[language],
        "contact": order.contact,
        "recipient": order.recipient,
        "answers": order.kind in _ANSWERS,
        # A letter leaves on the last open day, perhaps before the date it speaks of.
        "open": facts.mediation_opens_on is None or facts.mediation_opens_on <= on,
        "past": facts.two_months_on is not None and facts.two_months_on < on,
    }


def _body(pages: Environment, order: LetterOrder, words: Mapping[str, Any]) -> tuple[str, list[Block]]:
    """Write the sections in order. The first gives the letter its title; the others know what was said before them."""
    title, body, announced = "", list[Block](), False
    for kind in dict.fromkeys((order.kind, *order.sections)):
        main = kind is order.kind
        section = pages.get_template(f"{order.recipient.language}/{kind}.j2")
        heading, _, said = section.render(words, main=main, announced=announced).strip().partition("\n")
        if main:
            title = heading.removeprefix("#").strip()
        body += blocks(said, order.recipient.language)
        announced = announced or kind in ANNOUNCES_A_DATE
    return title, body


def _part(parts: Template, words: Mapping[str, Any], name: str, **more: Any) -> str:
    return "".join(parts.blocks[name](parts.new_context({**words, **more}))).strip()


def _lines(said: str) -> list[str]:
    return [line.strip() for line in said.splitlines() if line.strip()]


def _addressed_to(recipient: Recipient, channel: Channel) -> list[str]:
    names = [name for name in (recipient.organisation, recipient.name) if name]
    # People write their own name above their address; an envelope bears it once.
    address = [line for line in (recipient.postal_address or "").splitlines() if line and line not in names]
    by_email = [recipient.email] if channel is Channel.EMAIL and recipient.email else []
    return [*names, *address, *by_email]


def _version(templates: Path, order: LetterOrder) -> str:
    language = order.recipient.language
    sections: list[LetterKind] = [order.kind, *order.sections]
    names = ["frame.html.j2", "frame.txt.j2", f"{language}/parts.j2", *(f"{language}/{kind}.j2" for kind in sections)]
    digest = hashlib.sha256(PRINT.read_bytes())
    for name in dict.fromkeys(names):
        digest.update(f"{name}\0".encode() + (templates / name).read_bytes())
    return digest.hexdigest()[:8]


@pass_context
def _day(context: Context, day: date) -> str:
    return full_date(day, context["language"])


@pass_context
def _duration(context: Context, deadline: Deadline) -> str:
    return duration(deadline, context["language"])


@pass_context
def _money(context: Context, amount: Any, currency: str) -> str:
    return money(amount, currency, context["language"])
