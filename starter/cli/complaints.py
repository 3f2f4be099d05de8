"""The commands on complaints: open one, say what happened to it, look at one, at all, at the days ahead."""

import asyncio
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from activities.firm.load import FirmFile
from activities.register.watch import Watch
from starter.cli import connection
from starter.cli.common import AsJson, Lang, Refusal, default_language, group, put, put_json, read_json
from starter.client import Listed, NotAnswering
from starter.render.agenda import render_agenda, within
from starter.render.dossier import render_dossier
from starter.render.icalendar import agenda_feed
from starter.render.listing import by_deadline, listed_view, render_listing
from starter.render.words import Words, shown
from worker.settings import Settings
from workflows.procedure.calendar import paris_date
from workflows.procedure.events import EVENTS
from workflows.procedure.vocabulary import Level, Stage

_TEN_YEARS = 3_660
_DAYS_OF_THE_AGENDA, _DAYS_OF_A_FEED = 7, 90
_CLASSIFIED = "complaint_classified"

commands = group()

Reference = Annotated[str, typer.Argument(metavar="REF", help="The complaint's reference.")]


@commands.command("open")
def open_complaint(
    source: Annotated[str, typer.Argument(metavar="FILE|-", help="The complaint's JSON; - reads it from stdin.")],
    as_json: AsJson = False,
    lang: Lang = default_language,  # type: ignore[assignment]
) -> None:
    """Start a complaint from its JSON, and print its reference."""
    message = read_json(source, lang)

    async def started() -> str:
        return await (await connection.complaints(Settings(), opening=True)).open(message)

    reference = asyncio.run(started())
    if as_json:
        put_json({"reference": reference})
    else:
        typer.echo(reference)


@commands.command()
def submit(
    reference: Reference,
    kind: Annotated[str, typer.Argument(metavar="TYPE", help="The event's type, such as response_given.")],
    source: Annotated[
        str | None, typer.Argument(metavar="FILE|-", help="The event's JSON; without it, the event has no fields.")
    ] = None,
    as_json: AsJson = False,
    lang: Lang = default_language,  # type: ignore[assignment]
) -> None:
    """Submit one event, and print the receipt."""
    words = Words(lang)
    if kind not in EVENTS:
        said = words.choose("type inconnu ; connus : {}", "unknown type; known are: {}")
        raise typer.BadParameter(said.format(", ".join(EVENTS)), param_hint="TYPE")
    message = read_json(source, lang) if source else {}
    if isinstance(message, dict) and message.get("type", kind) != kind:
        said = words.choose("Le fichier porte un autre type que {}.", "The file bears another type than {}.")
        raise Refusal(said.format(kind))

    if kind == _CLASSIFIED and isinstance(message, dict):
        _require_known_cause(message.get("cause"), words)
    if isinstance(message, dict) and message.get("id") is None:
        message = {**message, "id": f"s-{uuid.uuid4().hex[:12]}"}

    async def submitted() -> dict[str, Any]:
        complaints = await connection.complaints(Settings())
        try:
            return await complaints.submit(reference, kind, message)
        except NotAnswering as error:
            # It may have been applied: only whoever knows the id can repeat it safely.
            raise Refusal(f"{error} (id: {message['id']})") from None

    receipt = asyncio.run(submitted())
    if as_json:
        put_json(receipt)
    else:
        put(_receipt(receipt, words))


def _require_known_cause(cause: Any, words: Words) -> None:
    """Refuse a cause that is not in the firm's list: the complaint does not carry that list, and would take it."""
    known = FirmFile(Settings().firm_file)().causes
    if isinstance(cause, str) and cause not in known:
        said = words.choose("cause inconnue du cabinet ; connues : {}", "the firm knows no such cause; known are: {}")
        raise Refusal(said.format(", ".join(known)))


def _receipt(receipt: dict[str, Any], words: Words) -> Text:
    stands = words.choose("niveau {}, {}", "level {}, {}").format(receipt["level"], words("stage", receipt["stage"]))
    said = f"{receipt['reference']} ({stands}){words.choose(' : ', ': ')}{receipt['message']}"
    return shown(said, longest=1_000)


@commands.command()
def show(
    reference: Reference,
    everything: Annotated[bool, typer.Option("--all", help="Tell also when staff were told.")] = False,
    as_json: AsJson = False,
    lang: Lang = default_language,  # type: ignore[assignment]
) -> None:
    """Show one complaint: where it stands, what is owed next, its story."""

    async def asked() -> dict[str, Any]:
        return await (await connection.complaints(Settings())).dossier(reference, lang.value)

    dossier = asyncio.run(asked())
    if as_json:
        put_json(dossier)
    else:
        put(render_dossier(dossier, lang, everything=everything))


@commands.command("list")
def list_complaints(
    level: Annotated[Level | None, typer.Option(help="Only this level.")] = None,
    stage: Annotated[Stage | None, typer.Option(help="Only this stage.")] = None,
    contact: Annotated[str | None, typer.Option(metavar="ID", help="Only this person's, such as c-014.")] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what is overdue.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Closed complaints too.")] = False,
    as_json: AsJson = False,
    lang: Lang = default_language,  # type: ignore[assignment]
) -> None:
    """List complaints, by what is due next."""
    # A closed complaint is not among the open ones: asking for that stage asks for them.
    open_only = not everything and stage is not Stage.CLOSED
    found = by_deadline(
        asyncio.run(_listed(level=level, stage=stage, contact=contact, overdue=overdue, open_only=open_only))
    )
    if as_json:
        put_json([listed_view(each) for each in found])
    else:
        put(render_listing(found, lang))


@commands.command()
def agenda(
    days: Annotated[
        int | None,
        typer.Option(min=0, max=_TEN_YEARS, show_default=False, help="How many days ahead. Default: 7; 90 with --ics."),
    ] = None,
    ics: Annotated[bool, typer.Option("--ics", help="Print an iCalendar, from the register; it names nobody.")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write the iCalendar into this file.")
    ] = None,
    as_json: AsJson = False,
    lang: Lang = default_language,  # type: ignore[assignment]
) -> None:
    """Show what comes due in the days ahead, what is overdue first."""
    now = datetime.now(UTC)
    if ics or out:
        with connection.register(Settings()) as register:
            feed = agenda_feed(Watch(register), paris_date(now), _DAYS_OF_A_FEED if days is None else days, lang)
        if out:
            out.write_bytes(feed)
        else:
            typer.echo(feed, nl=False)
        return
    days = _DAYS_OF_THE_AGENDA if days is None else days
    found = within(asyncio.run(_listed()), days, now)
    if as_json:
        put_json([listed_view(each) for each in found])
    else:
        put(render_agenda(found, days, now, lang))


async def _listed(**wanted: Any) -> list[Listed]:
    found = await connection.complaints(Settings())
    return [each async for each in found.listed(**wanted)]
