"""The signals of a complaint, made from the list of events: a name, what to send, and an example for the dialog."""

import json
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.procedure.events import EVENTS

_COMMON = "Optional in all: id (the same id is applied once), by (who says so), at (when it happened, with an offset)."


class Receiver(Protocol):
    """A workflow that takes events."""

    def receive(self, kind: str, *inputs: Any) -> None:
        """Record a signal, whatever it is."""
        ...


def description(kind: str) -> str:
    """Say what to send, with an example, for the dialogs of the Temporal UI and the command line."""
    event = EVENTS[kind]
    return f"{event.asks} Example: {json.dumps(event.example, ensure_ascii=False)} {_COMMON}"


SUBMIT = (
    "Any event as one JSON object with its name as `type`; it is applied or refused at once, and answers with the "
    f"level, the stage and the next deadline. Events: {', '.join(EVENTS)}. Example: "
    + json.dumps({"type": "response_given", **EVENTS["response_given"].example}, ensure_ascii=False)
)


def signal_for(kind: str) -> Callable[..., Awaitable[None]]:
    """Make the signal of one event.

    It takes any number of inputs of any shape: with fewer or more than one, a handler of fixed parameters would block
    the workflow for ever instead of refusing the message.
    """

    async def handler(self: Receiver, *inputs: Any) -> None:
        self.receive(kind, *inputs)

    handler.__name__ = kind
    handler.__doc__ = EVENTS[kind].__doc__
    return workflow.signal(name=kind, description=description(kind))(handler)
