"""`complaints register`: what is kept beside Temporal: look into it, count it, ask whether it lags, restore it."""

import asyncio
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console

from activities.firm.load import FirmFile
from activities.register.dossiers import Dossiers
from starter.cli import connection, figures
from starter.cli.common import AsJson, Lang, Refusal, default_language, group, put, put_json
from starter.register.check import Lag
from starter.register.check import check as look_for_lag
from starter.register.rebuild import Rebuilt
from starter.register.rebuild import rebuild as restore
from starter.register.recompose import by_the_present_words
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
