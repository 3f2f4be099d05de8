"""The processes that are measured: the embedded server, and a worker of each party; what they cost, from /proc."""

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from unittest.mock import patch

from temporalio.client import Client

from tests.ports import free_port
from worker import embedded

_MEGABYTE = 1024 * 1024
_TICKS = os.sysconf("SC_CLK_TCK")
_PROGRAM = Path(sys.executable).with_name("complaints")


class Server:
    """The server of `complaints up`, on a database file of its own; it also may skip time, for whole lives."""

    def __init__(self, folder: Path) -> None:
        """Choose the ports; nothing runs before `start`."""
        self.folder = folder
        self._embedded = embedded.EmbeddedServer(folder / "temporal.db", free_port(), free_port())

    async def start(self) -> Client:
        """Start it, and give a client with plain JSON: neither party is served by the other's converter."""
        # Skipping is off for a workflow until the load asks for it: latency and rates are in real time.
        with patch.object(embedded, "_QUICK", (*embedded._QUICK, *embedded._SKIPPING)):
            await self._embedded.start()
        return await Client.connect(self.address)

    @property
    def address(self) -> str:
        """Where clients connect."""
        return self._embedded.address

    @property
    def pid(self) -> int:
        """The server's process."""
        assert self._embedded.process
        return self._embedded.process.pid

    @property
    def database_mb(self) -> float:
        """The database with its write-ahead log."""
        return sum(file.stat().st_size for file in self.folder.glob("temporal.db*")) / _MEGABYTE

    async def stop(self) -> None:
        """Stop it."""
        await self._embedded.stop()


class WorkerProcess:
    """A worker as a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        """Wrap a process that was started."""
        self._process = process

    @property
    def pid(self) -> int:
        """The worker's process."""
        return self._process.pid

    async def stop(self) -> None:
        """End it as an operator does."""
        self._process.terminate()
        await self._process.wait()

    async def kill(self) -> None:
        """Kill -9."""
        self._process.kill()
        await self._process.wait()


async def product_worker(server: Server, queue: str, settings: Mapping[str, str] | None = None) -> WorkerProcess:
    """Start the product's worker as an operator does, letters on the disk and all; `settings` more, by their names."""
    environment = os.environ | {
        "TEMPORAL_ADDRESS": server.address,
        "COMPLAINTS_TASK_QUEUE": queue,
        "COMPLAINTS_DATA_DIR": str(server.folder / "var"),
        **(settings or {}),
    }
    return await _started(server.folder / "product.log", [str(_PROGRAM), "worker"], environment)


async def floor_worker(server: Server, queue: str) -> WorkerProcess:
    """Start the floor's worker."""
    command = [sys.executable, "-m", "tests.benchmarks.floor", server.address, queue]
    return await _started(server.folder / "floor.log", command, dict(os.environ))


async def lettered_worker(server: Server, queue: str) -> WorkerProcess:
    """Start the worker of the floor with letters."""
    command = [
        sys.executable,
        "-m",
        "tests.benchmarks.lettered",
        server.address,
        queue,
        str(server.folder / "lettered"),
    ]
    return await _started(server.folder / "lettered.log", command, dict(os.environ))


async def _started(log: Path, command: list[str], environment: dict[str, str]) -> WorkerProcess:
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=output, stderr=output)
    return WorkerProcess(process)


def cpu_seconds(pid: int) -> float:
    """What a process has spent with all its threads, in user and kernel mode."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def resident_mb(pid: int) -> float:
    """What a process holds in memory."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / _MEGABYTE
