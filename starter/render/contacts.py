"""The firm's people on a day, for the screen and as JSON. Why somebody is away is shown to nobody."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from activities.assign.absences import away
from activities.firm.people import Person, next_return, on_duty
from activities.firm.schema import Firm
from starter.render import days
from starter.render.words import Words, shown
from workflows.procedure.vocabulary import Language, Party


def contacts_view(firm: Firm, on: date, load: Mapping[str, int] | None) -> list[dict[str, Any]]:
    """Give the broker's people in the order of the file, as they stand on `on` (a Paris civil date).

    `load`: their open complaints by id; None when it is not known. `deputy` is who is on duty for a person who is away,
    and `reassigned` says that their complaints move on to others rather than wait for their return.
    """
    gone = away(firm, on)
    return [
        {
            "id": person.id,
            "name": person.name,
            "team": firm.team_of(person),
            "manager": person.manager,
            "levels": [level.value for level in person.levels],
            "languages": [language.value for language in person.languages],
            "hours": {"from": f"{firm.hours_of(person).opens:%H:%M}", "to": f"{firm.hours_of(person).closes:%H:%M}"},
            "load": None if load is None else load.get(person.id, 0),
            "on_duty": person.present(on),
            "back_on": None if person.present(on) else _iso(next_return(person, on)),
            "deputies": list(person.deputies),
            "deputy": _deputy(person, on, firm),
            "reassigned": person.id in gone and gone[person.id].long,
            "absences": [
                {"first": absence.first.isoformat(), "last": _iso(absence.last)}
                for absence in sorted(person.absences, key=lambda each: each.first)
                if absence.last is None or absence.last >= on
            ],
        }
        for person in firm.people
        if person.party is Party.BROKER
    ]


def _deputy(person: Person, on: date, firm: Firm) -> str | None:
    if person.present(on):
        return None
    deputy = on_duty(person, on, firm.people)
    return deputy.id if deputy else None


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def render_contacts(contacts: Sequence[Mapping[str, Any]], on: date, language: Language) -> RenderableType:
    """Show people in a table, and above it the day it is about."""
    words = Words(language)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    headings = words.choose(
        "id|nom|équipe|niveaux|langues|dossiers ouverts|le jour dit|absences",
        "id|name|team|levels|languages|open complaints|that day|absences",
    ).split("|")
    for number, heading in enumerate(headings):
        table.add_column(heading, no_wrap=number == 0, justify="right" if number == 5 else "left")
    for each in contacts:
        manager = words.choose(" (responsable)", " (manager)") if each["manager"] else ""
        table.add_row(
            shown(each["id"], "bold"),
            shown(each["name"] + manager),
            shown(each["team"]),
            shown(", ".join(each["levels"]) or words.nobody),
            shown(", ".join(each["languages"])),
            shown("?" if each["load"] is None else each["load"]),
            _that_day(each, words),
            shown(" ; ".join(_absence(absence, words) for absence in each["absences"]) or words.nobody),
        )
    parts: list[RenderableType] = [Text(days.day(on, words), style="dim"), table]
    if any(each["load"] is None for each in contacts):
        parts.append(
            Text(
                words.choose("? : le registre ne dit pas qui a combien de dossiers.", "?: the register does not say."),
                style="yellow",
            )
        )
    return Group(*parts)


def _that_day(contact: Mapping[str, Any], words: Words) -> Text:
    if contact["on_duty"]:
        return Text(words.choose("en poste", "on duty"), style="green")
    if contact["deputy"] is None:
        return Text(words.choose("absence : personne en poste", "away: nobody on duty"), style="bold red")
    said = words.choose("absence : intérim {}", "away: {} stands in").format(contact["deputy"])
    if contact["reassigned"]:
        said = words.choose("absence : dossiers réattribués", "away: complaints reassigned")
    return Text(said, style="yellow")


def _absence(absence: Mapping[str, Any], words: Words) -> str:
    first = days.day(absence["first"], words)
    if absence["last"] is None:
        return words.choose("depuis le {}, jusqu'à nouvel ordre", "from {} until further notice").format(first)
    if absence["last"] == absence["first"]:
        return first
    return f"{first} – {days.day(absence['last'], words)}"
