"""The HTTP door as a process of its own, which can be killed and started again on its port."""

import asyncio
import os
import sys
from pathlib import Path

from tests.faults.processes import World
from tests.ports import HOST, free_port
from worker.settings import Settings

_PROGRAM = Path(sys.executable).with_name("complaints")


class Door:
    """`complaints serve`."""

    def __init__(self, world: World, settings: Settings, **settings_of_it: str) -> None:
        """`settings_of_it`: more of its environment."""
        self.url = f"http://{HOST}:{(port := free_port())}"
        self._port, self._world, self._settings = port, world, settings
        self._more = settings_of_it
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        environment = os.environ | {
            "TEMPORAL_ADDRESS": f"{HOST}:{self._world.port}",
            "TEMPORAL_NAMESPACE": "default",
            "COMPLAINTS_DATA_DIR": str(self._settings.data_dir),
            "COMPLAINTS_TASK_QUEUE": self._settings.task_queue,
            **self._more,
        }
        with (self._world.folder / "door.log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                str(_PROGRAM), "serve", "--port", str(self._port), env=environment, stdout=log, stderr=log
            )

    async def kill(self) -> None:
        """Kill -9."""
        assert self.process
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()
