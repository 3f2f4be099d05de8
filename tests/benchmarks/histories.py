"""What a history tells: its steps, when they happened, how much it holds, what Temporal Cloud would bill."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

_PREFIX = "EVENT_TYPE_"
_OF_THE_SKIPPING = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_OPTIONS_UPDATED,
}
_ONE_ACTION = {
    "WORKFLOW_EXECUTION_STARTED": "workflow started",
    "ACTIVITY_TASK_STARTED": "activity started",
    "TIMER_STARTED": "timer started",
    "WORKFLOW_EXECUTION_SIGNALED": "signal sent",
    "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES": "search attributes upserted",
    "WORKFLOW_EXECUTION_UPDATE_ACCEPTED": "update received",
    "WORKFLOW_EXECUTION_CONTINUED_AS_NEW": "continued as new",
}
_MARKERS = "local activities of one workflow task"


def own_events(events: Sequence[HistoryEvent]) -> list[HistoryEvent]:
    """Leave out what only skipping time has added."""
    return [event for event in events if event.event_type not in _OF_THE_SKIPPING]


def kinds(events: Sequence[HistoryEvent]) -> list[str]:
    """Name each event's kind, in order."""
    return [EventType.Name(event.event_type).removeprefix(_PREFIX) for event in own_events(events)]


def size(events: Sequence[HistoryEvent]) -> int:
    """Count the bytes of the events."""
    return sum(event.ByteSize() for event in own_events(events))


def at(event: HistoryEvent) -> datetime:
    """When it was written."""
    return event.event_time.ToDatetime(UTC)


def clocks(events: Sequence[HistoryEvent]) -> list[datetime]:
    """When each timer is due, in the order they were started."""
    return [
        at(event) + event.timer_started_event_attributes.start_to_fire_timeout.ToTimedelta()
        for event in events
        if event.HasField("timer_started_event_attributes")
    ]


def letters(events: Sequence[HistoryEvent]) -> list[datetime]:
    """When each activity was completed: in an ordinary life each is a letter."""
    return [at(event) for event in events if event.HasField("activity_task_completed_event_attributes")]


def rings(events: Sequence[HistoryEvent]) -> list[datetime]:
    """When each timer fired."""
    return [at(event) for event in events if event.HasField("timer_fired_event_attributes")]


def taken_ahead(events: Sequence[HistoryEvent]) -> timedelta:
    """How far skipping has taken the clock of this history ahead of real time, all in all."""
    skipped = (
        event.workflow_execution_time_skipping_transitioned_event_attributes
        for event in events
        if event.HasField("workflow_execution_time_skipping_transitioned_event_attributes")
    )
    # What it calls the time of the wall is this history's own, before the skip.
    return sum((each.target_time.ToDatetime() - each.wall_clock_time.ToDatetime() for each in skipped), timedelta())


def signals(events: Sequence[HistoryEvent]) -> list[datetime]:
    """When each signal came."""
    return [at(event) for event in events if event.HasField("workflow_execution_signaled_event_attributes")]


def cloud_actions(events: Sequence[HistoryEvent]) -> Counter[str]:
    """Count billed actions by docs.temporal.io/cloud/actions; a retried attempt leaves no event, and is not seen."""
    found: Counter[str] = Counter()
    tasks_with_markers = set()
    for event in own_events(events):
        kind = EventType.Name(event.event_type).removeprefix(_PREFIX)
        if kind in _ONE_ACTION:
            found[_ONE_ACTION[kind]] += 1
        elif kind == "MARKER_RECORDED":
            tasks_with_markers.add(event.marker_recorded_event_attributes.workflow_task_completed_event_id)
    found[_MARKERS] = len(tasks_with_markers)
    return found
