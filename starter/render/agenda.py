"""The agenda: open complaints by the day of their next deadline, what is overdue first."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from starter.client import Listed
from starter.render.days import day
from starter.render.listing import by_deadline, flags
from starter.render.words import Words, shown
from workflows.procedure.calendar import PARIS, paris_date
from workflows.procedure.vocabulary import Language


def within(complaints: Iterable[Listed], days: int, now: datetime) -> list[Listed]:
    """Choose what is overdue, and what comes due today or within so many days (civil days in Paris)."""
    until = paris_date(now) + timedelta(days=days)
    return by_deadline(
        each for each in complaints if each.overdue or (each.next_deadline and paris_date(each.next_deadline) <= until)
    )


def render_agenda(complaints: Sequence[Listed], days: int, now: datetime, language: Language) -> RenderableType:
    """Show what `within` chose."""
    words, today = Words(language), paris_date(now)
    if not complaints:
        said = words.choose("Rien n'échoit d'ici {} jours.", "Nothing comes due within {} days.")
        return Text(said.format(days))
    return Group(*_days(complaints, today, words))


def _days(complaints: Sequence[Listed], today: date, words: Words) -> Iterator[RenderableType]:
    for when, group in groupby(complaints, key=lambda each: _day_of(each, today)):
        yield Text(_heading(when, today, words), style="bold red" if when is None else "bold")
        table = Table.grid(padding=(0, 2))
        for each in group:
            table.add_row(
                Text("  "),
                shown(_hour(each) if when else ""),
                shown(each.reference, "bold"),
                shown(words.choose("niveau {}", "level {}").format(each.level or words.nobody)),
                shown(words("stage", each.stage) if each.stage else words.nobody),
                shown(each.contact or words.nobody),
                flags(each, words),
                shown("" if when else _goes_on(each, today, words)),
            )
        yield table
        yield Text("")


def _day_of(complaint: Listed, today: date) -> date | None:
    """Give the day a complaint stands under; None: its deadline has passed."""
    if complaint.overdue or complaint.next_deadline is None:
        return None
    # The next deadline lies behind us when no worker has taken it up: it belongs to what is late.
    on = paris_date(complaint.next_deadline)
    return on if on >= today else None


def _hour(complaint: Listed) -> str:
    return f"{complaint.next_deadline.astimezone(PARIS):%H:%M}" if complaint.next_deadline else ""


def _goes_on(complaint: Listed, today: date, words: Words) -> str:
    """Say what comes after what was missed."""
    if complaint.next_deadline is None:
        return ""
    on = paris_date(complaint.next_deadline)
    said = words.choose("suite : {}", "next: {}") if on >= today else words.choose("depuis le {}", "since {}")
    return said.format(day(on, words))


def _heading(when: date | None, today: date, words: Words) -> str:
    if when is None:
        return words.choose("En retard", "Overdue")
    if when == today:
        return words.choose("Aujourd'hui, ", "Today, ") + day(when, words)
    return day(when, words)
