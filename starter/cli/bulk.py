"""`complaints import`: a file of complaints, CSV or XLSX, checked row by row and opened; cut off, it goes on."""

import asyncio
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from activities.register.idempotency import IdempotencyKeys
from starter.bulk.importing import Importer, Result, Row, RowResult, rows_of, write_report
from starter.bulk.mapping import MappingRefused, propose, read_mapping
from starter.bulk.reading import FileRefused, read_rows
from starter.cli import connection
from starter.cli.common import AsJson, Lang, Refusal, default_language, group, put_json
from starter.render.words import Words
from worker.settings import Settings

commands = group()
_SHOWN = 20
_WORDS = {
    Result.READY: ("prêtes", "ready"),
    Result.OPENED: ("ouvertes", "opened"),
    Result.KNOWN: ("déjà ouvertes", "opened before"),
    Result.REFUSED: ("refusées", "refused"),
}


@commands.command("import")
def import_file(
    source: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="A CSV or XLSX file.")],
    mapping: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Which column is which field (TOML).")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check every row; open nothing.")] = False,
    report: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Write what became of each row there (CSV).")
    ] = None,
    as_json: AsJson = False,
    lang: Lang = default_language,  # type: ignore[assignment]
) -> None:
    """Open the complaints of a file. Without --mapping, print a mapping to begin with.

    The same command again opens each row once, wherever it was cut off. Exit code 1 when a row was refused.
    """
    words = Words(lang)
    try:
        cells = list(read_rows(source))
        if mapping is None:
            typer.echo(propose(list(cells[0]) if cells else []), nl=False)
            return
        listed = list(rows_of(cells, read_mapping(mapping), datetime.now(UTC)))
    except (FileRefused, MappingRefused) as refused:
        raise Refusal(str(refused)) from None
    rows = [row for row in listed if isinstance(row, Row)]
    results = [row for row in listed if isinstance(row, RowResult)]
    if dry_run:
        results += [RowResult(row.number, Result.READY) for row in rows]
    else:
        asyncio.run(_run(rows, results, words))
    if report:
        write_report(report, results)
    _say(results, words, as_json=as_json)
    if any(each.result is Result.REFUSED for each in results):
        raise typer.Exit(1)


async def _run(rows: list[Row], results: list[RowResult], words: Words) -> None:
    settings = Settings()
    complaints = await connection.complaints(settings, opening=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with (
        connection.register(settings) as register,
        Progress(*columns, console=Console(stderr=True)) as bar,
    ):
        task = bar.add_task(words.choose("Réclamations", "Complaints"), total=len(rows))

        def done(result: RowResult) -> None:
            results.append(result)
            bar.advance(task)

        await Importer(complaints, IdempotencyKeys(register)).run(rows, done)


def _say(results: list[RowResult], words: Words, *, as_json: bool) -> None:
    counts = Counter(each.result for each in results)
    refused = sorted((each for each in results if each.result is Result.REFUSED), key=lambda each: each.number)
    if as_json:
        put_json({
            **{result.value: counts[result] for result in Result},
            "rows": [
                {"row": each.number, "result": each.result.value, "reference": each.reference, "reason": each.reason}
                for each in sorted(results, key=lambda each: each.number)
            ],
        })  # fmt: skip
        return
    typer.echo(", ".join(f"{counts[result]} {words.choose(*_WORDS[result])}" for result in Result if counts[result]))
    for each in refused[:_SHOWN]:
        typer.echo(f"  {words.choose('ligne', 'row')} {each.number}: {each.reason}")
    if len(refused) > _SHOWN:
        typer.echo(words.choose("  … la suite avec --report", "  … the rest with --report"))
