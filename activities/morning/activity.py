"""The activities of the morning: is the office open, who is there to read, and each reader's digest."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import datetime
from typing import TypeVar

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.firm.schema import Firm
from activities.morning.compose import compose_digest, digest_key
from activities.morning.digest import Digest
from activities.morning.matters import Day
from activities.morning.office import Office
from activities.morning.readers import OnDuty, TeamOf, one_team, present_or_a_manager, readers
from activities.morning.reading import Reading
from activities.notify.deliver import Delivered, Deliveries
from activities.notify.mail import Outgoing, UnusableAddress
from workflows.morning_messages import (
    OFFICE_DAY,
    SEND_DIGEST,
    WHO_READS,
    DigestRequest,
    DigestSent,
    OfficeDay,
    OfficeDayRequest,
    Readers,
    WhoReadsRequest,
)
from workflows.procedure.calendar import paris_date
from workflows.procedure.vocabulary import LetterStatus

Told = TypeVar("Told")


class Mornings:
    """Tells the firm's people in the morning. `firm_source` is asked at every call: an absence just entered counts."""

    def __init__(
        self,
        firm_source: Callable[[], Firm],
        reading: Reading,
        deliveries: Deliveries,
        threads: Executor | None = None,
        on_duty: OnDuty = present_or_a_manager,
        team_of: TeamOf = one_team,
    ) -> None:
        """`deliveries` carries digests, each once; `threads` wait for it. `on_duty` says who stands in for whom."""
        self._firm_source, self._office = firm_source, Office(firm_source)
        self._reading, self._deliveries, self._threads = reading, deliveries, threads
        self._on_duty, self._team_of = on_duty, team_of

    @activity.defn(name=OFFICE_DAY)
    async def office_day(self, request: OfficeDayRequest) -> OfficeDay:
        """Say whether the firm works on that day, and its hours."""
        return self._office.day(request.on)

    @activity.defn(name=WHO_READS)
    async def who_reads(self, request: WhoReadsRequest) -> Readers:
        """List who gets a digest on that day, if there is something to tell."""
        return Readers(readers=readers(self._firm_source(), request.on, self._on_duty, self._team_of))

    @activity.defn(name=SEND_DIGEST)
    async def send_digest(self, request: DigestRequest) -> DigestSent:
        """Gather what one reader is to hear, and send it as one message; with nothing to say, send nothing.

        Asked again on the same day for the same reader, it sends nothing more, whatever is new by then.

        Raises:
            RPCError: Temporal's lists do not answer.
            OperationalError: the register does not.
            UnderWay: another attempt may still be answered.
            ApplicationError: no carrier could take it; Temporal tries again, unless the address is at fault.

        """
        firm = self._firm_source()
        digest = Digest(request.reader, self._day(request, firm))
        if isinstance(await self._in_thread(self._deliveries.standing, digest_key(digest), request.at), Delivered):
            return DigestSent(left=False)
        told = self._reading.complaints(
            request.reader, digest.day, request.since, request.at, going_on=activity.heartbeat
        )
        async for complaint, news in told:
            digest.add(complaint, news)
        if not digest.matters:
            return DigestSent(left=False)
        await self._in_thread(self._deliver, compose_digest(digest, firm), request.at)
        return DigestSent(left=True, matters=digest.matters)

    def _day(self, request: DigestRequest, firm: Firm) -> Day:
        calendar = self._office.calendar(request.on)
        return Day(request.on, paris_date(request.since), calendar, firm.staff_language)

    def _deliver(self, outgoing: Outgoing, at: datetime) -> Delivered:
        try:
            delivered = self._deliveries.deliver(outgoing.key, at, lambda _: outgoing)
        except UnusableAddress:
            raise ApplicationError(
                "a digest has no usable address: correct the firm's file", type="NoAddress", non_retryable=True
            ) from None
        if delivered.status is LetterStatus.DEFERRED:
            raise ApplicationError("no carrier could take the digest yet", type="NotTaken")
        if delivered.status is LetterStatus.FAILED:
            raise ApplicationError("the carrier refused the digest", type="Refused", non_retryable=True)
        return delivered

    async def _in_thread(self, what: Callable[..., Told], *inputs: object) -> Told:
        return await asyncio.get_running_loop().run_in_executor(self._threads, what, *inputs)
