"""The firm's morning: once each open day, everybody hears in one message what to do about the complaints in their care.

One Temporal Schedule starts it (`worker/schedule.py`); complaints themselves have no timers for warnings. What one
morning has told it hands to the next, as the result that the schedule carries over: so a morning that was missed is
made up for by the next one that is held, and nothing is told twice.
"""

import asyncio
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from workflows.morning_messages import (
        OFFICE_DAY,
        REASSIGN_FOR_ABSENCES,
        SEND_DIGEST,
        WHO_READS,
        DigestRequest,
        DigestSent,
        MorningHeld,
        MorningRequest,
        OfficeDay,
        OfficeDayRequest,
        Reader,
        Readers,
        Reassigned,
        ReassignRequest,
        WhoReadsRequest,
    )
    from workflows.procedure.calendar import paris_date

_A_LOOK_UP_TAKES = timedelta(seconds=10)
_READING_TAKES = timedelta(minutes=10)
_STILL_READING = timedelta(minutes=1)
_REASSIGNING_MAY_HOLD_UP = timedelta(minutes=15)
_UNTIL_THE_OFFICE_CLOSES = RetryPolicy(initial_interval=timedelta(seconds=5), maximum_interval=timedelta(minutes=5))


@workflow.defn(name="Morning")
class Morning:
    """One morning of the firm."""

    @workflow.run
    async def run(self, request: MorningRequest | None = None) -> MorningHeld:
        """Warn everybody of what falls due and what was missed, in office hours, in one message each.

        A day on which the firm is closed, an hour at which it has closed, a morning held already: nothing is done.
        """
        self._at = (request and request.at) or workflow.now()
        self._on = paris_date(self._at)
        before = _what_the_last_one_told()
        self._office = await self._office_day()
        if not self._office.open or self._at >= self._office.closes_at or before.on == self._on:
            return before
        await self._wait_until_the_office_opens()
        reassigned = await self._reassign_for_absences()
        readers = await self._who_reads()
        sent = await asyncio.gather(
            *(self._send_digest(reader, self._told_until(reader, before)) for reader in readers)
        )
        heard = [reader.id for reader, digest in zip(readers, sent, strict=True) if digest is not None]
        return MorningHeld(
            on=self._on,
            # Whoever could not be reached before the office closed hears of it with the next morning.
            told=before.told | {reader.id: self._told_until(reader, before) for reader in readers}
            | dict.fromkeys(heard, self._at),
            reassigned=reassigned,
            sent=sum(digest.left for digest in sent if digest is not None),
        )  # fmt: skip

    async def _office_day(self) -> OfficeDay:
        """Ask the firm's calendar: it is read each morning, so that a closure just entered counts."""
        day: OfficeDay = await workflow.execute_local_activity(
            OFFICE_DAY, OfficeDayRequest(on=self._on), result_type=OfficeDay, start_to_close_timeout=_A_LOOK_UP_TAKES,
            summary="Is it an open day?",
        )  # fmt: skip
        return day

    async def _wait_until_the_office_opens(self) -> None:
        """Disturb nobody at night: an operator, or a schedule that has another hour than the firm, may be early."""
        if self._at < self._office.opens_at:
            await workflow.sleep(self._office.opens_at - self._at, summary="Until the office opens")
            self._at = self._office.opens_at

    async def _reassign_for_absences(self) -> int:
        """Have nobody's complaint wait for somebody who is away; a morning is held even if that fails."""
        try:
            done: Reassigned = await workflow.execute_activity(
                REASSIGN_FOR_ABSENCES, ReassignRequest(on=self._on), result_type=Reassigned,
                start_to_close_timeout=_READING_TAKES, heartbeat_timeout=_STILL_READING,
                schedule_to_close_timeout=_REASSIGNING_MAY_HOLD_UP, retry_policy=_UNTIL_THE_OFFICE_CLOSES,
                summary="Reassign for absences",
            )  # fmt: skip
        except ActivityError as failure:
            if is_cancelled_exception(failure):
                raise
            return 0
        return done.complaints

    async def _who_reads(self) -> list[Reader]:
        found: Readers = await workflow.execute_local_activity(
            WHO_READS, WhoReadsRequest(on=self._on), result_type=Readers, start_to_close_timeout=_A_LOOK_UP_TAKES,
            summary="Who is there to read",
        )  # fmt: skip
        return found.readers

    async def _send_digest(self, reader: Reader, since: datetime) -> DigestSent | None:
        """Send one reader theirs; None when nothing could be sent before the office closed."""
        try:
            sent: DigestSent = await workflow.execute_activity(
                SEND_DIGEST, DigestRequest(reader=reader, on=self._on, since=since, at=self._at),
                result_type=DigestSent, start_to_close_timeout=_READING_TAKES, heartbeat_timeout=_STILL_READING,
                schedule_to_close_timeout=self._time_left, retry_policy=_UNTIL_THE_OFFICE_CLOSES,
                summary=f"Digest: {reader.id}",
            )  # fmt: skip
        except ActivityError as failure:
            if is_cancelled_exception(failure):
                raise
            return None
        return sent

    def _told_until(self, reader: Reader, before: MorningHeld) -> datetime:
        return before.told.get(reader.id, self._office.morning_before)

    @property
    def _time_left(self) -> timedelta:
        return self._office.closes_at - self._at


def _what_the_last_one_told() -> MorningHeld:
    if not workflow.has_last_completion_result():
        return MorningHeld()
    last: MorningHeld | None = workflow.get_last_completion_result(MorningHeld)
    return last or MorningHeld()
