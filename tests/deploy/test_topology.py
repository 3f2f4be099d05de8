"""The same topology as on one machine, as plain processes: Temporal, PostgreSQL, worker, door, and the proxy with TLS.

Temporal runs on its embedded store here; everything else is what compose runs, by the same commands and settings.
"""

import asyncio
import json
import os
import shutil
import ssl
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from tests.faults.processes import World
from tests.ports import HOST, free_port
from tests.postgres import PostgresServer
from tests.register.conftest import postgres

__all__ = ["postgres"]
PROGRAM = str(Path(sys.executable).with_name("complaints"))
CADDYFILE = Path(__file__).resolve().parents[2] / "deploy" / "compose" / "Caddyfile"
PASSWORD = "un mot de passe assez long"  # noqa: S105
_PATIENCE = 120

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("caddy"), reason="no Caddy: `apt-get install caddy` brings it"),
]


class Machine:
    """The processes of one machine."""

    def __init__(self, world: World, folder: Path, postgres: PostgresServer) -> None:
        self.folder, self.tls_port, self.door_port = folder, free_port(), free_port()
        self.url = f"https://localhost:{self.tls_port}"
        for role in ("owner", "writer"):
            (folder / role).mkdir()
            url = postgres.url("complaints", f"complaints_{role}")
            (folder / role / "complaints_register_url").write_text(url)
            (folder / role / "complaints_encryption_secrets").write_text(json.dumps({"k1": "5a" * 32}))
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("COMPLAINTS_", "TEMPORAL_"))}
        self.environment = kept | {
            "TEMPORAL_ADDRESS": f"{HOST}:{world.port}",
            "TEMPORAL_NAMESPACE": "default",
            "COMPLAINTS_SECRETS_DIR": str(folder / "writer"),
            "COMPLAINTS_DATA_DIR": str(folder / "data"),
            "COMPLAINTS_PUBLIC_URL": self.url,
            "PUBLIC_HOST": f"localhost:{self.tls_port}",
            "DOOR": f"{HOST}:{self.door_port}",
            "TEMPORAL_UI": f"{HOST}:{world.ui_port}",
            "COMPLAINTS_ENCRYPTION_KEY": "k1",
            "COMPLAINTS_LOG_FORMAT": "json",
            "XDG_DATA_HOME": str(folder / "caddy"),
            "HOME": str(folder),
        }
        self._running: list[asyncio.subprocess.Process] = []

    async def run(self, *words: str, said: str = "", role: str = "writer") -> str:
        environment = self.environment | {"COMPLAINTS_SECRETS_DIR": str(self.folder / role)}
        process = await asyncio.create_subprocess_exec(
            PROGRAM, *words, env=environment, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        answer, _ = await process.communicate(said.encode())
        assert process.returncode == 0, answer
        return answer.decode().strip()

    async def start(self) -> None:
        caddyfile = self.folder / "Caddyfile"
        # The proxy of a test takes no ports that all machines have, and changes nobody's trust.
        said = CADDYFILE.read_text("utf-8").replace(
            "admin off", "admin off\n\tauto_https disable_redirects\n\tskip_install_trust"
        )
        caddyfile.write_text(said, "utf-8")
        for name, command in (
            ("worker", [PROGRAM, "worker"]),
            ("door", [PROGRAM, "serve", "--port", str(self.door_port)]),
            ("proxy", ["caddy", "run", "--config", str(caddyfile), "--adapter", "caddyfile"]),
        ):
            with (self.folder / f"{name}.log").open("ab") as log:
                self._running.append(
                    await asyncio.create_subprocess_exec(*command, env=self.environment, stdout=log, stderr=log)
                )

    async def end(self) -> None:
        for process in self._running:
            process.terminate()
        await asyncio.gather(*(process.wait() for process in self._running))

    @property
    def trust(self) -> ssl.SSLContext:
        """Trust the proxy's own authority, and nobody else."""
        authority = self.folder / "caddy" / "caddy" / "pki" / "authorities" / "local" / "root.crt"
        return ssl.create_default_context(cafile=str(authority))

    async def until_ready(self) -> None:
        while True:
            try:
                async with httpx.AsyncClient(verify=self.trust, trust_env=False) as client:
                    if (await client.get(f"{self.url}/ready")).status_code == 200:
                        return
            except (httpx.TransportError, OSError):
                pass
            await asyncio.sleep(0.2)


@pytest_asyncio.fixture(loop_scope="session")
async def machine(tmp_path: Path, postgres: PostgresServer) -> AsyncIterator[Machine]:
    world = World(tmp_path)
    await world.start()
    there = Machine(world, tmp_path, postgres)
    try:
        async with asyncio.timeout(_PATIENCE):
            await there.run("setup", role="owner")
            await there.start()
            await there.until_ready()
        yield there
    finally:
        await there.end()
        await world.end()


async def test_a_complaint_goes_through_the_whole_of_it(machine: Machine) -> None:
    async with asyncio.timeout(_PATIENCE):
        again = json.loads(await machine.run("setup", "--json", role="owner"))
        assert again["changed"] == [], "set-up repeated changes nothing"
        assert "secret" not in again["register"]
        key = await machine.run("keys", "create", "crm", "--scope", "intake", "--scope", "read", "--scope", "letters")
        await machine.run(
            "accounts", "add", "helene@x.example", "--role", "manager", "--contact", "c-001", "--password-stdin",
            said=f"{PASSWORD}\n",
        )  # fmt: skip
        async with httpx.AsyncClient(verify=machine.trust, base_url=machine.url, trust_env=False, timeout=30) as client:
            body = {
                "received_at": "2026-11-20T16:45:00+01:00", "channel": "email", "received_by": "broker",
                "complainant": {"name": "Anne Martin", "email": "anne.martin@example.org"}, "summary": "Indemnité",
            }  # fmt: skip
            headers = {"Authorization": f"Bearer {key}"}
            opened = await client.post("/v1/complaints", json=body, headers=headers)
            assert opened.status_code == 201
            path = opened.headers["Location"]
            for _ in range(200):  # until the worker has written to the customer
                if (await client.get(f"{path}/letters", headers=headers)).json()["letters"]:
                    break
                await asyncio.sleep(0.2)
            else:
                raise AssertionError("no letter left")
            async with client.stream("GET", f"{path}/changes", headers=headers) as stream:
                async for line in stream.aiter_lines():
                    if line.startswith("data:"):
                        break
            entered = await client.post("/staff/sign-in", data={"login": "helene@x.example", "password": PASSWORD})
            assert entered.status_code == 303
            assert "Secure" in entered.headers["Set-Cookie"]
            page = await client.get(f"/staff/complaints/{opened.json()['reference']}")
            assert page.status_code == 200
            assert "Anne Martin" in page.text
            assert page.headers["Strict-Transport-Security"]
            ui = await client.get("/temporal/")
            assert (ui.status_code, "Temporal" in ui.text or "_app" in ui.text) == (200, True), ui.text[:300]
            async with httpx.AsyncClient(verify=machine.trust, base_url=machine.url, trust_env=False) as nobody:
                led_away = await nobody.get("/temporal/")
                assert (led_away.status_code, "/staff/sign-in" in led_away.headers["Location"]) == (303, True)
            plain = await client.get(f"http://localhost:{machine.tls_port}/health")
            assert plain.status_code == 400, "nothing is answered without TLS"
