"""The deadlines: from when each was counted and by what rule, which days did not count, and what became of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from starter.evidence.parts import Cell, Facts, Line, Section, Style, Table, cell, line
from starter.evidence.record import Evidence
from starter.render.days import day, explained, in_words, instant
from starter.render.words import Words
from workflows.procedure.calendar import CalendarExhausted, Deadline, due
from workflows.procedure.clocks import Clock
from workflows.procedure.pinned import Procedure
from workflows.procedure.vocabulary import ClockName

_STYLES = {"breached": Style.ALERT, "dropped": Style.MUTED}


def deadlines(evidence: Evidence, words: Words) -> list[Section]:
    """Give the deadlines of all rounds, in the order in which they began."""
    headings = words.choose(
        "Échéance|Dernier jour|Comment elle a été comptée|Ce qu'il en est advenu",
        "Deadline|Last day|How it was counted|What became of it",
    )
    pairs = zip(evidence.dossier.case.clocks, evidence.view["clocks"], strict=True)
    kept_by = {key: place for place, letter in enumerate(evidence.letters, 1) for key in letter.record.kept}
    rows = [
        (
            cell(
                line(words("clock", clock.clock), Style.STRONG),
                f"{words('kind', clock.kind)}, {words.choose('tour', 'round')} {clock.round}",
                line(words("basis", clock.clock), Style.MUTED),
            ),
            cell(line(day(clock.due_on, words), Style.STRONG)),
            cell(explained(shown, words, _rule(clock, evidence.carried.procedures))),
            _became(shown, kept_by.get(clock.key), words),
        )
        for clock, shown in pairs
    ]
    return [
        Section(words.choose("Échéances", "Deadlines"), body=Table(headings.split("|"), (2.2, 1.9, 3.2, 2.7), rows))
    ]


def rules(evidence: Evidence, words: Words) -> list[Section]:
    """Give the lengths of the deadlines in each version of the procedure that the complaint was pinned to."""
    intro = words.choose(
        "Le dossier suit la procédure du cabinet telle qu'elle était à son ouverture, relue à chaque nouveau tour. "
        "Les jours fériés et les fermetures de chaque version sont dans procedures.json.",
        "The file follows the firm's procedure as it was when it was opened, read again at each new round. The "
        "holidays and closures of each version are in procedures.json.",
    )
    sections = [Section(words.choose("Procédures appliquées", "Procedures applied"), [line(intro)])]
    for version, procedure in evidence.carried.procedures.items():
        lengths = [(words("clock", name), cell(in_words(each, words))) for name, each in procedure.deadlines.items()]
        opens = words.choose("saisine du médiateur : ouverture", "right to the mediator: opens")
        rows = [*lengths, (opens, cell(in_words(procedure.mediation_opens, words)))]
        title = words.choose("Version {}", "Version {}").format(version)
        sections.append(Section(title, body=Facts(rows), depth=2))
    return sections


def _rule(clock: Clock, procedures: Mapping[str, Procedure]) -> Deadline | None:
    """Find the length by which a clock was counted: that of the latest version which gives its date."""
    for procedure in reversed(list(procedures.values())):
        deadline = procedure.deadlines.get(clock.clock)
        if deadline and clock.clock is not ClockName.PROMISED_DATE and _gives(deadline, clock, procedure):
            return deadline
    return None


def _gives(deadline: Deadline, clock: Clock, procedure: Procedure) -> bool:
    try:
        return due(deadline, clock.starts_on, procedure.calendar).due_on == clock.due_on
    except CalendarExhausted:
        return False


def _became(clock: Mapping[str, Any], letter: int | None, words: Words) -> Cell:
    state = clock["state"]
    category = "window_state" if clock["clock"] == ClockName.MEDIATION_WINDOW else "clock_state"
    return cell(
        line(words(category, state), _STYLES.get(state, Style.STRONG)),
        clock.get("reason"),
        _done(clock, words),
        words.choose("par le courrier n° {}", "by letter no. {}").format(letter) if letter else None,
        _recorded_late(clock, words),
    )


def _done(clock: Mapping[str, Any], words: Words) -> str | None:
    if not clock.get("settled_at"):
        return None
    said = words.choose("fait le {}", "done on {}")
    return said.format(instant(datetime.fromisoformat(clock["settled_at"]), words))


def _recorded_late(clock: Mapping[str, Any], words: Words) -> Line | None:
    if not clock.get("recorded_late"):
        return None
    return line(words.choose("dans le délai, enregistré après coup", "in time, recorded afterwards"), Style.MUTED)
