"""`complaints serve`: the HTTP door, until SIGTERM or Ctrl-C."""

import asyncio
import signal
from collections.abc import Coroutine
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated

import typer

from activities.register.database import Register
from activities.register.encryption_keys import EncryptionKeys
from starter.cli import connection
from starter.cli.common import Lang, Refusal, default_language, group
from starter.cli.observing import Observed
from starter.http.app import create_app
from starter.http.serving import CannotListen
from starter.http.serving import serve as serve_app
from starter.render.words import Words
from worker.connection import where
from worker.conversion import key_ring
from worker.settings import Settings

commands = group()


@commands.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = 8080,
    lang: Lang = default_language,  # type: ignore[assignment]
) -> None:
    """Serve the HTTP door: the API for systems, what SendGrid reports, what insurers say, the state of health.

    Until SIGTERM or Ctrl-C; requests under way end first.
    """
    settings, words = Settings(), Words(lang)
    observed = Observed("door", settings)

    async def serving() -> None:
        client = await connection.client()
        register = Register(settings.register_address, durable=settings.durable)
        try:
            await asyncio.to_thread(register.require_current)
            await asyncio.to_thread(EncryptionKeys(register).take_up, key_ring(settings), datetime.now(UTC))
            app = create_app(client, register, settings)
            typer.echo(f"{where(client)}, http://{host}:{port}")
            async with observed.operated(client, register, business=True):
                await _until_told(serve_app(app, host, port))
        except CannotListen as error:
            said = words.choose("Impossible d'écouter sur {}:{} : {}.", "Cannot listen on {}:{}: {}.")
            raise Refusal(said.format(host, port, error.why)) from None
        finally:
            register.close()

    asyncio.run(serving())


async def _until_told(running: Coroutine[None, None, None]) -> None:
    """Run it until a signal says to stop."""
    task = asyncio.ensure_future(running)
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, task.cancel)
    with suppress(asyncio.CancelledError):
        await task
