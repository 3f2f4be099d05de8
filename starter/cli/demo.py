"""`complaints demo`: the main job within minutes, for somebody who sees it for the first time."""

import os
import sys
from typing import Annotated

import typer
from rich.console import Console

from starter.cli.common import Lang, Refusal, default_language, group
from starter.cli.play import run_to_its_end
from starter.demo.run import demo as run_demo
from starter.demo.run import empty_folder
from starter.render.words import Words

_WIDTH_OF_A_PIPE = 140
_ALL_ROWS = 200

commands = group()


@commands.command()
def demo(
    rows: Annotated[int, typer.Option(min=0, max=_ALL_ROWS, help="Rows of the real register to play.")] = _ALL_ROWS,
    lang: Lang = default_language,  # type: ignore[assignment]
) -> None:
    """Show the main job: a story for each level, then a real register.

    It runs on the embedded server with its time skipped, and ends by itself.
    """
    try:
        empty_folder()
    except OSError as error:
        words = Words(lang)
        said = words.choose(
            "Les courriers n'ont pas de place : {} ({}).", "There is no place for the letters: {} ({})."
        )
        raise Refusal(said.format(error.filename, error.strerror)) from None
    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else _WIDTH_OF_A_PIPE
    console = Console(width=width, highlight=False, markup=False, emoji=False)
    code = run_to_its_end(run_demo(rows, lang, console))
    if code:
        raise typer.Exit(code)
