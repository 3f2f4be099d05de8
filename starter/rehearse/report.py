"""A rehearsal as it is reported: what was compared, for which complaints, what was found, what could not be lived."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from activities.firm.load import load_firm
from starter.rehearse.changes import Changes
from starter.rehearse.plan import NotRehearsed
from starter.rehearse.sentences import summary
from starter.render.words import Words


@dataclass(frozen=True)
class Configuration:
    """The firm's file and the letters' templates of one side; `version`: the operator's own label of the file."""

    firm_file: Path
    version: str
    templates: Path

    @classmethod
    def of(cls, firm_file: Path, templates: Path) -> "Configuration":
        """Describe one side. Raises FirmFileError: the file is broken; the message names the place."""
        return cls(firm_file, load_firm(firm_file).version, templates)


@dataclass(frozen=True)
class Rehearsal:
    """What was rehearsed, and what was found. `received_on`: the day on which every complaint was received."""

    received_on: date
    before: Configuration
    after: Configuration
    of: str
    """Which complaints, in words."""
    changes: Changes
    not_rehearsed: tuple[NotRehearsed, ...]

    @property
    def whole(self) -> bool:
        """Whether all that was asked for could be rehearsed."""
        return not self.not_rehearsed


def rehearsal_json(rehearsal: Rehearsal, words: Words) -> dict[str, Any]:
    """Give the rehearsal for programs; its sentences are in the language of `words`."""
    return {
        "received_on": rehearsal.received_on.isoformat(),
        "before": _configuration(rehearsal.before),
        "after": _configuration(rehearsal.after),
        "complaints": rehearsal.of,
        "summary": summary(rehearsal.changes, words),
        "changes": rehearsal.changes.model_dump(mode="json", exclude={"why_not"}),
        "not_rehearsed": [{"what": each.what, "why": each.why} for each in rehearsal.not_rehearsed],
    }


def _configuration(side: Configuration) -> dict[str, str]:
    return {"firm_file": str(side.firm_file), "version": side.version, "templates": str(side.templates)}
