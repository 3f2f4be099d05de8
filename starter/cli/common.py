"""What the commands share: their common options, the language, how JSON comes in and goes out."""

import json
import os
import re
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console, RenderableType

from workflows.procedure.intake import EARLIEST_YEAR, LATEST_YEAR
from workflows.procedure.vocabulary import Language

_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_WIDTH_OF_A_PIPE = 140
"""Columns where no terminal says how wide it is: the lines of a table stay lines."""


class Refusal(Exception):
    """A command cannot be done; the message is a sentence for whoever gave it."""


def group() -> typer.Typer:
    """Make the Typer app of one module of commands."""
    return typer.Typer(
        rich_markup_mode=None,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )


def default_language(environment: Mapping[str, str] = os.environ) -> str:
    """Choose the language of people's output: COMPLAINTS_LANG, else the locale's, else French, as the firm."""
    said = environment.get("COMPLAINTS_LANG")
    if said:
        return said
    locale = environment.get("LC_ALL") or environment.get("LANG") or ""
    return Language.EN.value if locale.startswith("en") else Language.FR.value


def _remember(ctx: typer.Context, language: Language) -> Language:
    # Errors are said outside the command, and in its language.
    ctx.find_root().obj = language
    return language


def said_to_person(ctx: Any) -> Language:
    """Give the language the command was asked to speak."""
    chosen = ctx.find_root().obj
    return chosen if isinstance(chosen, Language) else Language.FR


Lang = Annotated[
    Language,
    typer.Option(
        "--lang",
        callback=_remember,
        is_eager=True,
        show_default=False,
        help="Language of the output. Default: COMPLAINTS_LANG, else the locale's, else fr.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs, and nothing else.")]


def put_json(value: Any) -> None:
    """Print one JSON value, in UTF-8 whatever the locale: that is what JSON is."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2).encode())


def put(what: RenderableType) -> None:
    """Print what a renderer made."""
    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else _WIDTH_OF_A_PIPE
    Console(width=width, highlight=False, markup=False, emoji=False).print(what)


def read_day(said: str, option: str, language: Language) -> date:
    """Read the date given for an option.

    Raises:
        typer.BadParameter: it is none, or lies in a year that is a slip of the keyboard.

    """
    try:
        day = date.fromisoformat(said) if _ISO_DATE.fullmatch(said) else None
    except ValueError:
        day = None
    if day is None or not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
        french = f"« {said} » n'est pas une date entre {EARLIEST_YEAR} et {LATEST_YEAR}, par exemple 2026-12-19."
        english = f"“{said}” is no date between {EARLIEST_YEAR} and {LATEST_YEAR}, such as 2026-12-19."
        raise typer.BadParameter(french if language is Language.FR else english, param_hint=option)
    return day


def read_json(source: str, language: Language) -> Any:
    """Read one JSON value from a file, or from stdin for `-`.

    Raises:
        Refusal: it is no JSON; the message says where.
        typer.BadParameter: the file cannot be read.

    """
    name = source if source != "-" else ("l'entrée standard" if language is Language.FR else "standard input")
    try:
        content = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    except OSError as error:
        french, english = f"{name} ne peut pas être lu : {error.strerror}", f"{name} cannot be read: {error.strerror}"
        raise typer.BadParameter(french if language is Language.FR else english, param_hint="FILE") from None
    try:
        return json.loads(content, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise Refusal(_no_json(name, language, error.lineno, error.colno, error.msg)) from None
    except (ValueError, RecursionError):
        french, english = f"{name} : ce n'est pas du JSON en UTF-8.", f"{name}: this is no JSON in UTF-8."
        raise Refusal(french if language is Language.FR else english) from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)  # NaN and Infinity are Python's, not JSON's


def _no_json(name: str, language: Language, line: int, column: int, what: str) -> str:
    if language is Language.FR:
        return f"{name} : JSON invalide, ligne {line}, colonne {column} ({what})."
    return f"{name}: invalid JSON, line {line}, column {column} ({what})."
