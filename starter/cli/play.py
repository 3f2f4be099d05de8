"""`complaints play`: a register through the procedure, time skipped; what would have been owed, sent and missed."""

import asyncio
import json
import logging
import os
import signal
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from starter.cli.common import AsJson, Lang, Refusal, default_language, group, put, put_json
from starter.demo.run import quiet_server
from starter.play.player import play as play_rows
from starter.play.register import BadRow, RegisterRefused, Row, read_register
from starter.play.report import Report, render
from starter.render.words import Words
from worker.settings import Settings

_BY_A_SIGNAL = 128

_Result = TypeVar("_Result")

commands = group()


@commands.command()
def play(
    source: Annotated[Path, typer.Argument(metavar="FILE.csv", exists=True, dir_okay=False, help="The register.")],
    rows: Annotated[int | None, typer.Option(min=1, help="Only the first so many rows.")] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", dir_okay=False, help="Also write the report there, as JSON.")
    ] = None,
    as_json: AsJson = False,
    lang: Lang = default_language,  # type: ignore[assignment]
) -> None:
    """Play a register through the procedure, time skipped: levels, letters, missed deadlines."""
    words = Words(lang)
    if report and not os.access(report if report.exists() else report.absolute().parent, os.W_OK):
        # Said before the play, which may take minutes.
        said = words.choose("ce fichier ne peut pas être écrit", "this file cannot be written")
        raise typer.BadParameter(said, param_hint="--report")
    try:
        listed = list(read_register(source, rows))
    except RegisterRefused as refused:
        raise Refusal(str(refused)) from None
    found = run_to_its_end(_played(listed, words))
    if report:
        content = json.dumps(found.as_json(), ensure_ascii=False, indent=2) + "\n"
        report.write_text(content, encoding="utf-8")
    if as_json:
        put_json(found.as_json())
    else:
        put(render(found, lang))


async def _played(listed: list[Row | BadRow], words: Words) -> Report:
    settings = Settings()
    # On stderr: what stdout says is the report alone.
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(words.choose("Réclamations", "Complaints"), total=len(listed))
        async with quiet_server() as environment:
            return await play_rows(
                environment,
                settings,
                listed,
                on_progress=lambda done, total: bar.update(task, completed=done, total=total),
            )


def run_to_its_end(coroutine: Coroutine[Any, Any, _Result]) -> _Result:
    """Run it; told to stop (SIGTERM, Ctrl-C), leave at once, in silence, and leave no server behind."""
    told: list[int] = []

    async def stoppable() -> _Result:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()

        def stop(signum: int) -> None:
            if told:  # a second time: whoever waits has waited enough
                os._exit(_BY_A_SIGNAL + signum)
            told.append(signum)
            logging.disable()  # what complaints under way say when their server goes is no news
            if task:
                task.cancel()

        for signum in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signum, stop, signum)
        return await coroutine

    try:
        return asyncio.run(stoppable())
    except BaseException:
        # A step under way may make another failure of having been stopped.
        if told:
            raise typer.Exit(_BY_A_SIGNAL + told[0]) from None
        raise
