"""Drives one complaint through its virtual months, and has each step told from what the complaint itself answers."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Protocol

from temporalio.testing import WorkflowEnvironment

from starter.client import Complaints
from starter.play.life import dossier_at_rest
from workflows.procedure.calendar import Calendar, at_time, paris_date
from workflows.procedure.vocabulary import LetterKind, LetterStatus, Stage

Dossier = dict[str, Any]
"""What the query `dossier` answers."""

_PATIENCE_SECONDS = 60.0
"""By the wall clock, for one step; a step takes moments."""
_JUST_AFTER = timedelta(seconds=1)
"""Deadlines are shown in whole seconds: the timer may fire within the next one."""
_LONGEST_LIFE = timedelta(days=800)
_POST_LEAVES = time(14, 30)


class Teller(Protocol):
    """Tells a story."""

    async def tell(self, before: Dossier | None, after: Dossier, now: datetime) -> None:
        """Tell what happened between two looks at a dossier; `now` is the complaint's own instant."""


class StoryStuck(RuntimeError):
    """A complaint did not come to the point where its story goes on: a fault of ours."""


class Life:
    """One complaint and its own virtual clock. Whatever is done to it, what follows is told at once."""

    def __init__(
        self, environment: WorkflowEnvironment, task_queue: str, calendar: Calendar, teller: Teller, reference: str
    ) -> None:
        """Prepare the life of `reference`; nothing runs before `opens`. `calendar`: when the firm is open."""
        self.reference = reference
        self._environment, self._calendar, self._teller = environment, calendar, teller
        self._complaints = Complaints(environment.client, task_queue)
        self._handle = self._complaints.handle(reference)
        self._seen: Dossier | None = None
        self._received_at = datetime.now(UTC).replace(second=0, microsecond=0)

    @property
    def dossier(self) -> Dossier:
        """The dossier as it was last told."""
        if self._seen is None:
            raise StoryStuck(f"{self.reference} is not open")
        return self._seen

    async def opens(self, **complaint: Any) -> None:
        """Receive the complaint this minute."""
        message = {"received_at": self._received_at.isoformat(), "received_by": "broker", **complaint}
        await self._complaints.open(message, self.reference)
        await self._look()

    # Time --------------------------------------------------------------------------------------------------------

    async def now(self) -> datetime:
        """Give the complaint's present instant (UTC)."""
        return (await self._environment.get_current_time(self._handle)).astimezone(UTC)

    async def until(self, moment: datetime) -> None:
        """Let time pass up to an instant, stopping at every deadline on the way to tell it."""
        while self.dossier["stage"] != Stage.CLOSED:
            deadline = self._next_deadline()
            if deadline is None or deadline + _JUST_AFTER >= moment:
                break
            await self._skip_to(deadline + _JUST_AFTER)
        await self._skip_to(moment)

    async def day(self, days: int, at: time = time(11)) -> None:
        """Let time pass up to an hour of Paris, so many days after the receipt, or on the next day of business."""
        await self.until(at_time(self._business_day(self._received_at, days), at))

    async def later(self, days: int, at: time = time(11)) -> None:
        """Let so many days pass from now, and go on to the next day of business."""
        await self.until(at_time(await self.business_day(days), at))

    async def business_day(self, days: int) -> date:
        """Give the day of business so many days from now, or the next one."""
        return self._business_day(await self.now(), days)

    def _business_day(self, start: datetime, days: int) -> date:
        return self._calendar.next_open_day(paris_date(start) + timedelta(days=days))

    async def until_letter(self, kind: LetterKind) -> None:
        """Let time pass until this round has its letter of that kind, whenever its clock says."""
        await self._until(lambda: self._has_letter(kind), f"the letter {kind}")

    async def until_entry(self, kind: str) -> None:
        """Let time pass until the journal says that something of this sort happened."""
        await self._until(lambda: any(entry["type"] == kind for entry in self.dossier["journal"]), kind)

    async def until_the_end(self) -> None:
        """Let time pass until the complaint closes by itself."""
        await self._until(lambda: bool(self.dossier["stage"] == Stage.CLOSED), "its end")

    async def _until(self, reached: Callable[[], bool], what: str) -> None:
        give_up_at = await self.now() + _LONGEST_LIFE
        while not reached():
            deadline = self._next_deadline()
            if deadline is None or deadline > give_up_at:
                raise StoryStuck(f"{self.reference} never comes to {what}")
            await self._skip_to(deadline + _JUST_AFTER)

    async def _skip_to(self, moment: datetime) -> None:
        ahead = moment - await self.now()
        if ahead > timedelta(0):
            await asyncio.wait_for(self._environment.fast_forward(self._handle, ahead), _PATIENCE_SECONDS)
        await self._look()

    def _next_deadline(self) -> datetime | None:
        deadline = self.dossier["next_deadline"]
        return datetime.fromisoformat(deadline) if deadline else None

    def _has_letter(self, kind: LetterKind) -> bool:
        round_ = self.dossier["round"]
        return any(kind in each["sections"] and each["round"] == round_ for each in self.dossier["letters"])

    # What people do ----------------------------------------------------------------------------------------------

    async def says(self, kind: str, **fields: Any) -> None:
        """Have the person in charge record an event, now."""
        contact = self.dossier["contact"]
        event = {"by": contact["name"] if contact else None, "at": (await self.now()).isoformat(), **fields}
        await asyncio.wait_for(self._complaints.submit(self.reference, kind, event), _PATIENCE_SECONDS)
        await self._look()

    async def posts(self) -> None:
        """Take to the post what was printed for it: today, or on the next day of business."""
        queued = [letter for letter in self.dossier["letters"] if letter["status"] == LetterStatus.QUEUED]
        now = await self.now()
        days = 0 if now <= at_time(paris_date(now), _POST_LEAVES) else 1
        await self.until(at_time(self._business_day(now, days), _POST_LEAVES))
        for letter in queued:
            await self.says("delivery_reported", letter_id=letter["id"], status="posted")

    # Looking -----------------------------------------------------------------------------------------------------

    async def _look(self) -> None:
        before, self._seen = (
            self._seen,
            await asyncio.wait_for(dossier_at_rest(self._complaints, self.reference), _PATIENCE_SECONDS),
        )
        await self._teller.tell(before, self._seen, await self.now())
