"""`complaints register`: what is kept beside Temporal: look into it, count it, ask whether it lags, restore it."""

import asyncio
import sqlite3
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from activities.firm.load import FirmFile
from activities.register.backup import copy_register
from activities.register.dossiers import Dossiers
from starter.cli import connection, figures
from starter.cli.common import AsJson, Lang, Refusal, default_language, group, put, put_json
from starter.register.check import Lag
from starter.register.check import check as look_for_lag
from starter.register.rebuild import Rebuilt
from starter.register.rebuild import rebuild as restore
from starter.register.recompose import by_the_present_words
from starter.register.resume import Resumed
from starter.register.resume import resume as take_up
from starter.render.register import kept_view, lag_view, render_kept, render_lags, render_rebuilt
from starter.render.words import Words
from worker.settings import Settings
from workflows.procedure.dossier import Dossier
from workflows.procedure.view import dossier_view

_register = group()
_register.add_typer(figures.answers)
commands = group()
commands.add_typer(_register, name="register", help="Look into the register, export and count it, restore it.")


@_register.command()
def show(
    reference: Annotated[str, typer.Argument(metavar="REF", help="The complaint's reference.")],
    everything: Annotated[bool, typer.Option("--all", help="Tell also when staff were told.")] = False,
    as_json: AsJson = False,
    lang: Lang = default_language,  # type: ignore[assignment]
) -> None:
    """Show what the register holds of one complaint; needs no Temporal."""
    with connection.register(Settings()) as found:
        dossiers = Dossiers(found)
        standing, carried = dossiers.standing(reference), dossiers.carried(reference)
        if standing is None or carried is None:
            said = Words(lang).choose("{} : inconnue du registre.", "{}: not in the register.")
            raise Refusal(said.format(reference))
        letters, events = dossiers.letters(reference), dossiers.events(reference)
    view = dossier_view(Dossier.resume(carried), lang)
    if as_json:
        put_json(kept_view(view, standing, letters, events))
    else:
        put(render_kept(view, standing, letters, events, lang, everything=everything))


@_register.command()
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The new file; one that is there is never replaced.")],
    as_json: AsJson = False,
    lang: Lang = default_language,  # type: ignore[assignment]
) -> None:
    """Copy the register into a file while everything runs; needs no Temporal. Only for SQLite: PostgreSQL has pg_dump.

    docs/backup.md says what else is to be kept, and how it is all brought back.
    """
    words = Words(lang)
    with connection.register(Settings()) as found:
        if not found.is_sqlite:
            raise Refusal(
                words.choose("Le registre est sur PostgreSQL : pg_dump.", "The register is on PostgreSQL: use pg_dump.")
            )
        try:
            copied = copy_register(found, file)
        except FileExistsError as error:
            said = words.choose("{} existe déjà : rien n’a été remplacé.", "{} exists already: nothing was replaced.")
            raise Refusal(said.format(error.filename or error)) from None
        except (OSError, sqlite3.Error) as error:
            raise Refusal(words.choose("Pas de copie : {}", "No copy: {}").format(error)) from None
    if as_json:
        put_json(asdict(copied))
        return
    said = words.choose(
        "{} : {} réclamation(s), {} ligne(s) de journal, {} octets",
        "{}: {} complaint(s), {} line(s) of their journals, {} bytes",
    )
    put(said.format(file, copied.complaints, copied.journal_lines, copied.bytes))


Some = Annotated[
    list[str] | None, typer.Argument(metavar="[REF]...", help="Only these complaints; without any, all of them.")
]


@_register.command()
def check(
    references: Some = None,
    as_json: AsJson = False,
    lang: Lang = default_language,  # type: ignore[assignment]
) -> None:
    """Ask whether the register lags behind Temporal: exit code 1 when it does, naming the complaints."""
    settings = Settings()

    async def compared() -> list[Lag]:
        client = await connection.client()
        with connection.register(settings) as found:
            return await look_for_lag(client, found, references or ())

    lags = asyncio.run(compared())
    if as_json:
        put_json([lag_view(lag) for lag in lags])
    else:
        put(render_lags(lags, lang))
    if lags:
        raise typer.Exit(1)


@_register.command()
def rebuild(
    references: Some = None,
    as_json: AsJson = False,
    lang: Lang = default_language,  # type: ignore[assignment]
) -> None:
    """Restore the register from every complaint Temporal still knows: exit code 1 when some could not be read.

    A worker must be running. What is there stays: nothing later is overwritten, and nothing is deleted.
    """
    settings, words = Settings(), Words(lang)
    console = Console(stderr=True)

    async def restored() -> Rebuilt:
        client = await connection.client()
        await asyncio.to_thread(connection.migrated, settings)
        recompose = by_the_present_words(FirmFile(settings.firm_file)(), settings.templates.resolve())
        reading = words.choose("Dossiers lus : {} sur {}", "Complaints read: {} of {}")
        with connection.register(settings) as found, console.status(reading.format(0, "?")) as status:

            def tell(done: Rebuilt) -> None:
                status.update(reading.format(done.read, done.complaints))

            return await restore(client, found, recompose, references or (), tell)

    done = asyncio.run(restored())
    if as_json:
        put_json(asdict(done))
    else:
        put(render_rebuilt(done, lang))
    if done.unread:
        raise typer.Exit(1)


@_register.command()
def resume(
    references: Some = None,
    as_json: AsJson = False,
    lang: Lang = default_language,  # type: ignore[assignment]
) -> None:
    """Take complaints up again from the register, where Temporal has lost them or knows less: after it was restored.

    A worker must be running. In a sound installation nothing happens.
    """
    settings, words = Settings(), Words(lang)

    async def resumed() -> Resumed:
        client = await connection.client()
        with connection.register(settings) as found:
            return await take_up(client, found, settings.task_queue, references or ())

    done = asyncio.run(resumed())
    if as_json:
        put_json(asdict(done))
        return
    unknown = words.choose("{} : inconnue de Temporal, reprise du registre", "{}: unknown to Temporal, runs again")
    behind = words.choose("{} : en retard, reprise du registre", "{}: was behind, goes on from the register")
    again = words.choose(" ; à renvoyer : {}", "; to be sent again: {}")
    closed = words.choose("{} : close au registre, terminée", "{}: closed in the register, ended")
    lines = [unknown.format(reference) for reference in done.unknown]
    for reference, events in done.behind.items():
        lines.append(behind.format(reference) + (again.format(", ".join(events)) if events else ""))
    lines += [closed.format(reference) for reference in done.closed]
    put("\n".join(lines or [words.choose("Rien à reprendre.", "Nothing to take up again.")]))
