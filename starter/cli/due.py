"""`complaints due`: every clock's dates, explained. It starts nothing, and needs no server."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from activities.firm.load import FirmFile
from activities.pin import ProcedurePinner
from starter.cli.common import AsJson, Lang, Refusal, default_language, group, put, put_json, read_day
from starter.render.due import render_both, render_due
from starter.render.words import Words
from worker.settings import Settings
from workflows.procedure.clocks import Timing, schedule
from workflows.procedure.pinned import Procedure
from workflows.procedure.view import clock_view
from workflows.procedure.vocabulary import ClockName

_FIELDS = ("clock", "kind", "starts_on", "due_on", "act_on", "act_at", "skipped", "opens_on", "moved")

commands = group()


@commands.command()
def due(
    received: Annotated[str, typer.Option(metavar="D", help="Date of receipt, such as 2026-12-19.")],
    sent: Annotated[str | None, typer.Option(metavar="D", help="Date of sending; default: the receipt's.")] = None,
    results: Annotated[str | None, typer.Option(metavar="D", help="Date the results were known.")] = None,
    firm: Annotated[
        Path | None,
        typer.Option(metavar="NEW.toml", help="Also under this firm's file, beside the one in force."),
    ] = None,
    as_json: AsJson = False,
    lang: Lang = default_language,  # type: ignore[assignment]
) -> None:
    """Work out every deadline of a complaint, explained; starts nothing."""
    received_on = read_day(received, "--received", lang)
    sent_on = read_day(sent, "--sent", lang) if sent else received_on
    results_on = read_day(results, "--results", lang) if results else None
    words = Words(lang)
    if sent_on > received_on:
        raise Refusal(words.choose("--sent est postérieure à --received.", "--sent lies after --received."))
    if results_on and results_on < received_on:
        raise Refusal(words.choose("--results est antérieure à --received.", "--results lies before --received."))

    def under(firm_file: Path) -> tuple[Procedure, list[dict[str, Any]]]:
        procedure = ProcedurePinner(FirmFile(firm_file)).pin(sent_on, results_on or received_on)
        return procedure, dates(procedure, received_on, sent_on, results_on)

    procedure, clocks = under(Settings().firm_file)
    if firm:
        then, after = under(firm)
        if as_json:
            put_json({"before": clocks, "after": after})
        else:
            put(render_both(clocks, after, then.deadlines, lang))
    elif as_json:
        put_json(clocks)
    else:
        put(render_due(clocks, procedure.deadlines, lang))


def dates(procedure: Procedure, received_on: date, sent_on: date, results_on: date | None) -> list[dict[str, Any]]:
    """Give the clocks of a complaint in writing as the contract shows them (`due --json`), without the spread.

    Raises:
        CalendarExhausted: a date lies past the procedure's closed days.

    """
    starts = {
        ClockName.ACKNOWLEDGEMENT: sent_on,
        ClockName.HOLDING_LETTER: received_on,
        ClockName.STATUS_LETTER: received_on,
        ClockName.RESOLUTION_LETTER: results_on,
        ClockName.FINAL_ANSWER: sent_on,
        ClockName.MEDIATION_WINDOW: sent_on,
    }
    timing = Timing(procedure=procedure, reference=None)
    views = [clock_view(schedule(name, on, timing)) for name, on in starts.items() if on]
    return [{field: view[field] for field in _FIELDS if field in view} for view in views]
