"""What a play found: the report for programs (`--report`), and the same as tables for people."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict
from rich.console import Group
from rich.table import Table

from workflows.procedure.acts import CLOCK_BREACHED
from workflows.procedure.vocabulary import (
    LETTER_OF_CLOCK,
    ClockName,
    EntryStatus,
    Language,
    LetterKind,
    LetterStatus,
    Level,
)
from workflows.procedure.wording import clock_in_words

_Key = TypeVar("_Key")


class Refusal(BaseModel):
    """A row that was not played to its end, and why. `row` counts the data rows from 1."""

    model_config = ConfigDict(frozen=True)

    row: int
    reason: str


class Report(BaseModel):
    """The report of `play` as the contract names it (CONTRACT, "Command line").

    `run_on` is the civil date in Paris on which every row was received; `rows` counts all data rows read, `played`
    those played to their end; `seconds` are seconds of the wall clock.
    """

    model_config = ConfigDict(frozen=True)

    run_on: date
    rows: int
    played: int
    refused: list[Refusal]
    levels: dict[Level, int]
    letters: dict[LetterKind, int]
    breaches: dict[ClockName, int]
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """Give the JSON object of `--report`."""
        return self.model_dump(mode="json")


class Tally:
    """Counts what became of the complaints of one play, one by one."""

    def __init__(self) -> None:
        self.played = 0
        self._refused: list[Refusal] = []
        self._levels: Counter[Level] = Counter()
        self._letters: Counter[LetterKind] = Counter()
        self._breaches: Counter[ClockName] = Counter()

    @property
    def done(self) -> int:
        """How many rows were played or refused so far."""
        return self.played + len(self._refused)

    def count(self, dossier: Mapping[str, Any]) -> None:
        """Count a complaint that has ended, from its dossier (CONTRACT, "What a complaint answers")."""
        self.played += 1
        # Nothing in a play raises a level: the last one is that of the opening.
        self._levels[Level(dossier["level"])] += 1
        for letter in dossier["letters"]:
            if not LetterStatus(letter["status"]).never_left:
                self._letters.update(kinds_of(letter))
        self._breaches.update(_breached(dossier["journal"]))

    def refuse(self, row: int, reason: str) -> None:
        """Count a row that could not be played."""
        self._refused.append(Refusal(row=row, reason=reason))

    def report(self, run_on: date, seconds: float) -> Report:
        """Give what was counted, in the order of the procedure; what did not occur is left out."""
        return Report(
            run_on=run_on,
            rows=self.done,
            played=self.played,
            refused=sorted(self._refused, key=lambda refusal: refusal.row),
            levels={level: self._levels[level] for level in Level if self._levels[level]},
            letters={kind: self._letters[kind] for kind in IN_ORDER if self._letters[kind]},
            breaches={clock: self._breaches[clock] for clock in ClockName if self._breaches[clock]},
            seconds=round(seconds, 1),
        )


def kinds_of(letter: Mapping[str, Any]) -> set[LetterKind]:
    """Name every kind a letter counts under: its own, and those of the letters it stands for.

    An answer stands for itself alone: it keeps the two months by answering, which is not the letter that says why there
    is no answer yet.
    """
    kind = LetterKind(letter["kind"])
    if kind is LetterKind.RESOLUTION:
        return {kind}
    return {kind} | {LETTER_OF_CLOCK[ClockName(clock)] for clock in letter["serves"]}


def _breached(journal: list[dict[str, Any]]) -> list[ClockName]:
    """Name the clocks that were breached, each once, also those that a timely act recorded later has kept."""
    keys = {
        entry["data"]["clock"]
        for entry in journal
        if entry["type"] == CLOCK_BREACHED and entry["status"] == EntryStatus.ACCEPTED
    }
    return [ClockName(key.partition("/")[0]) for key in keys]


_LETTERS: dict[LetterKind, tuple[str, str]] = {
    LetterKind.ACKNOWLEDGEMENT: ("accusé de réception", "acknowledgement"),
    LetterKind.WRITTEN_INVITATION: ("invitation à écrire", "invitation to write"),
    LetterKind.HOLDING: ("lettre d'attente", "holding letter"),
    LetterKind.STATUS: ("point de situation", "status letter"),
    LetterKind.PROGRESS: ("lettre de suivi", "progress letter"),
    LetterKind.TWO_MONTHS: ("lettre des deux mois", "two-months letter"),
    LetterKind.RESOLUTION: ("lettre de résolution", "resolution letter"),
    LetterKind.EXHAUSTED: ("renvoi au médiateur", "way to the mediator"),
    LetterKind.CONTACT_CHANGE: ("changement d'interlocuteur", "change of contact"),
    LetterKind.TRANSFER: ("transmission à la compagnie", "transfer to the insurer"),
    LetterKind.WITHDRAWAL: ("désistement", "withdrawal"),
}
IN_ORDER = tuple(_LETTERS)
"""The letters in the order in which a complaint meets them."""

_LABELS: dict[str, tuple[str, str]] = {
    "title": ("Registre joué le {day}", "Register played on {day}"),
    "rows": ("Lignes du registre", "Rows of the register"),
    "played": ("Réclamations jouées", "Complaints played"),
    "refused": ("Lignes refusées", "Rows refused"),
    "seconds": ("Durée (secondes)", "Time taken (seconds)"),
    "levels": ("Niveaux à l'ouverture", "Levels at opening"),
    "level": ("niveau {level}", "level {level}"),
    "letters": ("Lettres parties", "Letters sent"),
    "breaches": ("Échéances dépassées", "Deadlines missed"),
    "none": ("aucune", "none"),
    "row": ("ligne {row}", "row {row}"),
    "more": ("et {count} autres", "and {count} more"),
}
_SHOWN_REFUSALS = 20


def render(report: Report, language: Language = Language.FR) -> Group:
    """Make the report for people in their language, for a `rich` console; of many refused rows, the first twenty."""

    def say(code: str, **values: object) -> str:
        return _in(language, _LABELS[code]).format(**values)

    summary = _table(say("title", day=report.run_on.isoformat()))
    for code in ("rows", "played"):
        summary.add_row(say(code), f"{getattr(report, code)}")
    summary.add_row(say("refused"), f"{len(report.refused)}")
    summary.add_row(say("seconds"), f"{report.seconds:.1f}")
    parts = [
        summary,
        _counts(say("levels"), report.levels, lambda level: say("level", level=level), say("none")),
        _counts(say("letters"), report.letters, lambda kind: _in(language, _LETTERS[kind]), say("none")),
        _counts(say("breaches"), report.breaches, lambda clock: clock_in_words(language, clock), say("none")),
    ]
    if report.refused:
        refused = _table(say("refused"), numbers=False)
        for refusal in report.refused[:_SHOWN_REFUSALS]:
            refused.add_row(say("row", row=refusal.row), refusal.reason)
        if len(report.refused) > _SHOWN_REFUSALS:
            refused.add_row("", say("more", count=len(report.refused) - _SHOWN_REFUSALS))
        parts.append(refused)
    return Group(*parts)


def _counts(title: str, counts: Mapping[_Key, int], name: Callable[[_Key], str], none: str) -> Table:
    table = _table(title)
    for key, count in counts.items():
        table.add_row(name(key), f"{count}")
    if not counts:
        table.add_row(none, "")
    return table


def _table(title: str, *, numbers: bool = True) -> Table:
    table = Table(title=title, title_justify="left", show_header=False, min_width=48)
    table.add_column()
    table.add_column(justify="right" if numbers else "left", overflow="fold")
    return table


def _in(language: Language, words: tuple[str, str]) -> str:
    return words[0] if language is Language.FR else words[1]
