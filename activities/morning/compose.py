"""Writes a digest as the message its reader gets: short, in their language, readable on a phone."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from activities.firm.schema import Firm
from activities.morning.digest import Digest, Part
from activities.morning.matters import Line, Section
from activities.morning.words import headline, joined, say, title
from activities.notify.clean import one_line
from activities.notify.mail import Mailbox, Outgoing, Tray
from activities.notify.staff import service
from activities.notify.wording import full_date
from workflows.morning_messages import THE_TEAM
from workflows.procedure.vocabulary import Language

TEMPLATES = Path(__file__).parent / "templates"

FOLDER = "MORNING"
"""Where digests lie in an outbox: they belong to no complaint."""


@dataclass(frozen=True)
class ShownLine:
    """A line as the templates put it."""

    reference: str
    what: str
    todo: str


@dataclass(frozen=True)
class ShownSection:
    """A section as the templates put it; `more` says how the lines that are not shown can be seen."""

    title: str
    count: int
    lines: list[ShownLine]
    more: str


@dataclass(frozen=True)
class ShownPart:
    """One's own matters, or under its heading those of the team."""

    heading: str
    sections: list[ShownSection]


def compose_digest(digest: Digest, firm: Firm) -> Outgoing:
    """Write a digest that tells of something. Its business key is `morning/<day>/<reader>`."""
    language, reader, on = firm.staff_language, digest.reader, digest.day.on
    person = firm.person(reader.id)
    counts = digest.own.counts + digest.team.counts if person else sum(digest.loads.values(), Counter())
    said = headline(language, _in_order(counts))
    subject = one_line(say(language, "subject", day=full_date(on, language), headline=said))
    shown = {
        "language": language.value,
        "subject": subject,
        "hello": say(language, "hello", name=one_line(person.name)) if person else say(language, "hello_team"),
        "covers": _covers(digest, firm),
        "parts": _parts(digest, firm),
        "loads_title": say(language, "loads"),
        "loads": _loads(digest, firm),
        "look": say(language, "look"),
    }
    return Outgoing(
        reference=FOLDER,
        key=digest_key(digest),
        tray=Tray.STAFF,
        subject=subject,
        text=_environment().get_template("digest.txt.j2").render(shown),
        html=_environment().get_template("digest.html.j2").render(shown),
        template=f"digest@{language}",
        sender=service(firm),
        to=(Mailbox(person.name, person.email) if person else service(firm),),
    )


def digest_key(digest: Digest) -> str:
    """Give the business key of a digest: one for each reader and day."""
    return f"morning/{digest.day.on}/{digest.reader.id}"


def _covers(digest: Digest, firm: Firm) -> str:
    away = [firm.person(contact) for contact in digest.reader.covers if contact != digest.reader.id]
    names = [one_line(person.name) for person in away if person]
    return say(firm.staff_language, "covers", names=joined(firm.staff_language, names)) if names else ""


def _parts(digest: Digest, firm: Firm) -> list[ShownPart]:
    language = firm.staff_language
    heading = say(language, "team") if digest.reader.id != THE_TEAM else ""
    parts = [
        ShownPart("", _sections(digest.own, firm, f"complaints list --contact {digest.reader.id}")),
        ShownPart(heading, _sections(digest.team, firm, "complaints list", named=True)),
    ]
    return [part for part in parts if part.sections]


def _sections(part: Part, firm: Firm, command: str, *, named: bool = False) -> list[ShownSection]:
    language = firm.staff_language
    return [
        ShownSection(
            title=title(language, section),
            count=part.counts[section],
            lines=[_shown(line, section, firm, named=named) for line in lines],
            more=say(language, "more", more, f"{command}{_FILTERS.get(section, '')}") if more else "",
        )
        for section, lines, more in part.sections()
    ]


_FILTERS = {Section.BREACHED: " --overdue", Section.OVERDUE: " --overdue", Section.SILENT: " --overdue"}
_DATED = frozenset(
    {Section.BREACHED, Section.TODAY, Section.NEXT_DAY, Section.SOON, Section.SILENT, Section.OVERDUE}
)  # fmt: skip


def _shown(line: Line, section: Section, firm: Firm, *, named: bool) -> ShownLine:
    language = firm.staff_language
    what = [say(language, "level", line.level), line.about]
    if section in _DATED:
        what.append(say(language, "due", full_date(line.due_on, language)))
    if named:
        what.append(_name(firm, line.contact, language))
    return ShownLine(line.reference, " · ".join(what), line.todo or "")


def _name(firm: Firm, contact: str | None, language: Language) -> str:
    person = firm.person(contact)
    return one_line(person.name) if person else contact or say(language, "nobody")


def _loads(digest: Digest, firm: Firm) -> list[tuple[str, str]]:
    language = firm.staff_language
    return [
        (_name(firm, contact, language), headline(language, _in_order(counts), most=len(Section)))
        for contact, counts in sorted(digest.loads.items(), key=lambda each: each[0] or "")
    ]


def _in_order(counts: Counter[Section]) -> Iterable[tuple[Section, int]]:
    return ((section, counts[section]) for section in Section)


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=select_autoescape(("html.j2",), default=False),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
