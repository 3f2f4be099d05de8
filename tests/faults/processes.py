"""The processes a fault takes away: the real server on its database file, with its time skipping, and real workers."""

import asyncio
import os
import sys
from pathlib import Path
from typing import cast

from temporalio.testing import TimeSkipper, TimeSkippingConfig, WorkflowEnvironment

from tests.faults.worker_process import DIE, DIE_OF
from tests.ports import HOST, free_port
from tests.stage import Stage
from worker.connection import connect
from worker.embedded import temporal_binary
from worker.namespace import prepare
from worker.settings import Settings

_REPOSITORY = Path(__file__).resolve().parents[2]
_STARTS_WITHIN_SECONDS = 60.0
_FLAGS = (
    # The server skips time only when told that it may; the last two make it do so in milliseconds.
    "frontend.WorkflowTimeSkippingEnabled=true",
    "system.workflowTimeSkippingEnabled=true",
    'history.timerProcessorMaxTimeShift="1ms"',
    "history.transferProcessorMaxPollRPS=1000",
)
_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL")


class World:
    """One server and its workers, each a process that can be killed; what they leave lies in one folder."""

    def __init__(self, folder: Path) -> None:
        """Choose a port; nothing runs before `start`."""
        self.folder = folder
        self.port, self.ui_port = free_port(), free_port()
        self._server: asyncio.subprocess.Process | None = None
        self._workers: list[asyncio.subprocess.Process] = []
        self._skipper: TimeSkipper | None = None

    async def start(self) -> None:
        """Start the server on its file and its port, the first time or again, and wait until it answers."""
        options = [("--dynamic-config-value", flag) for flag in _FLAGS]
        options += [("--sqlite-pragma", pragma) for pragma in _PRAGMAS]
        with (self.folder / "server.log").open("ab") as log:
            self._server = await asyncio.create_subprocess_exec(
                temporal_binary(), "server", "start-dev", "--ip", HOST, "--port", str(self.port),
                "--ui-port", str(self.ui_port), "--ui-public-path", "/temporal",
                "--log-level", "error", "--db-filename", str(self.folder / "temporal.db"),
                *(word for option in options for word in option),
                stdout=log, stderr=log,
            )  # fmt: skip
        async with asyncio.timeout(_STARTS_WITHIN_SECONDS):
            client = None
            while client is None:
                try:
                    client = await connect(target_host=f"{HOST}:{self.port}", namespace="default")
                except RuntimeError:
                    assert self._server.returncode is None, (self.folder / "server.log").read_text()
                    await asyncio.sleep(0.1)
        if self._skipper is None:
            await prepare(client, retention_days=90)
            self._skipper = TimeSkipper(client, config=TimeSkippingConfig(enabled=False))

    async def kill_server(self) -> None:
        """Kill -9: what was answered is on the disk, or the test fails."""
        assert self._server
        await _killed(self._server)

    async def start_worker(
        self, stage: Stage, *, die: str = "", die_of: str = "", code: Path = _REPOSITORY, **settings_of_it: str
    ) -> asyncio.subprocess.Process:
        """Start a worker for the complaints of one stage; `die`: at which moment of a letter it is to die.

        `code`: where the release it runs lies; `settings_of_it`: more of its environment.
        """
        settings = stage.settings
        environment = os.environ | {
            "TEMPORAL_ADDRESS": f"{HOST}:{self.port}",
            "TEMPORAL_NAMESPACE": "default",
            "COMPLAINTS_TASK_QUEUE": settings.task_queue,
            "COMPLAINTS_DATA_DIR": str(settings.data_dir),
            "COMPLAINTS_FIRM_FILE": str(settings.firm_file),
            DIE: die,
            DIE_OF: die_of,
            **settings_of_it,
        }
        with (self.folder / "worker.log").open("ab") as log:
            worker = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.faults.worker_process",
                cwd=code, env=environment | {"PYTHONPATH": str(code)}, stdout=log, stderr=log,
            )  # fmt: skip
        self._workers.append(worker)
        return worker

    async def kill_workers(self) -> None:
        """Kill -9 every worker."""
        for worker in self._workers:
            await _killed(worker)
        self._workers.clear()

    async def end(self) -> None:
        """Leave no process behind."""
        await self.kill_workers()
        if self._server:
            await self.kill_server()

    def logs(self) -> str:
        """What server and workers said."""
        return "\n".join(path.read_text(encoding="utf-8") for path in sorted(self.folder.glob("*.log")))

    def stage(self, queue: str, **changes: str) -> Stage:
        """Give a stage whose complaints have a task queue and an outbox of their own.

        `changes`: lines of the firm's file to replace, by what they begin with (`holding_letter`).
        """
        assert self._skipper
        folder = self.folder / queue
        folder.mkdir()
        firm_file = folder / "firm.toml"
        lines = Settings(_env_file=None).firm_file.read_text(encoding="utf-8").splitlines()
        for name, value in changes.items():
            (place,) = (n for n, line in enumerate(lines) if line.split("=")[0].strip() == name)
            lines[place] = f"{name} = {value}"
        firm_file.write_text("\n".join(lines), encoding="utf-8")
        settings = Settings(task_queue=queue, data_dir=folder, firm_file=firm_file)
        # It has what a stage asks of its environment: the client, and the clock of each complaint.
        return Stage(cast(WorkflowEnvironment, self._skipper), settings)


async def _killed(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()
    async with asyncio.timeout(30):
        await process.wait()
