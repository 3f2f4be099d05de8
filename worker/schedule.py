"""The one schedule of the firm: every day at the hour of its file it starts a morning, and never two at once."""

from datetime import time, timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleState,
    ScheduleUpdate,
    ScheduleUpdateInput,
)

from workflows.procedure.calendar import PARIS

SCHEDULE_ID = "complaints-morning"
WORKFLOW_TYPE = "Morning"

CATCHES_UP = timedelta(hours=23)
"""A morning missed while the server was away is made up for, the last one alone: less than the shortest day."""


def morning_schedule(digest_at: time, task_queue: str) -> Schedule:
    """Give the schedule as it has to be: every day at `digest_at` by Paris clocks; mornings know the closed days."""
    return Schedule(
        action=ScheduleActionStartWorkflow(WORKFLOW_TYPE, args=[], id=SCHEDULE_ID, task_queue=task_queue),
        spec=ScheduleSpec(
            calendars=[
                ScheduleCalendarSpec(
                    hour=[ScheduleRange(digest_at.hour)],
                    minute=[ScheduleRange(digest_at.minute)],
                    second=[ScheduleRange(digest_at.second)],
                )
            ],
            time_zone_name=PARIS.key,
        ),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=CATCHES_UP),
        state=ScheduleState(note="The firm's morning: warnings and digests, on open days"),
    )


async def prepare_schedule(client: Client, digest_at: time, task_queue: str) -> list[str]:
    """Bring the schedule to what it has to be; says what it changed, nothing when all was there.

    Whether somebody has paused it stays as it is.
    """
    wanted = morning_schedule(digest_at, task_queue)
    what = f"schedule {SCHEDULE_ID}: every day at {digest_at:%H:%M} {PARIS.key}"
    try:
        await client.create_schedule(SCHEDULE_ID, wanted)
        return [what]
    except ScheduleAlreadyRunningError:
        pass
    handle = client.get_schedule_handle(SCHEDULE_ID)
    if _says(wanted) == _says((await handle.describe()).schedule):
        return []

    def brought_up(found: ScheduleUpdateInput) -> ScheduleUpdate:
        wanted.state.paused = found.description.schedule.state.paused
        return ScheduleUpdate(schedule=wanted)

    await handle.update(brought_up)
    return [what]


def _says(schedule: Schedule) -> tuple[object, ...]:
    """Give what matters of a schedule, as the server gives it back."""
    action = schedule.action
    if not isinstance(action, ScheduleActionStartWorkflow):
        return ()
    times = [(calendar.hour, calendar.minute, calendar.second) for calendar in schedule.spec.calendars]
    return (
        action.workflow,
        action.task_queue,
        [[(each.start, each.end, each.step) for part in calendar for each in part] for calendar in times],
        schedule.spec.time_zone_name,
        schedule.policy.overlap,
        schedule.policy.catchup_window,
    )
