"""What the HTTP door costs: requests a second and p99 of reads and events, beside the same events sent by the SDK.

`python -m tests.benchmarks.door`: an embedded server, a worker and the door (`complaints up`), each its own process,
and the load from this one, on loopback. Events by HTTP and by the SDK are interleaved, round after round; the ratio is
of the same run. Prints a table, and JSON with `--json`.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
from temporalio.client import Client

from activities.access.api_keys import ApiKeys, Scope
from activities.register.database import Register
from starter.client import Complaints
from tests.ports import HOST, free_port
from worker.conversion import data_converter

_PROGRAM = Path(sys.executable).with_name("complaints")
_COMPLAINTS, _AT_ONCE, _ROUNDS = 40, 16, 5
_QUEUE = "complaints"


async def _measured(calls: int, act: Callable[[int], Awaitable[object]]) -> dict[str, float]:
    """Make so many calls, a few at a time: how many a second, and how long one takes (milliseconds)."""
    took: list[float] = []
    numbers = iter(range(calls))

    async def caller() -> None:
        for number in numbers:
            begun = time.perf_counter()
            await act(number)
            took.append(1000 * (time.perf_counter() - begun))

    begun = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(_AT_ONCE)))
    whole = time.perf_counter() - begun
    cuts = statistics.quantiles(took, n=100)
    return {"a_second": calls / whole, "p50_ms": cuts[49], "p99_ms": cuts[98]}


async def _run(calls: int) -> dict[str, list[dict[str, float]]]:
    with tempfile.TemporaryDirectory() as folder:
        port, ui_port, http_port = free_port(), free_port(), free_port()
        environment = os.environ | {"COMPLAINTS_DATA_DIR": folder}
        with (Path(folder) / "up.log").open("wb") as log:
            up = await asyncio.create_subprocess_exec(
                str(_PROGRAM), "up", "--port", str(port), "--ui-port", str(ui_port), "--http-port", str(http_port),
                env=environment, stdout=log, stderr=log,
            )  # fmt: skip
        try:
            return await _loaded(Path(folder), port, f"http://{HOST}:{http_port}", calls)
        finally:
            up.terminate()
            await up.wait()


async def _loaded(folder: Path, port: int, url: str, calls: int) -> dict[str, list[dict[str, float]]]:
    async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as http:
        await _until_ready(http)
        register = Register(f"sqlite:///{folder / 'register.db'}")
        http.headers["Authorization"] = f"Bearer {ApiKeys(register).create('load', list(Scope), datetime.now(UTC))[1]}"
        register.close()
        client = await Client.connect(f"{HOST}:{port}", data_converter=data_converter)
        complaints = Complaints(client, _QUEUE)
        body = {
            "received_at": datetime.now(UTC).isoformat(), "channel": "email", "received_by": "broker",
            "complainant": {"name": "Anne Martin", "email": "anne.martin@example.org"}, "summary": "Indemnité",
        }  # fmt: skip
        references = [(await http.post("/v1/complaints", json=body)).json()["reference"] for _ in range(_COMPLAINTS)]
        for reference in references:
            await complaints.dossier(reference)
        found: dict[str, list[dict[str, float]]] = {"dossier": [], "list": [], "event_http": [], "event_sdk": []}

        for turn in range(_ROUNDS + 1):
            events = [
                (reference, {"type": "note_added", "text": "Le client a rappelé.", "at": datetime.now(UTC).isoformat()})
                for reference in references
            ]

            async def by_http(number: int, turn: int = turn, events: list = events) -> None:  # type: ignore[type-arg]
                reference, event = events[number % len(events)]
                answer = await http.post(f"/v1/complaints/{reference}/events", json=event | {"id": f"h{turn}-{number}"})
                assert answer.status_code == 202, answer.text

            async def by_sdk(number: int, turn: int = turn, events: list = events) -> None:  # type: ignore[type-arg]
                reference, event = events[number % len(events)]
                named = event | {"id": f"s{turn}-{number}"}
                await complaints.handle(reference).execute_update("submit", named, id=named["id"])

            async def dossier(number: int) -> None:
                assert (await http.get(f"/v1/complaints/{references[number % _COMPLAINTS]}")).status_code == 200

            async def listed(_: int) -> None:
                assert (await http.get("/v1/complaints?limit=50")).status_code == 200

            acts = {"event_http": by_http, "event_sdk": by_sdk, "dossier": dossier, "list": listed}
            for name, act in acts.items():
                measured = await _measured(calls, act)
                if turn:  # the first round warms everything up
                    found[name].append(measured)
    return found


async def _until_ready(http: httpx.AsyncClient) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                if (await http.get("/ready")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.2)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=200, help="calls of each kind a round")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = asyncio.run(_run(given.calls))
    ratios = [
        http["a_second"] / sdk["a_second"] for http, sdk in zip(found["event_http"], found["event_sdk"], strict=True)
    ]
    if given.json:
        print(json.dumps(found | {"http_over_sdk": ratios}))
        return
    print(f"{'':<12}{'a second':>30}{'p50 ms':>24}{'p99 ms':>24}   (min, median, max of {_ROUNDS} rounds)")
    for name, rounds in found.items():
        cells = [
            f"{min(values):.1f}  {statistics.median(values):.1f}  {max(values):.1f}"
            for values in ([each[part] for each in rounds] for part in ("a_second", "p50_ms", "p99_ms"))
        ]
        print(f"{name:<12}{cells[0]:>30}{cells[1]:>24}{cells[2]:>24}")
    print(f"events a second, HTTP over SDK: {min(ratios):.2f}  {statistics.median(ratios):.2f}  {max(ratios):.2f}")


if __name__ == "__main__":
    main()
