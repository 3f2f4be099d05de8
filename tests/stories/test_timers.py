"""A complaint's timers on the real server: what stands after its instant is looked at again, and not without end."""

import uuid
from datetime import timedelta

from temporalio import workflow
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from workflows.timers import LOOKED_AT_AGAIN_AFTER, ClockTimers


@workflow.defn
class NeverDone:
    """Waits for an instant of the past which nothing that it does brings to an end."""

    def __init__(self) -> None:
        """Begin awake."""
        self._woken, self._times = False, 0
        self._timers = ClockTimers(self._wake)

    @workflow.run
    async def run(self) -> None:
        """Wake, and find the same again."""
        past = workflow.now() - timedelta(days=1)
        while True:
            self._woken = False
            self._timers.set({"clock": (past, "a letter that cannot be written")})
            await workflow.wait_condition(lambda: self._woken)

    @workflow.update
    async def rung(self) -> None:
        """Wait until it rang once."""
        await workflow.wait_condition(lambda: self._times > 0)

    def _wake(self) -> None:
        self._woken, self._times = True, self._times + 1


async def test_what_is_overdue_rings_at_once_and_then_once_an_hour(environment: WorkflowEnvironment) -> None:
    queue = f"timers-{uuid.uuid4().hex[:8]}"
    async with Worker(environment.client, task_queue=queue, workflows=[NeverDone]):
        handle = await environment.client.start_workflow(NeverDone.run, id=queue, task_queue=queue)
        await handle.execute_update(NeverDone.rung)
        await environment.fast_forward(handle, 3.5 * LOOKED_AT_AGAIN_AFTER)
        await handle.terminate()
    waits = [
        event.timer_started_event_attributes.start_to_fire_timeout.ToTimedelta()
        async for event in handle.fetch_history_events()
        if event.HasField("timer_started_event_attributes")
    ]
    assert waits[0] < timedelta(seconds=1)
    assert waits[1:] == [LOOKED_AT_AGAIN_AFTER] * 4
