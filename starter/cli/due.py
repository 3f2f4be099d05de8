"""`complaints due`: every clock's dates, explained. It starts nothing, and needs no server."""

from pathlib import Path
from typing import Annotated, Any

import typer

from activities.firm.load import FirmFile
from activities.pin import ProcedurePinner
from starter.cli.common import AsJson, Lang, Refusal, default_language, group, put, put_json, read_day
from starter.due import dates
from starter.render.due import render_both, render_due
from starter.render.words import Words
from worker.settings import Settings
from workflows.procedure.pinned import Procedure

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
