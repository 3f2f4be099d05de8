"""Reads one complaint for a door: from the complaint itself, else as the register has it."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from activities.register.dossiers import Dossiers
from starter.client import Complaints, NoSuchComplaint, NotAnswering
from starter.http.api.bounded import PATIENCE, TEMPORAL_AWAY, away, bounded, require_complaint, unknown
from workflows.procedure.dossier import Carried


@dataclass(frozen=True)
class Read:
    """A complaint as it was read. `as_of`: when the register last heard of it (UTC); None: it answered itself."""

    carried: Carried
    as_of: datetime | None


class Reader:
    """Reads complaints, whatever is away."""

    def __init__(self, complaints: Complaints, dossiers: Dossiers) -> None:
        self._complaints, self._dossiers = complaints, dossiers

    async def read(self, reference: str) -> Read:
        """Read a complaint.

        Raises:
            Problem: 404, there is none of that reference; 503, neither it nor the register can be reached.

        """
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                return Read(await self._complaints.carried(reference), None)
        except NoSuchComplaint:
            answering = True
        except (NotAnswering, *TEMPORAL_AWAY):
            answering = False
        async with bounded():
            kept = await asyncio.to_thread(self._kept, reference)
            if kept is not None:
                return kept
            if not answering:
                await require_complaint(self._complaints, reference)
        raise unknown() if answering else away("this complaint cannot be reached at the moment")

    def _kept(self, reference: str) -> Read | None:
        standing, carried = self._dossiers.standing(reference), self._dossiers.carried(reference)
        return Read(carried, standing.written_at) if standing and carried else None
