"""A real server on its database file, a worker and a door that encrypt, and the program with the same settings."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.register.database import Register
from tests.stage import Stage
from worker.conversion import converter_of
from worker.embedded import temporal_binary, time_skipping
from worker.hosting import build_worker
from worker.settings import Settings

KEYS = {"2026": "11" * 32, "2027": "22" * 32}
PROGRAM = Path(sys.executable).with_name("complaints")


def encrypted(folder: Path, current: str = "2026", **more: Any) -> Settings:
    """Give settings that encrypt with one key and know all."""
    secrets = folder / "keys"
    secrets.mkdir(exist_ok=True)
    for key_id, secret in KEYS.items():
        (secrets / key_id).write_text(secret)
    return Settings(
        data_dir=folder, task_queue="secret", durable=False, encryption_key=current, encryption_secrets_dir=secrets,
        **more,
    )  # fmt: skip


@dataclass
class Vault:
    """A server whose every payload is encrypted."""

    environment: WorkflowEnvironment
    settings: Settings
    database: Path
    register: Register
    stage: Stage = field(init=False)

    def __post_init__(self) -> None:
        self.stage = Stage(self.environment, self.settings)

    @property
    def client(self) -> Client:
        return self.environment.client

    @property
    def address(self) -> str:
        return self.client.service_client.config.target_host

    def stored(self) -> bytes:
        """Give every byte the server has written: its database file and what is written ahead of it."""
        return b"".join(path.read_bytes() for path in sorted(self.database.parent.glob(f"{self.database.name}*")))

    @asynccontextmanager
    async def working(self, current: str = "2026") -> AsyncIterator[Worker]:
        """Run a worker that encrypts with one of the keys, on a client of its own."""
        settings = encrypted(self.settings.data_dir, current)
        client = await Client.connect(self.address, data_converter=converter_of(settings))
        async with build_worker(client, settings) as worker:
            yield worker

    async def complaints(self, *words: str, key: str = "2026", stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run our program with these settings."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("COMPLAINTS_", "TEMPORAL_"))}
        settings = self.settings
        environment = kept | {
            "TEMPORAL_ADDRESS": self.address,
            "COMPLAINTS_DATA_DIR": str(settings.data_dir),
            "COMPLAINTS_TASK_QUEUE": settings.task_queue,
            "COMPLAINTS_ENCRYPTION_KEY": key,
            "COMPLAINTS_ENCRYPTION_SECRETS_DIR": str(settings.encryption_secrets_dir),
            "COMPLAINTS_LANG": "en",
        }
        return await asyncio.to_thread(_run, [str(PROGRAM), *words], environment, stdin)

    async def temporal(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run Temporal's own program, which knows no key."""
        return await asyncio.to_thread(_run, [temporal_binary(), *words, "--address", self.address], dict(os.environ))


def _run(words: list[str], environment: dict[str, str], stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, env=environment, input=stdin, capture_output=True, text=True, check=False, timeout=120)


@pytest_asyncio.fixture(loop_scope="session")
async def vault(tmp_path: Path) -> AsyncIterator[Vault]:
    settings, database = encrypted(tmp_path), tmp_path / "temporal.db"
    async with time_skipping(converter_of(settings), database) as environment:
        register = Register(settings.register_address, durable=False)
        register.migrate()
        yield Vault(environment, settings, database, register)
        register.close()


@pytest.fixture
def anyone() -> dict[str, object]:
    """Give a complainant whose words are found nowhere else."""
    return {
        "complainant": {
            "name": "Zéphyrine Quatrevaux", "email": "zephyrine.quatrevaux@courriel.example",
            "phone": "+33 6 98 76 54 32",
        },
        "policy_number": "POLICE-ZQ-778899", "summary": "Bris de glace refusé pour vétusté du joint",
        "representative": {"name": "Maître Ombeline Tardieu-Roy", "mandate": True, "email": "otr@cabinet.example"},
    }  # fmt: skip
