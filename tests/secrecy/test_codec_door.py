"""The codec door over HTTP, and the Temporal UI that reads encrypted complaints through it in a real browser."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, async_playwright
from playwright.async_api import Response as PlaywrightResponse

from activities.access.roles import Role
from activities.register.database import Register
from activities.register.decodings import Decodings
from starter.client import Complaints
from starter.http.app import create_app
from starter.http.codec import PREFIX
from starter.http.serving import serve
from tests.browser import PROGRAM, needs_browser
from tests.ports import HOST, free_port
from tests.secrecy.conftest import encrypted
from tests.staff.conftest import NOW, PASSWORD, Office
from tests.stage import complaint_of, today
from worker.conversion import converter_of
from worker.embedded import EmbeddedServer, temporal_binary
from worker.hosting import build_worker
from worker.namespace import prepare
from worker.settings import Settings

WORDS = "Bris de glace refusé pour vétusté"
STRANGER = "https://elsewhere.example"


@dataclass
class House:
    """The embedded server with its UI, a worker, and the door beside it."""

    office: Office
    settings: Settings
    address: str
    ui: str
    reference: str
    audit: Decodings

    async def decode(self, payloads: list[Any], headers: dict[str, str], action: str = "decode") -> tuple[int, Any]:
        stranger = self.office.visitor()
        answer = await stranger.asks(
            "POST", f"{PREFIX}/{action}", {"Content-Type": "application/json", **headers},
            json.dumps({"payloads": payloads}),
        )  # fmt: skip
        return answer.status, answer

    async def stored(self) -> dict[str, Any]:
        """Give the complaint's first input as the server keeps it."""
        done = await asyncio.create_subprocess_exec(
            temporal_binary(), "workflow", "show", "-w", self.reference, "--address", self.address, "-o", "json",
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        said, _ = await done.communicate()
        event = json.loads(said)["events"][0]
        found: dict[str, Any] = event["workflowExecutionStartedEventAttributes"]["input"]["payloads"][0]
        return found


@pytest_asyncio.fixture(loop_scope="session")
async def house(tmp_path: Path) -> AsyncIterator[House]:
    port, ui_port, door_port = free_port(), free_port(), free_port()
    ui = f"http://{HOST}:{ui_port}"
    settings = encrypted(tmp_path, ui_origin=ui)
    endpoint = f"http://{HOST}:{door_port}{PREFIX}"
    server = EmbeddedServer(tmp_path / "temporal.db", port, ui_port, converter_of(settings), endpoint)
    client = await server.start()
    await prepare(client, 90)
    register = Register(settings.register_address, durable=False)
    register.migrate()
    door = asyncio.create_task(serve(create_app(client, register, settings), HOST, door_port))
    try:
        async with build_worker(client, settings):
            complaint = complaint_of(today(), summary=WORDS)
            complaints = Complaints(client, settings.task_queue)
            reference = await complaints.open(complaint)
            await complaints.dossier(reference)
            office = Office(door_port, register, None)  # type: ignore[arg-type]
            with office.threads:
                yield House(office, settings, server.address, ui, reference, Decodings(register))
    finally:
        door.cancel()
        await asyncio.wait({door})
        await server.stop()
        register.close()


async def test_who_may_decode_and_what_is_written_down_of_it(house: House) -> None:
    stored = await house.stored()
    assert WORDS not in json.dumps(stored)
    assert (await house.decode([stored], {}))[0] == 401
    assert (await house.decode([stored], {"Authorization": "Bearer ck_nobody_nothing"}))[0] == 401
    for role in (Role.INTAKE, Role.HANDLER, Role.PARTNER, Role.OPERATOR):
        status, _ = await house.decode([stored], {"Authorization": f"Bearer {house.office.key(role)}"})
        assert status == 403, role
    assert house.audit.newest(10) == []
    auditor = {"Authorization": f"Bearer {house.office.key(Role.AUDITOR)}"}
    status, answer = await house.decode([stored], auditor)
    assert status == 200
    (read,) = json.loads(answer.text)["payloads"]
    assert WORDS in _data(read)
    (line,) = house.audit.newest(10)
    assert (line.by, line.action, line.references, line.payloads) == ("api:of-auditor", "decode", (house.reference,), 1)
    status, answer = await house.decode([read], auditor, "encode")
    assert (status, WORDS in _data(json.loads(answer.text)["payloads"][0])) == (200, False)
    assert house.audit.newest(1)[0].action == "encode"


def _data(payload: dict[str, Any]) -> str:
    return base64.b64decode(payload["data"]).decode("utf-8", "replace")


async def test_only_the_uis_own_origin_is_heard(house: House) -> None:
    key = {"Authorization": f"Bearer {house.office.key(Role.AUDITOR)}"}
    stored = await house.stored()
    status, answer = await house.decode([stored], {**key, "Origin": house.ui})
    assert (status, answer.headers["access-control-allow-origin"]) == (200, house.ui)
    status, answer = await house.decode([stored], {**key, "Origin": STRANGER})
    assert (status, answer.headers.get("access-control-allow-origin")) == (403, None)
    asked = {"Origin": STRANGER, "Access-Control-Request-Method": "POST"}
    preflight = await house.office.visitor().asks("OPTIONS", f"{PREFIX}/decode", asked)
    assert (preflight.status, preflight.headers.get("access-control-allow-origin")) == (403, None)
    house.office.person("c-001", Role.MANAGER)
    signed_in = house.office.session("c-001")
    body = json.dumps({"payloads": [stored]})
    without_origin = await signed_in.asks("POST", f"{PREFIX}/decode", {}, body)
    assert without_origin.status == 401, "a cookie alone, from no page, opens nothing"
    from_the_ui = await signed_in.asks("POST", f"{PREFIX}/decode", {"Origin": house.ui}, body)
    assert from_the_ui.status == 200


@pytest.mark.parametrize("body", ["", "[7]", '{"payloads": 1}', '{"payloads": [{"data": 7}]}', "\udcff", "{" * 5000])
async def test_garbage_is_answered_and_no_fault(house: House, body: str) -> None:
    key = {"Authorization": f"Bearer {house.office.key(Role.AUDITOR)}"}
    said = body.encode("utf-8", "replace").decode()
    answer = await house.office.visitor().asks("POST", f"{PREFIX}/decode", key, said)
    assert answer.status == 400, answer.text
    elsewhere = {**key, "X-Namespace": "other"}
    assert (await house.office.visitor().asks("POST", f"{PREFIX}/decode", elsewhere, "{}")).status == 404


async def test_temporals_own_program_reads_and_speaks_through_the_door(house: House) -> None:
    key = house.office.key(Role.MANAGER)
    door = ("--codec-endpoint", f"{house.office.url}{PREFIX}", "--codec-auth", f"Bearer {key}")

    async def temporal(*words: str) -> tuple[int, str, str]:
        done = await asyncio.create_subprocess_exec(
            temporal_binary(), "workflow", *words, "-w", house.reference, "--address", house.address, *door,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await done.communicate()
        return done.returncode or 0, out.decode(), err.decode()

    code, out, err = await temporal("query", "--type", "dossier")
    assert (code, "investigating" in out) == (0, True), err
    note = '{"id": "n-9", "text": "Par le codec."}'
    code, _, err = await temporal("signal", "--name", "note_added", "--input", note)
    assert code == 0, err
    for _ in range(100):
        _, out, _ = await temporal("query", "--type", "dossier")
        if "n-9" in out:
            break
        await asyncio.sleep(0.1)
    assert "n-9" in out
    assert "in_clear" not in out


@needs_browser
async def test_the_temporal_ui_shows_a_complaint_to_whoever_is_signed_in_and_to_nobody_else(
    house: House, tmp_path: Path
) -> None:
    login = house.office.person("c-001", Role.MANAGER)
    endpoint = f"{house.office.url}{PREFIX}"
    history = f"{house.ui}/namespaces/default/workflows/{house.reference}"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=PROGRAM, args=["--no-sandbox"])
        page = await (await browser.new_context(viewport={"width": 1400, "height": 1000})).new_page()
        await page.goto(house.ui)
        # What the UI's dialog "Codec Server" keeps: this browser's own settings, with the session's cookie sent along.
        await page.evaluate("endpoint => localStorage.setItem('endpoint', JSON.stringify(endpoint))", endpoint)
        for said in ("includeCredentials", "overrideRemoteCodecConfiguration"):
            await page.evaluate("name => localStorage.setItem(name, 'true')", said)
        asked: list[int] = []
        page.on("response", lambda answer: asked.append(answer.status) if _is_decoding(answer) else None)
        await _opens(page, history, house.reference)
        await page.screenshot(path=tmp_path / "refused.png")
        assert set(asked) == {401}
        assert WORDS not in await page.content(), "nobody is signed in"
        await page.goto(f"{house.office.url}/staff/sign-in")
        await page.get_by_label("Adresse électronique").fill(login)
        await page.get_by_label("Mot de passe").fill(PASSWORD)
        await page.get_by_role("button", name="Se connecter").click()
        await page.wait_for_url("**/staff/complaints**")
        await _opens(page, history, house.reference)
        await page.get_by_text(WORDS).first.wait_for(timeout=30_000)
        await page.screenshot(path=tmp_path / "decoded.png")
        await browser.close()
    assert house.reference in house.audit.newest(1)[0].references
    assert house.audit.newest(1)[0].at > NOW


def _is_decoding(answer: PlaywrightResponse) -> bool:
    return "/codec/decode" in answer.url and answer.request.method == "POST"


async def _opens(page: Page, address: str, reference: str) -> None:
    async with page.expect_response(lambda answer: _is_decoding(answer)):
        await page.goto(address)
    await page.get_by_text(reference).first.wait_for()
