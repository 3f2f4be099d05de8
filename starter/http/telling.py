"""Tells complaints what the provider reported of their letters, and writes down which of them were told."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from temporalio.service import RPCError

from activities.register.events import DeliveryEvents, Telling
from starter.client import ComplaintError, Complaints, EventRefused, NoSuchComplaint

_log = logging.getLogger(__name__)
_BY = "sendgrid"
_AT_ONCE = 8
_PATIENCE = timedelta(seconds=25)
_MAY_BE_EARLY = timedelta(minutes=10)
"""How long an event may come before the complaint knows of the letter: its worker may have been killed meanwhile."""


class Teller:
    """Tells by the update `submit`; what could not be told stays untold in the register."""

    def __init__(self, complaints: Complaints, events: DeliveryEvents) -> None:
        self._complaints = complaints
        self._events = events

    async def tell(self, tellings: Iterable[Telling]) -> bool:
        """Tell each complaint its own, in order, several complaints at a time; says whether all were told."""
        of: dict[str, list[Telling]] = defaultdict(list)
        for telling in tellings:
            of[telling.reference].append(telling)
        slots = asyncio.Semaphore(_AT_ONCE)

        async def told(listed: list[Telling]) -> bool:
            async with slots:
                for telling in listed:
                    if not await self._told(telling):
                        return False
            return True

        try:
            async with asyncio.timeout(_PATIENCE.total_seconds()):
                return all(await asyncio.gather(*map(told, of.values())))
        except TimeoutError:
            return False

    async def _told(self, telling: Telling) -> bool:
        try:
            await self._complaints.submit(telling.reference, "delivery_reported", _event(telling))
        except (EventRefused, NoSuchComplaint) as never:
            if isinstance(never, EventRefused) and datetime.now(UTC) - telling.at < _MAY_BE_EARLY:
                # The complaint may not have recorded the letter yet: the event stays untold, and is told again soon.
                return True
            # Asked again it would be refused again: the event stays in the register, and here is why.
            _log.warning("what became of %s (%s) cannot be told: %s", telling.letter_id, telling.status, never)
        except ComplaintError as not_now:
            _log.warning("what became of %s is to be told later: %s", telling.letter_id, not_now)
            return False
        except RPCError as error:
            _log.warning(
                "what became of %s is to be told later: Temporal says %s", telling.letter_id, error.status.name
            )
            return False
        await asyncio.to_thread(self._events.told, [telling.event_id])
        return True


def _event(telling: Telling) -> dict[str, str]:
    event = {
        "id": f"sg-{telling.event_id}",
        "by": _BY,
        "letter_id": telling.letter_id,
        "status": telling.status.value,
        # The provider's clock may be ahead of ours, and what lies in the future is refused.
        "at": min(telling.at, datetime.now(UTC)).isoformat(),
    }
    return event | ({"detail": telling.detail} if telling.detail else {})
