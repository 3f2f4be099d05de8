"""Reads the firm's file, and reads it again when an operator has changed it."""

import logging
import threading
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from activities.firm.fields import MisfitError
from activities.firm.schema import Firm
from workflows.procedure.intake import is_contact_id

_log = logging.getLogger(__name__)


class FirmFileError(ValueError):
    """The firm's file cannot be used: `problems` holds one sentence for each fault, with its place.

    No sentence repeats a value of the file that may be personal.
    """

    def __init__(self, path: Path, problems: Sequence[str]) -> None:
        self.path = path
        self.problems = tuple(problems)
        super().__init__("\n".join([f"{path}: the firm's file cannot be used.", *(f"  {p}" for p in problems)]))


def load_firm(path: Path) -> Firm:
    """Read and check the firm's file (TOML, UTF-8).

    Raises:
        FirmFileError: it cannot be read, is not TOML (with the line), or states what is wrong (every fault).

    """
    try:
        with path.open("rb") as file:
            stated = tomllib.load(file)
    except OSError as error:
        raise FirmFileError(path, [f"it cannot be read: {error.strerror or type(error).__name__}"]) from error
    except UnicodeDecodeError as error:
        raise FirmFileError(path, [f"it is not UTF-8 text, at byte {error.start}"]) from error
    except tomllib.TOMLDecodeError as error:
        raise FirmFileError(path, [f"it is not TOML: {error}"]) from error
    try:
        return Firm.model_validate(stated)
    except ValidationError as error:
        # Cut off from its cause, whose text shows the values that were given.
        raise FirmFileError(path, list(_problems(error, stated))) from None


class FirmFile:
    """The firm as its file states it now: call it to get the `Firm`.

    The file is read again when it was changed; a change that cannot be used is logged once and kept in
    `problem`, and the last good state stays in force. The first reading, when this is made, raises
    FirmFileError: nothing starts on a broken file. Safe to call from several threads.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._stamp = self._look()
        self._firm = load_firm(path)
        self._problem: str | None = None

    @property
    def problem(self) -> str | None:
        """Why the file could not be used when it was last read; None when it could."""
        return self._problem

    def __call__(self) -> Firm:
        """Give the firm as the file last stated it rightly."""
        with self._lock:
            # Looked at before it is read: a change made meanwhile shows at the next call.
            stamp = self._look()
            if stamp != self._stamp:
                self._stamp = stamp
                self._read_again()
            return self._firm

    def _look(self) -> tuple[int, int, int] | None:
        try:
            seen = self.path.stat()
        except OSError:
            return None
        return seen.st_mtime_ns, seen.st_size, seen.st_ino

    def _read_again(self) -> None:
        try:
            self._firm = load_firm(self.path)
        except FirmFileError as error:
            self._problem = str(error)
            _log.error("The firm's file was changed and is not in force; its last good state is. %s", error)
        else:
            self._problem = None
            _log.info("The firm's file was read again: %s, version %s.", self._firm.id, self._firm.version)


def _problems(error: ValidationError, stated: dict[str, Any]) -> Iterator[str]:
    for item in error.errors(include_url=False, include_input=False):
        cause = item.get("ctx", {}).get("error")
        for below, what in cause.faults if isinstance(cause, MisfitError) else [("", _what(item))]:
            place = ".".join(part for part in (*_place(item["loc"], stated), below) if part)
            yield f"{place}: {what}"


def _place(loc: tuple[int | str, ...], stated: Any) -> Iterator[str]:
    """Follow the place through the file, naming the entry of a list by its id, or by its number from 1."""
    for part in loc:
        if part == "[key]":
            return
        stated = stated[part] if _leads_on(stated, part) else None
        if isinstance(part, str):
            yield part
            continue
        entry_id = stated.get("id") if isinstance(stated, dict) else None
        # An id that is no id may be a name.
        yield entry_id if isinstance(entry_id, str) and is_contact_id(entry_id) else f"#{part + 1}"


def _leads_on(stated: Any, part: int | str) -> bool:
    if isinstance(part, int):
        return isinstance(stated, list) and part < len(stated)
    return isinstance(stated, dict) and part in stated


def _what(item: ErrorDetails) -> str:
    kind, context = item["type"], item.get("ctx", {})
    if item["loc"][-1:] == ("[key]",):
        return f"unknown; expected {context['expected']}" if "expected" in context else "unknown"
    match kind:
        case "missing":
            return "missing"
        case "extra_forbidden":
            return "unknown field"
        case "enum" | "literal_error":
            return f"expected {context['expected']}"
        case "string_too_short":
            return "must not be empty"
        case "string_pattern_mismatch":
            return "expected an e-mail address"
        case _:
            return item["msg"].removeprefix("Value error, ")
