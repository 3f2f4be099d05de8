"""What processes say: one JSON object a line, with the complaint's reference and nothing of a person.

A message is a constant sentence of our code or of a library; what people wrote stands in exceptions' words, so those
are left out: an exception is told by its type and by where it was raised.
"""

import logging
import sys
import traceback
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

_LOUD = ("httpx", "httpcore", "uvicorn.access", "alembic", "python_http_client")
"""Libraries whose everyday lines name addresses, or help nobody."""


def write_json_lines(process: str, level: int = logging.INFO) -> None:
    """Have everything this process logs leave on stderr as JSON lines; `process`: which one it is."""
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _reference,
        ],
        processors=[
            _exception_without_words,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            lambda _, __, event: {**event, "process": process},
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        keep_exc_info=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name in _LOUD:
        logging.getLogger(name).setLevel(logging.WARNING)


def _reference(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Name the complaint a line is about, where Temporal says which, and leave out what it adds beside."""
    record: logging.LogRecord = event["_record"]
    about: Any = getattr(record, "temporal_workflow", None) or getattr(record, "temporal_activity", None) or {}
    for name, known in (("reference", "workflow_id"), ("activity", "activity_type"), ("attempt", "attempt")):
        if known in about:
            event[name] = about[known]
    if about:
        # The SDK ends its messages with all it knows, as a dictionary.
        event["event"] = str(event["event"]).partition(" ({")[0]
    return event


def _exception_without_words(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    told = event.pop("exc_info", None)
    event.pop("exception", None)
    event.pop("stack_info", None)
    error = told[1] if isinstance(told, tuple) else told
    if isinstance(error, BaseException):
        event["exception"] = list(_chain(error))
    return event


def _chain(error: BaseException) -> Any:
    """Tell an exception and what it came from: types, and the line of code of each."""
    seen: BaseException | None = error
    while seen is not None:
        frames = traceback.extract_tb(seen.__traceback__)
        where = f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
        yield f"{type(seen).__module__}.{type(seen).__qualname__}{where}"
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
