"""Plays the rows of a register, each as a complaint of its own on the real server, with its time skipped."""

import asyncio
import shutil
import time as wall
import uuid
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment

from activities.firm.load import load_firm
from activities.notify.names import folder_name
from starter.client import ComplaintError, Complaints, InvalidComplaint, NotAnswering
from starter.play.register import BadRow, Row
from starter.play.report import Report, Tally
from worker.hosting import build_worker
from worker.settings import Settings
from workflows.procedure.calendar import at_time, paris_date

Progress = Callable[[int, int], None]
"""Told after each row: how many are done, of how many."""

AT_ONCE = 30
ANSWERED_AT = time(12)
"""Paris time: before the letters of the day leave, so that an answer of that very day prevents them."""

_PATIENCE = timedelta(minutes=2)
"""For one step of one row, by the wall clock: a step takes moments, and a row that hangs must not stop the others."""
_STRIDE = timedelta(days=500)
"""The server skips at most 200 times in one go; a complaint acts a few dozen times in such a stretch."""
_STRIDES_TO_THE_END = 3
"""The right to the mediator, which keeps an answered complaint open, ends a year after it was sent."""
_LOOKS_AGAIN = timedelta(milliseconds=100)
_ANSWER = "register-answer"

_Result = TypeVar("_Result")


class _Unplayed(Exception):
    """Why a row could not be played to its end, for the report."""


async def play(
    environment: WorkflowEnvironment,
    settings: Settings,
    rows: Iterable[Row | BadRow],
    *,
    at_once: int = AT_ONCE,
    on_progress: Progress | None = None,
) -> Report:
    """Play `rows` on a server that skips time (`worker.embedded.time_skipping`), `at_once` of them at a time.

    Every row is received today at 00:00 in Paris and answered at 12:00 in Paris as many civil days later as the
    register took; then its complaint runs to its end. A row that cannot be played is reported, and stops no other: one
    whose reference this server knows already, for instance. The letters go to a folder of their own and are thrown away
    with each complaint: those of the firm are not touched.

    Raises:
        FirmFileError: the firm's file is broken; the message names the place.

    """
    started, listed = wall.monotonic(), list(rows)
    # Fixed once: a play that lasts past midnight is still of one day.
    today = paris_date(datetime.now(UTC))
    tally, queue = Tally(), f"play-{uuid.uuid4().hex[:12]}"
    with TemporaryDirectory(prefix="complaints-play-", ignore_cleanup_errors=True) as folder:
        rehearsal = _rehearsal(settings, listed, Path(folder))
        stage = _Stage(environment, Complaints(environment.client, queue), today, rehearsal.outbox)
        async with build_worker(environment.client, rehearsal, queue), asyncio.TaskGroup() as group:
            waiting = iter(listed)
            for _ in range(max(1, at_once)):
                group.create_task(_take_turns(stage, waiting, tally, len(listed), on_progress))
    return tally.report(today, wall.monotonic() - started)


def _rehearsal(settings: Settings, rows: Iterable[Row | BadRow], folder: Path) -> Settings:
    """Give settings under which the register's respondents are insurers of the firm: else none could be asked for help.

    Raises FirmFileError.
    """
    known = {insurer.id for insurer in load_firm(settings.firm_file).insurers}
    named = {row.complaint["insurer"] for row in rows if isinstance(row, Row)}
    added = "".join(
        f'\n[[insurers]]\nid = "{insurer}"\nname = "{insurer}"\nemail = "{insurer}@example.org"\n'
        f'manager_email = "{insurer}@example.org"\n'
        for insurer in sorted(filter(None, named - known))
    )
    firm_file = folder / "firm.toml"
    firm_file.write_text(settings.firm_file.read_text(encoding="utf-8") + "\n" + added, encoding="utf-8")
    return settings.rehearsal(folder).model_copy(update={"firm_file": firm_file})


async def _take_turns(
    stage: "_Stage", waiting: Iterator[Row | BadRow], tally: Tally, total: int, on_progress: Progress | None
) -> None:
    """Play one row after the other of those nobody has taken yet."""
    for row in waiting:
        if isinstance(row, BadRow):
            tally.refuse(row.number, row.reason)
        else:
            try:
                tally.count(await stage.live(row))
            except Exception as error:  # whatever it was, the other rows go on
                tally.refuse(row.number, _in_words(error))
        if on_progress:
            on_progress(tally.done, total)


def _in_words(error: Exception) -> str:
    if isinstance(error, WorkflowFailureError) and isinstance(error.cause, ApplicationError):
        return f"the complaint failed: {error.cause.message}"
    told = isinstance(error, ComplaintError | InvalidComplaint | _Unplayed)
    return str(error) if told else f"{type(error).__name__}: {error}"


@dataclass(frozen=True)
class _Stage:
    """Where the rows live: the server with its time skipping, and the day on which all of them are received."""

    environment: WorkflowEnvironment
    complaints: Complaints
    today: date
    outbox: Path

    async def live(self, row: Row) -> dict[str, Any]:
        """Play one row; gives the last dossier of its complaint."""
        try:
            return await self._from_receipt_to_end(row)
        finally:
            # Thousands of complaints write some forty files each.
            await asyncio.to_thread(shutil.rmtree, self.outbox / folder_name(row.reference), ignore_errors=True)

    async def _from_receipt_to_end(self, row: Row) -> dict[str, Any]:
        received_at = at_time(self.today, time.min)
        complaint = {**row.complaint, "received_at": received_at.isoformat(), "sent_on": self.today.isoformat()}
        answered_at = at_time(self.today + timedelta(days=row.days), ANSWERED_AT)
        await self._in_time(row, "opening", self.complaints.open(complaint, row.reference))
        await self._pass_until(row, answered_at)
        answer = {
            "id": _ANSWER,
            "at": answered_at.isoformat(),
            "decision": row.decision.value,
            "reasons": row.reasons,
        }
        handle = self.complaints.handle(row.reference)
        await self._in_time(row, "answering", handle.signal("response_given", answer))
        for _ in range(_STRIDES_TO_THE_END):
            if not await self._in_time(row, "its end", self.environment.fast_forward(handle, _STRIDE)):
                dossier: dict[str, Any] = await self._in_time(row, "its result", handle.result())
                return dossier
        raise _Unplayed(f"no end came within {(_STRIDE * _STRIDES_TO_THE_END).days} days of the answer")

    async def _pass_until(self, row: Row, instant: datetime) -> None:
        """Let the complaint live until `instant`; when it has passed already, until its first letter has left."""
        handle = self.complaints.handle(row.reference)
        # Until its time is skipped for the first time, a complaint's clock is everybody's.
        left = instant - datetime.now(UTC)
        if left <= timedelta(0):
            await self._in_time(row, "its first letter", self._first_letter(row.reference))
        while left > timedelta(0):
            await self._in_time(row, "its answer", self.environment.fast_forward(handle, min(left, _STRIDE)))
            left -= _STRIDE

    async def _first_letter(self, reference: str) -> None:
        while True:
            # Until its dossier is open a complaint cannot be asked.
            with suppress(NotAnswering):
                if (await self.complaints.dossier(reference))["letters"]:
                    return
            await asyncio.sleep(_LOOKS_AGAIN.total_seconds())

    async def _in_time(self, row: Row, step: str, awaited: Awaitable[_Result]) -> _Result:
        try:
            return await asyncio.wait_for(awaited, _PATIENCE.total_seconds())
        except TimeoutError:
            raise _Unplayed(
                f"row {row.number} ({row.reference}): waited {_PATIENCE.total_seconds():.0f} seconds for {step}"
            ) from None
