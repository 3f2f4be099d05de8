"""The embedded Temporal server: the official command line's development server, from a wheel, without a download."""

import asyncio
import os
import shutil
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from temporalio.client import Client
from temporalio.converter import DataConverter
from temporalio.testing import TimeSkippingConfig, WorkflowEnvironment

from worker.conversion import data_converter
from workflows import search_attributes

_QUICK = (
    # The development server polls 20 times a second as shipped: 50 ms before every activity becomes 11 ms.
    "history.transferProcessorMaxPollRPS=1000",
    "history.timerProcessorMaxPollRPS=1000",
    "history.visibilityProcessorMaxPollRPS=1000",
)
_SKIPPING = (
    "frontend.WorkflowTimeSkippingEnabled=true",
    "system.workflowTimeSkippingEnabled=true",  # its name in the next command line; unknown keys are ignored
    'history.timerProcessorMaxTimeShift="1ms"',
)
_DURABLE = ("journal_mode=WAL", "synchronous=NORMAL")
_STARTS_WITHIN_SECONDS = 30.0


class ServerNotStarted(RuntimeError):
    """The embedded server did not come up; the message says why."""


def temporal_binary() -> str:
    """Find the `temporal` program: beside this Python, else on the PATH.

    Raises:
        ServerNotStarted: there is none.

    """
    beside = Path(sys.executable).with_name("temporal")
    found = str(beside) if beside.exists() else shutil.which("temporal")
    if not found:
        raise ServerNotStarted("no `temporal` program found: `make setup` installs it")
    return found


def _flags(*groups: tuple[str, ...]) -> list[str]:
    return [word for group in groups for value in group for word in ("--dynamic-config-value", value)]


@asynccontextmanager
async def time_skipping(
    converter: DataConverter = data_converter, database: Path | None = None
) -> AsyncIterator[WorkflowEnvironment]:
    """Run the real server with its time skipping on: every complaint has a clock of its own.

    It keeps what it knows in memory, or in the file `database`.
    """
    kept = ["--db-filename", str(database)] if database else []
    environment = await WorkflowEnvironment.start_time_skipping_v2(
        dev_server_existing_path=temporal_binary(),
        dev_server_log_level="error",
        ts_config=TimeSkippingConfig(enabled=False),
        search_attributes=list(search_attributes.ALL),
        data_converter=converter,
        dev_server_extra_args=[*kept, *_flags(_SKIPPING, _QUICK)],
    )
    try:
        yield environment
    finally:
        await environment.shutdown()


class EmbeddedServer:
    """The server of `complaints up`: a database file that survives a restart, and the UI beside it."""

    def __init__(
        self,
        database: Path,
        port: int = 7233,
        ui_port: int = 8233,
        converter: DataConverter = data_converter,
        codec_endpoint: str | None = None,
    ) -> None:
        """Prepare a server on 127.0.0.1; nothing runs before `start`.

        `codec_endpoint`: where its user interface has payloads decoded.
        """
        self.database, self.port, self.ui_port, self._converter = database, port, ui_port, converter
        self._codec = ["--ui-codec-endpoint", codec_endpoint] if codec_endpoint else []
        self.process: asyncio.subprocess.Process | None = None

    @property
    def address(self) -> str:
        """Where clients connect."""
        return f"127.0.0.1:{self.port}"

    async def start(self) -> Client:
        """Start the server and wait until it answers.

        Raises:
            ServerNotStarted: the port is taken, or the server ended; the message names its log.

        """
        await asyncio.to_thread(self.end_what_was_left_behind)
        attributes = [
            word
            for key in search_attributes.ALL
            for word in ("--search-attribute", f"{key.name}={_type_name(key.indexed_value_type.name)}")
        ]
        pragmas = [word for pragma in _DURABLE for word in ("--sqlite-pragma", pragma)]
        log = self.database.with_name("temporal.log")
        with log.open("ab") as output:
            self.process = await asyncio.create_subprocess_exec(
                temporal_binary(), "server", "start-dev", "--ip", "127.0.0.1",
                "--port", str(self.port), "--ui-port", str(self.ui_port), "--log-level", "warn",
                "--db-filename", str(self.database), *pragmas, *attributes, *_flags(_QUICK), *self._codec,
                stdout=output, stderr=output, start_new_session=True,  # Ctrl-C is for us: it stops after the worker
            )  # fmt: skip
        self._pid_file.write_text(f"{self.process.pid} {os.getpid()}", encoding="utf-8")
        return await self._wait_until_it_answers(log)

    @property
    def _pid_file(self) -> Path:
        return self.database.with_name("temporal.pid")

    def end_what_was_left_behind(self) -> None:
        """End a server that a killed process left behind on this very database, and make room for the file."""
        self.database.parent.mkdir(parents=True, exist_ok=True)
        with suppress(OSError, ValueError):
            left_behind, owner = map(int, self._pid_file.read_text(encoding="utf-8").split())
            command = Path(f"/proc/{left_behind}/cmdline").read_bytes()
            if str(self.database).encode() in command and not Path(f"/proc/{owner}").exists():
                os.kill(left_behind, signal.SIGTERM)
                for _ in range(100):
                    os.kill(left_behind, 0)
                    time.sleep(0.05)

    async def _wait_until_it_answers(self, log: Path) -> Client:
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + _STARTS_WITHIN_SECONDS
        while True:
            if self.process and self.process.returncode is not None:
                raise ServerNotStarted(f"the embedded server ended at once (is port {self.port} taken?): see {log}")
            try:
                # Not by the TEMPORAL_* environment: this server is local, without TLS or keys.
                return await Client.connect(self.address, data_converter=self._converter)
            except RuntimeError:
                if loop.time() > give_up_at:
                    raise ServerNotStarted(f"the embedded server does not answer: see {log}") from None
                await asyncio.sleep(0.1)

    async def stop(self) -> None:
        """Stop the server; its database stays."""
        if self.process and self.process.returncode is None:
            self.process.terminate()
            await self.process.wait()
        self._pid_file.unlink(missing_ok=True)


def _type_name(indexed_type: str) -> str:
    """The command line's name of an attribute's type: `KEYWORD` -> `Keyword`."""
    return indexed_type.title()
