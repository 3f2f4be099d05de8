"""Plays the rows of a register, each as a complaint of its own on the real server, with its time skipped."""

import asyncio
import shutil
import time as wall
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from temporalio.testing import WorkflowEnvironment

from activities.notify.names import folder_name
from starter.play.firm import known_insurers, with_insurers
from starter.play.life import PlayedLife, in_words
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

_ANSWER = "register-answer"


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
        stage = _Stage(environment, queue, today, rehearsal.outbox)
        async with build_worker(environment.client, rehearsal, queue), asyncio.TaskGroup() as group:
            waiting = iter(listed)
            for _ in range(max(1, at_once)):
                group.create_task(_take_turns(stage, waiting, tally, len(listed), on_progress))
    return tally.report(today, wall.monotonic() - started)


def _rehearsal(settings: Settings, rows: Iterable[Row | BadRow], folder: Path) -> Settings:
    """Give settings under which the register's respondents are insurers of the firm. Raises FirmFileError."""
    named = {row.complaint["insurer"] for row in rows if isinstance(row, Row)}
    firm_file = with_insurers(settings.firm_file, set(filter(None, named)) - known_insurers(settings.firm_file), folder)
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
                tally.refuse(row.number, in_words(error))
        if on_progress:
            on_progress(tally.done, total)


@dataclass(frozen=True)
class _Stage:
    """Where the rows live: the server with its time skipping, and the day on which all of them are received."""

    environment: WorkflowEnvironment
    task_queue: str
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
        life = PlayedLife(self.environment, self.task_queue, row.reference)
        await life.opens(opening(row, self.today))
        answered_at, answer = the_answer(row, self.today)
        await life.until(answered_at)
        await life.hears("response_given", answer)
        await life.until_the_end()
        return await life.result()


def opening(row: Row, today: date) -> dict[str, Any]:
    """Give what opens the complaint of a row received on `today`, at 00:00 in Paris."""
    return {**row.complaint, "received_at": at_time(today, time.min).isoformat(), "sent_on": today.isoformat()}


def the_answer(row: Row, today: date) -> tuple[datetime, dict[str, Any]]:
    """Give the answer of a row received on `today`, and when it is given: as many days later as the register took."""
    answered_at = at_time(today + timedelta(days=row.days), ANSWERED_AT)
    answer = {"id": _ANSWER, "at": answered_at.isoformat(), "decision": row.decision.value, "reasons": row.reasons}
    return answered_at, answer
