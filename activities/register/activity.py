"""The activity that writes the dossier into the register, before each wait of each complaint."""

import asyncio
from concurrent.futures import Executor

from temporalio import activity

from activities.register.dossiers import Dossiers
from workflows.messages import RECORD, RecordRequest


class Recorder:
    """Keeps the register up with the complaints."""

    def __init__(self, dossiers: Dossiers, threads: Executor | None = None) -> None:
        """`threads` wait for the database."""
        self._dossiers = dossiers
        self._threads = threads

    @activity.defn(name=RECORD)
    async def record(self, request: RecordRequest) -> None:
        """Write the dossier as it stands; the same or an older state changes nothing.

        Raises:
            OperationalError: the database does not answer; nothing was written, and Temporal tries again.

        """
        await asyncio.get_running_loop().run_in_executor(self._threads, self._dossiers.record, request.dossier)
