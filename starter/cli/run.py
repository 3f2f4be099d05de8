"""The commands that run things: a worker, the embedded server with its worker, the set-up of what they need."""

import asyncio
import json
import shlex
import shutil
import signal
import socket
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated

import typer
from temporalio.client import Client

from activities.firm.load import load_firm
from starter.cli import connection
from starter.cli.common import AsJson, Lang, Refusal, default_language, group, put_json
from starter.cli.observing import Observed
from starter.http.app import create_app
from starter.http.codec import PREFIX
from starter.http.serving import serve
from starter.render.words import Words
from worker.connection import where
from worker.conversion import converter_of
from worker.embedded import EmbeddedServer, temporal_binary
from worker.hosting import open_register, work_until_stopped
from worker.namespace import prepare
from worker.schedule import prepare_schedule
from worker.settings import Settings
from workflows.procedure.calendar import PARIS

_HOST = "127.0.0.1"
_USUAL_PORT = 7233
_USUAL_UI_PORT = 8233
_USUAL_HTTP_PORT = 8080
_DATABASE = "temporal.db"
_STOPS_WITHIN_SECONDS = 10.0

commands = group()

Port = Annotated[int, typer.Option(min=1, max=65535, help="The server's port.")]
HttpPort = Annotated[int, typer.Option(min=1, max=65535, help="The port of the HTTP door.")]
UiPort = Annotated[int, typer.Option(min=1, max=65535, help="The port of its user interface.")]


@commands.command()
def up(
    port: Port = _USUAL_PORT,
    ui_port: UiPort = _USUAL_UI_PORT,
    http_port: HttpPort = _USUAL_HTTP_PORT,
    lang: Lang = default_language,  # type: ignore[assignment]
) -> None:
    """Run the embedded server, its user interface, a worker and the HTTP door.

    Everything is kept under COMPLAINTS_DATA_DIR (./var), and survives a restart.
    """
    settings = Settings()
    observed = Observed("up", settings)
    with suppress(asyncio.CancelledError):  # told to stop before the worker listened for it
        asyncio.run(_up(settings, observed, port, ui_port, http_port, Words(lang)))


@commands.command()
def setup(
    as_json: AsJson = False,
    lang: Lang = default_language,  # type: ignore[assignment]
) -> None:
    """Prepare a namespace (search attributes, retention, the morning schedule) and the register's database.

    Repeating it changes nothing.
    """
    settings, words = Settings(), Words(lang)
    digest_at = load_firm(settings.firm_file).office_hours.opens

    async def prepared() -> tuple[str, list[str]]:
        client = await connection.client()
        changed = await prepare(client, settings.retention_days)
        return where(client), changed + await prepare_schedule(client, digest_at, settings.task_queue)

    place, changed = asyncio.run(prepared())
    register, migrated = connection.migrated(settings)
    if as_json:
        put_json({"connection": place, "register": register, "changed": changed + migrated})
        return
    for where_it_is, changes in ((place, changed), (register, migrated)):
        typer.echo(where_it_is)
        for change in changes or [words.choose("rien à changer", "nothing to change")]:
            typer.echo(f"  {change}")


@commands.command()
def worker(lang: Lang = default_language) -> None:  # type: ignore[assignment]
    """Run the production worker, until SIGTERM or Ctrl-C."""
    settings, words = Settings(), Words(lang)
    observed = Observed("worker", settings)

    async def work() -> None:
        client = await connection.client()
        release = f", {settings.deployment}.{settings.build_id}" if settings.build_id else ""
        typer.echo(f"{where(client)}, {words.choose('file de tâches', 'task queue')} {settings.task_queue}{release}")
        register = await asyncio.to_thread(open_register, settings)
        try:
            async with observed.operated(client, register, business=False):
                await work_until_stopped(client, settings)
        finally:
            register.close()

    asyncio.run(work())


async def _up(settings: Settings, observed: Observed, port: int, ui_port: int, http_port: int, words: Words) -> None:
    encrypted = settings.encryption_key is not None
    if encrypted and settings.ui_origin is None:
        settings = settings.model_copy(update={"ui_origin": f"http://{_HOST}:{ui_port}"})
    codec_endpoint = f"http://{_HOST}:{http_port}{PREFIX}" if encrypted else None
    database = settings.data_dir.resolve() / _DATABASE
    server = EmbeddedServer(database, port, ui_port, converter_of(settings), codec_endpoint)
    await asyncio.to_thread(server.end_what_was_left_behind)
    for number, option in ((port, "--port"), (ui_port, "--ui-port"), (http_port, "--http-port")):
        _require_free(number, option, words)
    _stop_when_told()
    try:
        client = await server.start()
        await prepare(client, settings.retention_days)
        await prepare_schedule(client, load_firm(settings.firm_file).office_hours.opens, settings.task_queue)
        await asyncio.to_thread(connection.migrated, settings)
        register = await asyncio.to_thread(open_register, settings)
        typer.echo(_welcome(settings, port, ui_port, http_port, words))
        door = asyncio.create_task(serve(create_app(client, register, settings), _HOST, http_port))
        try:
            async with observed.operated(client, register, business=True):
                await _work_beside(server, client, settings, words)
        finally:
            door.cancel()
            with suppress(asyncio.CancelledError):
                await door
            register.close()
    finally:
        await server.stop()


def _stop_when_told() -> None:
    """Let a signal end this task, so that no server stays behind; the worker takes the signals over once it runs."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, task.cancel if task else loop.stop)


def _require_free(port: int, option: str, words: Words) -> None:
    """Refuse a port that is taken: the client would talk to whoever has it."""
    with socket.socket() as tried:
        # As servers do: a connection that is still closing does not hold the port.
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((_HOST, port))
        except OSError as error:
            said = words.choose(
                "Le port {} n'est pas libre ({}) : un autre serveur tourne-t-il déjà ? Choisissez-en un autre avec {}.",
                "Port {} is not free ({}): is another server running already? Choose another one with {}.",
            )
            raise Refusal(said.format(port, error.strerror, option)) from None


async def _work_beside(server: EmbeddedServer, client: Client, settings: Settings, words: Words) -> None:
    """Work until told to stop; a server that ends by itself ends everything."""
    if server.process is None:
        return
    working = asyncio.create_task(work_until_stopped(client, settings))
    serving = asyncio.create_task(server.process.wait())
    await asyncio.wait({working, serving}, return_when=asyncio.FIRST_COMPLETED)
    if not working.done():
        # Ctrl-C reaches the server too, and it may be quicker than the worker.
        await asyncio.wait({working}, timeout=_STOPS_WITHIN_SECONDS)
    serving.cancel()
    if not working.done():
        working.cancel()
        said = words.choose("Le serveur embarqué s'est arrêté : voir {}.", "The embedded server has ended: see {}.")
        raise Refusal(said.format(server.database.with_name("temporal.log")))
    await working


def _welcome(settings: Settings, port: int, ui_port: int, http_port: int, words: Words) -> str:
    """Say where everything is, and what to try first."""
    said = words.choose(
        "Temporal         {place}   (file de tâches {queue})\n"
        "Interface        http://{host}:{ui_port}\n"
        "Pages du cabinet http://{host}:{http_port}/\n"
        "Courriers        {outbox}\n"
        "Données          {data}\n\n"
        "À essayer dans un autre terminal :\n",
        "Temporal        {place}   (task queue {queue})\n"
        "User interface  http://{host}:{ui_port}\n"
        "Staff pages     http://{host}:{http_port}/\n"
        "Letters         {outbox}\n"
        "Data            {data}\n\n"
        "To try in another terminal:\n",
    )
    stop = words.choose("Ctrl-C pour arrêter ; tout est conservé.", "Ctrl-C stops it; everything is kept.")
    places = said.format(
        place=f"default@{_HOST}:{port}",
        queue=settings.task_queue,
        host=_HOST,
        ui_port=ui_port,
        http_port=http_port,
        outbox=settings.outbox.resolve(),
        data=settings.data_dir.resolve(),
    )
    to_try = "\n".join(f"  {line}" for line in _to_try(settings, port))
    return f"{places}{to_try}\n\n{stop}"


def _to_try(settings: Settings, port: int) -> list[str]:
    """Give command lines that work as they stand, the first with nothing of ours."""
    now = datetime.now(UTC).astimezone(PARIS)
    reference = f"REC-{now.year}-{now:%d%H%M}"
    complaint = {
        "received_at": now.isoformat(timespec="seconds"),
        "channel": "email",
        "received_by": "broker",
        "insurer": "assureur-exemple",
        "summary": "Indemnité vol refusée",
        "complainant": {"name": "Anne Martin", "email": "anne.martin@example.org"},
    }
    start = [
        "temporal" if shutil.which("temporal") else shlex.quote(temporal_binary()), "workflow", "start",
        "--type", "Complaint", "--task-queue", shlex.quote(settings.task_queue), "--workflow-id", reference,
        "--input", shlex.quote(json.dumps(complaint, ensure_ascii=False)),
    ]  # fmt: skip
    elsewhere = [] if port == _USUAL_PORT else [f"export TEMPORAL_ADDRESS={_HOST}:{port}"]
    return [
        *elsewhere,
        " ".join(start),
        f"complaints show {reference}",
        """echo '{"text": "Le client a rappelé."}' | complaints submit """ + f"{reference} note_added -",
        "complaints list",
        "complaints agenda --days 30",
        "complaints accounts add moi@123courtage.example --role manager --role handler --contact c-001",
    ]
