"""The pages of `docs/` that are printed from the code: `python -m starter.pages` writes them, a test compares them."""

import json
from pathlib import Path

from workflows.procedure.events import EVENTS
from workflows.procedure.table import TABLE, Cell, Fate
from workflows.procedure.vocabulary import Language, Stage
from workflows.procedure.wording import say

DOCS = Path(__file__).resolve().parent.parent / "docs"

_HEAD = """# What can happen when

Printed from `workflows/procedure/table.py` by `make docs`: edit the table, not this page.

A cell says what becomes of an event at that stage: the stage that follows, or why it is refused. *waits*: it is kept
until an answer given no later than itself is recorded. *reopens*: an event sent through our doors takes a closed
complaint up again at the stage it was closed at, and is judged there. The particulars of an event (its dates, its
source, the letter it names …) are looked at afterwards, in `guards.py`. Answered complaints close by themselves when
the mediation window has ended.
"""


def events_page() -> str:
    """Write the page of events: the table stage x event, what to send for each event, and the reasons of refusal."""
    lines = [_HEAD, f"| event | {' | '.join(Stage)} |", "|---" * (len(Stage) + 1) + "|"]
    for kind, row in TABLE.items():
        lines.append(f"| `{kind}` | {' | '.join(_cell(stage, row[stage]) for stage in Stage)} |")
    lines += ["", "## Why an event is refused", ""]
    codes = sorted({cell.why for row in TABLE.values() for cell in row.values() if cell.why})
    lines += [f"- *{code}*: {say(Language.EN, code)} « {say(Language.FR, code)} »" for code in codes]
    lines += ["", "## What to send", "", "Each is a signal of that name, and a `type` of the `submit` update.", ""]
    for kind, event in EVENTS.items():
        lines += [f"- `{kind}`: {event.asks}", f"  `{json.dumps(event.example, ensure_ascii=False)}`"]
    return "\n".join(lines) + "\n"


def _cell(stage: Stage, cell: Cell) -> str:
    if cell.fate is Fate.WAITING:
        return "*waits*"
    if cell.fate is Fate.REOPENS:
        return "*reopens*"
    if cell.fate is Fate.REFUSED:
        return f"refused: *{cell.why}*"
    if cell.next_stages == (stage,):
        return "accepted"
    if len(cell.next_stages) == len(Stage):
        return "accepted → as worked out again"
    return "accepted → " + " or ".join(cell.next_stages)


PAGES = {"events.md": events_page}
"""The printed pages, by file."""


def main() -> None:
    """Write every printed page."""
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
