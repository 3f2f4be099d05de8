"""`complaints erase` and `complaints hold`: a closed complaint's person is erased, or kept for a court."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from activities.register.erasing import Erasures, NotErasable
from starter.cli import connection
from starter.cli.common import AsJson, Lang, Refusal, default_language, group, put_json
from starter.register.erasing import erase as erase_everywhere
from starter.render.words import Words
from worker.settings import Settings
from workflows.procedure.calendar import paris_date

commands = group()

Reference = Annotated[str, typer.Argument(metavar="REF", help="The complaint's reference.")]
By = Annotated[str, typer.Option("--by", help="Who decided it: an id, such as c-001; it is kept.")]

_WHY = {
    "unknown": ("le registre ne connaît pas cette réclamation.", "the register knows no such complaint."),
    "open": ("elle est en cours : seule une réclamation close s'efface.", "it is open: only a closed one is erased."),
    "not_owner": (
        "il faut l'adresse du registre de son propriétaire (COMPLAINTS_REGISTER_URL).",
        "it takes the register's address as its owner (COMPLAINTS_REGISTER_URL).",
    ),
    "held": ("conservation légale : {}", "legal hold: {}"),
}


@commands.command()
def erase(
    reference: Reference,
    by: By,
    as_json: AsJson = False,
    lang: Lang = default_language,  # type: ignore[assignment]
) -> None:
    """Erase a closed complaint: its histories, its letters, its person. One anonymous line of the register stays.

    It cannot be undone. Interrupted, repeat it. Backups hold it until they expire, which the answer says.
    """
    settings, words, now = Settings(), Words(lang), datetime.now(UTC)

    async def done() -> dict[str, object]:
        client = await connection.client()
        with connection.register(settings) as register:
            erased = await erase_everywhere(client, register, settings.outbox, reference, by, now)
        return {"reference": reference, "runs": erased.runs, "rows": erased.rows, "folder": erased.folder}

    try:
        answer = asyncio.run(done())
    except NotErasable as error:
        raise Refusal(f"{reference} : {_why(error, words)}") from None
    until = paris_date(now + timedelta(days=settings.backup_days)).isoformat()
    if as_json:
        put_json({**answer, "backups_until": until})
        return
    said = words.choose(
        "{} : effacée ({} exécution(s) de Temporal, {} ligne(s) du registre). Les sauvegardes la contiennent encore "
        "jusqu'au {}.",
        "{}: erased ({} run(s) of Temporal, {} row(s) of the register). Backups still hold it until {}.",
    )
    typer.echo(said.format(reference, answer["runs"], answer["rows"], until))


@commands.command()
def hold(
    reference: Annotated[str | None, typer.Argument(metavar="[REF]", help="The reference; none: list them.")] = None,
    reason: Annotated[str | None, typer.Option(help="Why it must be kept.")] = None,
    lift: Annotated[bool, typer.Option("--lift", help="End the hold.")] = False,
    by: By = "",
    as_json: AsJson = False,
    lang: Lang = default_language,  # type: ignore[assignment]
) -> None:
    """Keep a complaint from being erased (`--reason`), or end that (`--lift`); without a reference, list the holds."""
    words = Words(lang)
    with connection.register(Settings()) as register:
        erasures = Erasures(register)
        if reference is None:
            _list(erasures, as_json, words)
        elif lift:
            if not erasures.lift(reference):
                said = words.choose("aucune conservation légale.", "no legal hold.")
                raise Refusal(f"{reference} : {said}")
        elif reason and by:
            try:
                erasures.hold(reference, reason, by, datetime.now(UTC))
            except NotErasable as error:
                raise Refusal(f"{reference} : {_why(error, words)}") from None
        else:
            raise typer.BadParameter(words.choose("--reason et --by, ou --lift", "--reason and --by, or --lift"))


def _list(erasures: Erasures, as_json: bool, words: Words) -> None:
    holds = erasures.holds()
    if as_json:
        put_json([
            {"reference": each.reference, "reason": each.reason, "by": each.set_by, "since": each.set_at.isoformat()}
            for each in holds
        ])  # fmt: skip
        return
    for each in holds:
        typer.echo(f"{each.reference}  {paris_date(each.set_at).isoformat()}  {each.set_by}  {each.reason}")
    if not holds:
        typer.echo(words.choose("Aucune conservation légale.", "No legal hold."))


def _why(error: NotErasable, words: Words) -> str:
    return words.choose(*_WHY[error.why]).format(error.detail)
