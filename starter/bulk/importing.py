"""Opens a file's rows as complaints: each once, however often and wherever the import was cut off."""

import asyncio
import csv
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from temporalio.service import RPCError

from activities.register.idempotency import IdempotencyKeys, intake_of
from starter.bulk.mapping import Mapping
from starter.client import AlreadyOpen, Complaints
from workflows.procedure.intake import InvalidComplaint, read_complaint

_SENDER = "import"
_AT_ONCE = 16
_TRIES, _BETWEEN_TRIES_SECONDS = 5, 2.0
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Result(StrEnum):
    """What became of a row."""

    READY = "ready"  # it would be opened
    OPENED = "opened"
    KNOWN = "known"  # it was opened before
    REFUSED = "refused"


@dataclass(frozen=True)
class RowResult:
    """One row. `number` counts the data rows from 1; `reason`: why it was refused, naming fields and no value."""

    number: int
    result: Result
    reference: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Row:
    """One row that could be a complaint."""

    number: int
    key: str
    message: dict[str, Any]


def rows_of(cells: Iterable[dict[str, Any]], mapping: Mapping, now: datetime) -> Iterator[Row | RowResult]:
    """Read rows by the mapping, and check each as if it came by any other door; empty ones are passed over."""
    seen: dict[str, int] = {}
    for number, row in enumerate(cells, 1):
        if not any(str(cell).strip() for cell in row.values() if cell is not None):
            continue
        try:
            message = mapping.message(row)
            read_complaint([message], str(message.get("reference", "")), now)
        except (ValueError, InvalidComplaint) as refused:
            yield RowResult(number, Result.REFUSED, reason=str(refused))
            continue
        key = _key(row, mapping)
        if key in seen:
            yield RowResult(number, Result.REFUSED, reason=f"the same as row {seen[key]}")
            continue
        seen[key] = number
        yield Row(number, key, message)


def _key(row: dict[str, Any], mapping: Mapping) -> str:
    if mapping.key is not None and row.get(mapping.key) not in (None, ""):
        return f"{mapping.key}={row[mapping.key]}"
    return json.dumps(row, default=str, sort_keys=True)


class Importer:
    """Opens rows. A row's reference is written down before its complaint is started."""

    def __init__(self, complaints: Complaints, keys: IdempotencyKeys) -> None:
        self._complaints, self._keys = complaints, keys

    async def run(self, rows: Sequence[Row], on_done: Callable[[RowResult], None]) -> None:
        """Open all rows, several at a time; `on_done` hears of each as it is done.

        Raises:
            RPCError: Temporal does not answer; run again later, the same command goes on.

        """
        waiting = iter(rows)

        async def work() -> None:
            for row in waiting:
                on_done(await self._opened(row))

        async with asyncio.TaskGroup() as workers:
            for _ in range(_AT_ONCE):
                workers.create_task(work())

    async def _opened(self, row: Row) -> RowResult:
        now = datetime.now(UTC)
        intake = intake_of(_SENDER, row.key, row.message)
        given = str(row.message.get("reference") or "")
        reserved = await asyncio.to_thread(self._keys.found, intake)
        if reserved is None and given and await self._complaints.exists(given):
            return RowResult(
                row.number, Result.REFUSED, reason="reference: a complaint with this reference exists already"
            )
        if reserved is None:
            wanted = given or await self._complaints.unused_reference(now)
            reserved = await asyncio.to_thread(self._keys.reserve, intake, wanted, now)
        if reserved.body != intake.body:
            return RowResult(
                row.number, Result.REFUSED, reserved.reference, "it was imported before, with other contents"
            )
        for attempt in range(_TRIES):
            try:
                await self._complaints.open(row.message, reserved.reference, now)
            except AlreadyOpen:
                return RowResult(row.number, Result.KNOWN, reserved.reference)
            except RPCError:
                if attempt == _TRIES - 1:
                    raise
                await asyncio.sleep(_BETWEEN_TRIES_SECONDS)
            else:
                break
        return RowResult(row.number, Result.OPENED, reserved.reference)


def write_report(file: Path, results: Iterable[RowResult]) -> None:
    """Write what became of each row, as CSV; no cell of it is taken for a formula."""
    with file.open("w", encoding="utf-8-sig", newline="") as output:
        writer = csv.writer(output, delimiter=";")
        writer.writerow(("row", "result", "reference", "reason"))
        for each in sorted(results, key=lambda found: found.number):
            reason = each.reason or ""
            writer.writerow(
                (
                    each.number,
                    each.result.value,
                    each.reference or "",
                    f"'{reason}" if reason.startswith(_FORMULA) else reason,
                )
            )
