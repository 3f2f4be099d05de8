"""What `complaints rehearse` shows in a terminal: the summary, the totals, and what changes for each complaint."""

from collections.abc import Iterator

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from starter.rehearse.changes import Changes, Count
from starter.rehearse.report import Configuration, Rehearsal
from starter.rehearse.rows import rows_of
from starter.rehearse.sentences import summary
from starter.render.days import day
from starter.render.words import Words, shown

_SHOWN_COMPLAINTS = 5
_SHOWN_LINES = 40
_STYLES = {"-": "red", "+": "green", "@": "dim"}


def render_rehearsal(rehearsal: Rehearsal, words: Words) -> RenderableType:
    """Show a rehearsal; of many complaints that change, the first five, and a word on the others."""
    return Group(*_parts(rehearsal, words))


def _parts(rehearsal: Rehearsal, words: Words) -> Iterator[RenderableType]:
    changes = rehearsal.changes
    yield _compared(rehearsal, words)
    yield Text("")
    for sentence in summary(changes, words):
        yield shown(f"• {sentence}", longest=500)
    if changes.any:
        yield Text("")
        yield _totals(changes, words)
        yield from _words(changes, words)
        yield Text("")
        yield _details(changes, words)
    if len(changes.details) > _SHOWN_COMPLAINTS:
        said = words.choose("… et {} autres : --report FICHIER.html les montre toutes.", "… and {} more: --report "
                            "FILE.html shows all of them.")  # fmt: skip
        yield Text(said.format(len(changes.details) - _SHOWN_COMPLAINTS))
    for each in rehearsal.not_rehearsed:
        yield shown(words.choose("Non répétée : {} ({})", "Not rehearsed: {} ({})").format(each.what, each.why), "red")


def _compared(rehearsal: Rehearsal, words: Words) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_row(words.choose("avant", "before"), shown(_side(rehearsal.before)))
    table.add_row(words.choose("après", "after"), shown(_side(rehearsal.after)))
    received = words.choose("{}, reçues le {}", "{}, received on {}")
    table.add_row(
        words.choose("réclamations", "complaints"),
        shown(received.format(rehearsal.of, day(rehearsal.received_on, words))),
    )
    return table


def _side(side: Configuration) -> str:
    return f"{side.firm_file} ({side.version}) · {side.templates}"


def _totals(changes: Changes, words: Words) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading, justify in zip(words.choose("|avant|après", "|before|after").split("|"), "lrr", strict=True):
        table.add_column(heading, justify="right" if justify == "r" else "left")

    def add(name: str, count: Count) -> None:
        style = "bold" if count.more else "dim"
        table.add_row(shown(name, style), shown(count.before, style), shown(count.after, style))

    for letter in changes.letters:
        add(words("letter", letter.kind), letter.letters)
    for clock in changes.clocks:
        if clock.breaches.before or clock.breaches.after:
            add(words.choose("manquée : {}", "missed: {}").format(words("clock", clock.clock)), clock.breaches)
    add(words.choose("avis au personnel", "notices to staff"), changes.notices)
    add(words.choose("messages à l'autre Partie", "messages to the other Party"), changes.calls)
    for person in changes.people:
        said = words.choose("{} : au plus en même temps", "{}: most at once").format(person.name)
        add(said, person.at_once)
        add(words.choose("{} : lettres en un jour", "{}: letters in one day").format(person.name), person.busiest_day)
    return table


def _words(changes: Changes, words: Words) -> Iterator[RenderableType]:
    for change in changes.words:
        said = words.choose("{} ({}), {} lettre(s), par exemple {} :", "{} ({}), {} letter(s), such as {}:")
        name = words("letter", change.kind)
        yield Text("")
        yield shown(said.format(name, change.language, change.letters, change.example), "bold")
        for line in change.diff[:_SHOWN_LINES]:
            yield shown(line, _STYLES.get(line[:1], ""), 300)


def _details(changes: Changes, words: Words) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    headings = words.choose("réclamation|ce qui change|avant|après|écart", "complaint|what changes|before|after|by")
    for heading in headings.split("|"):
        table.add_column(heading, overflow="fold")
    for each in changes.details[:_SHOWN_COMPLAINTS]:
        reference = each.reference
        for row in rows_of(each, words):
            table.add_row(shown(reference, "bold"), *map(shown, (row.what, row.before, row.after, row.note)))
            reference = ""
    return table
