"""What operators see of the real processes: health, metrics, logs and traces, and that no person is in them."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.observing.conftest import PLANTED, Service
from tests.stage import complaint_of, today
from worker.embedded import temporal_binary

pytestmark = pytest.mark.slow
NAME, EMAIL, POLICY, SUMMARY, INSULT = PLANTED


def complaint(**changes: Any) -> dict[str, Any]:
    return complaint_of(
        today(),
        complainant={"name": NAME, "email": EMAIL},
        policy_number=POLICY,
        summary=f"Refus : {SUMMARY}",
        **changes,
    )


async def eventually(found: Callable[[], Awaitable[Any]]) -> Any:
    give_up_at = asyncio.get_running_loop().time() + 60
    while not (answer := await found()):
        assert asyncio.get_running_loop().time() < give_up_at
        await asyncio.sleep(0.2)
    return answer


async def opened(service: Service, **changes: Any) -> str:
    answer = await service.asks("POST", "/v1/complaints", complaint(**changes))
    assert answer.status_code == 201, answer.text
    reference: str = answer.json()["reference"]

    async def lives() -> bool:
        letters = (await service.asks("GET", f"/v1/complaints/{reference}")).json().get("letters")
        return bool(letters) and letters[0]["status"] == "sent"

    await eventually(lives)
    return reference


async def sample(service: Service, name: str, **labels: str) -> float | None:
    text = (await service.shows(service.door_page, "/metrics")).text
    for family in text_string_to_metric_families(text):
        for each in family.samples:
            if each.name == name and labels.items() <= each.labels.items():
                return float(each.value)
    return None


async def test_health_metrics_logs_and_a_trace_of_one_complaint(service: Service) -> None:
    for page in (service.worker_page, service.door_page):
        assert (await service.shows(page, "/ready")).json() == {"status": "ready"}
    reference = await opened(service)
    refused = await service.asks(
        "POST", f"/v1/complaints/{reference}/events", {"type": "response_given", "decision": INSULT, "reasons": INSULT}
    )
    assert refused.status_code == 422, refused.text
    for said in (f'{{"text": "{INSULT}", "at": "2099-01-01T00:00:00Z"}}', f'{{"{INSULT}": 1}}', f'"{INSULT}"'):
        sent = await asyncio.create_subprocess_exec(
            temporal_binary(), "workflow", "signal", "-w", reference, "--name", "note_added", "--input", said,
            "--address", service.client.service_client.config.target_host, stdout=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        assert await sent.wait() == 0
    # One whose opening fails: what is wrong with it is told with the words it came in.
    await service.client.start_workflow(
        "Complaint", {"channel": INSULT, "summary": INSULT}, id="REC-2026-WRONG2", task_queue="complaints"
    )

    async def counted() -> bool:
        return await sample(service, "complaints_events_refused") == 3.0

    await eventually(counted)
    assert await sample(service, "complaints_open", level="1") == 1.0
    assert await sample(service, "complaints_letters", kind="acknowledgement", status="sent") == 1.0
    assert await sample(service, "complaints_register_up") == 1.0
    of_the_worker = (await service.shows(service.worker_page, "/metrics")).text
    assert "temporal_num_pollers" in of_the_worker
    assert "complaints_open" not in of_the_worker, "counted once in an installation"

    async def traced() -> set[str]:
        by_trace: dict[bytes, set[str]] = {}
        for span in service.collector.spans:
            by_trace.setdefault(span.trace_id, set()).add(span.name)
        wanted = {"POST /v1/complaints", "StartWorkflow:Complaint", "RunWorkflow:Complaint", "RunActivity:notify"}
        return next((names for names in by_trace.values() if wanted <= names), set())

    await eventually(traced)
    for process in service.processes.values():
        process.terminate()
        await process.wait()
    lines = service.lines()
    assert {line["process"] for line in lines} <= {"worker", "door"}
    everything = [
        service.log("worker"), service.log("serve"), of_the_worker,
        *(body.decode("utf-8", "replace") for body in service.collector.bodies),
    ]  # fmt: skip
    for word in (*PLANTED, "Quatrevaux", "rancuni"):
        assert not [text for text in everything if word in text or word.encode("unicode_escape").decode() in text], word


async def test_a_fault_is_logged_by_its_type_with_the_reference_and_without_its_words(service: Service) -> None:
    (service.folder / "outbox").write_text("no folder: every letter fails")
    answer = await service.asks("POST", "/v1/complaints", complaint())
    reference = answer.json()["reference"]

    async def failed() -> list[dict[str, Any]]:
        return [line for line in service.lines() if line.get("reference") == reference and "exception" in line]

    found = await eventually(failed)
    assert any("Error" in told for told in found[0]["exception"])
    assert found[0]["activity"] == "notify"
    assert NAME not in service.log("worker")
    assert "Quatrevaux" not in service.log("worker")


async def test_a_process_says_that_it_cannot_work_and_works_again(service: Service) -> None:
    assert service.server.process
    service.server.process.kill()
    await service.server.process.wait()
    for page in (service.worker_page, service.door_page):
        answer = await service.shows(page, "/ready")
        assert (answer.status_code, answer.json()["detail"]) == (503, "not ready: Temporal")
        assert (await service.shows(page, "/health")).status_code == 200
    await service.server.start()

    async def ready() -> bool:
        return (await service.shows(service.worker_page, "/ready")).status_code == 200

    await eventually(ready)
    await opened(service)
