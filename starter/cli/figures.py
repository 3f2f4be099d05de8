"""`complaints register export` and `figures`: the register answers a supervisor; neither needs Temporal."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from activities.firm.load import FirmFile
from starter.cli import connection
from starter.cli.common import Lang, Refusal, default_language, group, put
from starter.figures.charts import charts
from starter.figures.counting import figures_of
from starter.figures.names import Names
from starter.figures.reading import lines
from starter.figures.report import report
from starter.figures.sheets import Format, write
from starter.render.figures import render_figures
from starter.render.words import Words
from worker.settings import Settings
from workflows.procedure.intake import EARLIEST_YEAR, LATEST_YEAR


class Shown(StrEnum):
    """The forms of the yearly figures."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"


_DAY, _DECEMBER = ["%Y-%m-%d"], 12

answers = group()

Year = typer.Option(min=EARLIEST_YEAR, max=LATEST_YEAR, metavar="Y", help="A civil year.")
Out = Annotated[
    Path | None, typer.Option(dir_okay=False, metavar="FILE", help="Written whole or not at all. Default: stdout.")
]


@answers.command()
def export(
    form: Annotated[Format, typer.Option("--format", help="csv opens in a French Excel.")] = Format.CSV,
    out: Out = None,
    year: Annotated[int | None, Year] = None,
    first: Annotated[
        datetime | None, typer.Option("--from", metavar="D", formats=_DAY, help="Received on that day or later.")
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", metavar="D", formats=_DAY, help="Received on that day or before.")
    ] = None,
    anonymous: Annotated[
        bool, typer.Option("--anonymous", help="Leave out names, policy numbers and texts about a person.")
    ] = False,
    lang: Lang = default_language,  # type: ignore[assignment]
) -> None:
    """Write the register, one line for each complaint; needs no Temporal."""
    words, settings = Words(lang), Settings()
    received_from, received_to = _period(year, first, last, words)
    if form is Format.XLSX and out is None and sys.stdout.isatty():
        raise typer.BadParameter(
            words.choose("un classeur ne se lit pas dans un terminal", "a workbook cannot be read in a terminal"),
            param_hint="--out",
        )
    names = Names(words, FirmFile(settings.firm_file)())
    with connection.register(settings) as found, _written_to(out, words) as target:
        count = write(lines(found, received_from, received_to), form, target, names, anonymous=anonymous)
    if out:
        typer.echo(words.choose("{} : {} réclamations", "{}: {} complaints").format(out, count))


@answers.command()
def figures(
    year: Annotated[int, Year],
    insurer: Annotated[str | None, typer.Option(metavar="ID", help="Only this insurer's complaints.")] = None,
    form: Annotated[Shown, typer.Option("--format", help="html is one page, charts included.")] = Shown.TEXT,
    folder: Annotated[
        Path | None, typer.Option("--charts", file_okay=False, metavar="DIR", help="Write the charts there, as SVG.")
    ] = None,
    lang: Lang = default_language,  # type: ignore[assignment]
) -> None:
    """Count a year's complaints beside the year before; needs no Temporal. docs/figures.md says what is counted."""
    words, settings = Words(lang), Settings()
    names = Names(words, FirmFile(settings.firm_file)())
    with connection.register(settings) as found:
        counted = figures_of(lines(found, last=date(year, _DECEMBER, 31)), year, insurer)
    match form:
        case Shown.TEXT:
            put(render_figures(counted, names))
        case Shown.JSON:
            typer.echo(counted.model_dump_json(indent=2).encode())
        case Shown.HTML:
            typer.echo(report(counted, names).encode(), nl=False)
    if folder:
        for chart in charts(counted, names):
            path = folder / f"{chart.name}-{year}.svg"
            with _written_to(path, words) as target:
                target.write(chart.svg().encode())
            typer.echo(str(path), err=True)


def _period(
    year: int | None, first: datetime | None, last: datetime | None, words: Words
) -> tuple[date | None, date | None]:
    """Give the days of receipt that are asked for, both included."""
    if year is not None:
        if first or last:
            said = words.choose("--year ou --from et --to, pas les deux", "--year, or --from and --to, not both")
            raise typer.BadParameter(said, param_hint="--year")
        return date(year, 1, 1), date(year, _DECEMBER, 31)
    if first and last and last < first:
        raise Refusal(words.choose("--to est antérieure à --from.", "--to lies before --from."))
    return first.date() if first else None, last.date() if last else None


@contextmanager
def _written_to(path: Path | None, words: Words) -> Iterator[BinaryIO]:
    """Give a file that takes its name once it is whole, or the standard output.

    Raises:
        Refusal: the file cannot be written.

    """
    if path is None:
        yield sys.stdout.buffer
        return
    # Beside it, and with a name of its own: what stood there stays until the new one is whole.
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("xb") as target:
            yield target
        part.replace(path)
    except OSError as error:
        said = words.choose("{} ne peut pas être écrit : {}.", "{} cannot be written: {}.")
        raise Refusal(said.format(path, error.strerror)) from None
    finally:
        with suppress(OSError):  # there is none, or what was in its way has been said
            part.unlink()
