"""Lives the planned complaints on the real server, its time skipped: twice at once, under each configuration.

Each configuration has a server of its own, because a reference lives only once on one; so the references, from which
the minute of a letter follows, are the same in both. Complaints open one after the other: who is put in charge depends
on what each person has already.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from temporalio.testing import WorkflowEnvironment

from starter.client import quoted
from starter.demo.run import quiet_server
from starter.play.firm import known_insurers, with_insurers
from starter.play.life import PlayedLife, Stuck, in_words
from starter.rehearse.lived import Lived, LivedComplaint
from starter.rehearse.plan import Plan, Sent
from starter.rehearse.reading import read_life
from worker.hosting import build_worker
from worker.settings import Settings
from workflows.procedure.calendar import at_time, paris_date
from workflows.procedure.intake import slug
from workflows.procedure.vocabulary import Stage

Progress = Callable[[int, int], None]
"""Told after each life, of either side: how many are done, of how many."""

FOLLOWED = timedelta(days=100)
"""How long after its receipt, or its last event, a complaint without an answer is followed: past its forty business
days and its two months. What people will do after that, nobody knows."""
_BEYOND = timedelta(days=60)
"""How much longer it is lived, so that a letter that moved past the end of what is looked at is not taken for lost."""
_AT_ONCE = 4
"""On each side. More only crowd one process: a complaint whose step takes seconds is tried again, for nothing."""
_QUEUE = "rehearsal"
_LOOKS_AGAIN_SECONDS = 0.02
_SEEN_WITHIN_SECONDS = 10.0
_A_MOMENT = timedelta(seconds=1)


_Result = TypeVar("_Result")
_Step = Callable[["_Life"], Awaitable[None]]


class DayEnded(Exception):
    """Midnight passed while complaints opened: the two sides would be of different days."""


async def rehearse(
    before: Settings, after: Settings, plans: Sequence[Plan], today: date, on_progress: Progress | None = None
) -> tuple[Lived, Lived]:
    """Live `plans`, received on `today`, under the firm's file and the templates of `before` and of `after`.

    Nothing of it reaches a customer or the firm's register.

    Raises:
        FirmFileError: a firm's file is broken; the message names the place.
        ServerNotStarted: there is no embedded server to start.
        DayEnded: it is no longer `today` once they are open.

    """
    done = 0

    def one_more() -> None:
        nonlocal done
        done += 1
        if on_progress:
            on_progress(done, 2 * len(plans))

    named = {slug(said) for plan in plans if (said := plan.complaint.get("insurer"))}
    unknown = named - known_insurers(before.firm_file) - known_insurers(after.firm_file)
    async with AsyncExitStack() as stack:
        sides = []
        for settings in (before, after):
            folder = stack.enter_context(TemporaryDirectory(prefix="complaints-rehearse-", ignore_cleanup_errors=True))
            apart = settings.rehearsal(Path(folder)).model_copy(
                update={"firm_file": with_insurers(settings.firm_file, unknown, Path(folder))}
            )
            environment = await stack.enter_async_context(quiet_server())
            await stack.enter_async_context(build_worker(environment.client, apart, _QUEUE))
            sides.append(_Side(environment, apart.outbox, today, one_more))
        lives = await _both(*(side.opened(plans) for side in sides))
        if paris_date(datetime.now(UTC)) != today:
            raise DayEnded
        one, other = await _both(*(side.lived(opened) for side, opened in zip(sides, lives, strict=True)))
    return one, other


async def _both(*done: Coroutine[Any, Any, _Result]) -> list[_Result]:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(each) for each in done]
    return [task.result() for task in tasks]


@dataclass
class _Life:
    """One complaint under way: what it has heard so far, and why it cannot go on."""

    plan: Plan
    played: PlayedLife
    opening_attributes: Mapping[str, str] = field(default_factory=dict)
    heard: int = 0
    why_not: str | None = None

    @property
    def to_hear(self) -> tuple[Sent, ...]:
        """What is still to be sent to it."""
        return self.plan.sent[self.heard :]


@dataclass(frozen=True)
class _Side:
    """One server, one configuration, and the day on which all complaints are received."""

    environment: WorkflowEnvironment
    outbox: Path
    today: date
    one_more: Callable[[], None]
    turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))

    async def opened(self, plans: Sequence[Plan]) -> list[_Life]:
        """Open every complaint, one after the other."""
        lives = [_Life(plan, PlayedLife(self.environment, _QUEUE, plan.reference)) for plan in plans]
        for life in lives:
            await self._unless_stuck(self._open, life)
        return lives

    async def lived(self, lives: Sequence[_Life]) -> Lived:
        """Live every complaint to its end."""
        chosen_anew = [(each.at, life) for life in lives for each in life.plan.sent if each.may_reassign]
        for moment, life in sorted(chosen_anew, key=lambda pair: pair[0]):
            # Who takes over depends on what each person has at that instant: all are brought up to it.
            await self._each(lives, partial(self._until, moment=moment))
            await self._unless_stuck(self._hear_next, life)
        found: dict[str, LivedComplaint] = {}

        async def to_its_end(life: _Life) -> None:
            found[life.plan.reference] = await self._to_its_end(life)

        await self._each(lives, to_its_end, self.one_more)
        return Lived(
            complaints=tuple(found[life.plan.reference] for life in lives if life.plan.reference in found),
            why_not={life.plan.reference: life.why_not for life in lives if life.why_not is not None},
        )

    async def _each(self, lives: Sequence[_Life], step: _Step, done: Callable[[], None] | None = None) -> None:
        async def in_turn(life: _Life) -> None:
            async with self.turn:
                await self._unless_stuck(step, life)
            if done:
                done()

        async with asyncio.TaskGroup() as group:
            for life in lives:
                group.create_task(in_turn(life))

    async def _unless_stuck(self, step: _Step, life: _Life) -> None:
        """Take one step with a complaint; what goes wrong stops it, and no other."""
        if life.why_not is not None:
            return
        try:
            await step(life)
        except Exception as error:  # whatever it was, the others go on
            life.why_not = in_words(error)

    async def _open(self, life: _Life) -> None:
        await life.played.opens(life.plan.complaint)
        await self._settled(life)
        life.opening_attributes = await life.played.search_attributes()

    async def _until(self, life: _Life, moment: datetime) -> None:
        """Let it live until `moment`, hearing what was sent before."""
        while not life.played.over and life.to_hear and life.to_hear[0].at < moment:
            await life.played.until(life.to_hear[0].at)
            await self._hear_next(life)
        if not life.played.over:
            await life.played.until(moment)

    async def _hear_next(self, life: _Life) -> None:
        if life.played.over or not life.to_hear:
            return
        sent = life.to_hear[0]
        life.heard += 1
        await life.played.hears(sent.kind, sent.event)
        if sent.may_reassign:
            await self._settled(life)

    async def _to_its_end(self, life: _Life) -> LivedComplaint:
        last_at = max([at_time(self.today, time.min), *(sent.at for sent in life.plan.sent)])
        await self._until(life, last_at + _A_MOMENT)
        followed_to: date | None = None
        if not life.played.over:
            dossier = await life.played.at_rest()
            if dossier["stage"] == Stage.ANSWERED:
                await life.played.until_the_end()
            elif dossier["stage"] != Stage.CLOSED:
                followed_to = paris_date(last_at + FOLLOWED)
                await life.played.until(at_time(followed_to + _BEYOND, time.min))
                await life.played.at_rest()
        carried, last_attributes = await life.played.carried(), await life.played.search_attributes()
        return await asyncio.to_thread(
            read_life, carried, self.outbox, life.plan.sent, life.opening_attributes, last_attributes, followed_to
        )

    async def _settled(self, life: _Life) -> None:
        """Wait until everybody can see who is in charge of it: the next one is given to whoever has the least."""
        contact = (await life.played.at_rest())["contact"]
        if contact is None:
            return
        query = f"WorkflowId={quoted(life.plan.reference)} AND ComplaintContact={quoted(contact['id'])}"
        give_up_at = asyncio.get_running_loop().time() + _SEEN_WITHIN_SECONDS
        while (await self.environment.client.count_workflows(query)).count == 0:
            if asyncio.get_running_loop().time() > give_up_at:
                raise Stuck(f"{life.plan.reference}: the server does not list it")
            await asyncio.sleep(_LOOKS_AGAIN_SECONDS)
