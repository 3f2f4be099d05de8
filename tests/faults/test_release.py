"""A new release rolled out under running complaints, and rolled back: real workers of two releases, the real server."""

import asyncio
import shutil
from collections.abc import Awaitable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from temporalio.api.enums.v1 import RoutingConfigUpdateState
from temporalio.api.workflowservice.v1 import DescribeWorkerDeploymentRequest

from tests.faults.processes import World
from tests.ports import HOST
from tests.stage import Stage, Told
from worker.connection import connect
from worker.embedded import temporal_binary

pytestmark = pytest.mark.slow

_T = TypeVar("_T")
_COMPLAINTS, _NEWCOMERS = 200, 20
_AT_ONCE = 20
_PATIENCE = 500.0
_ROOT = Path(__file__).resolve().parents[2]
_PLACE = "            # The table of levels:"
_PATCH = "next-release"
_NOT_YET = (b"pollers", b"not found", b"missing active task queues")
"""What the server answers as long as the new workers have not all begun to ask for work."""
_EVERYWHERE = RoutingConfigUpdateState.ROUTING_CONFIG_UPDATE_STATE_COMPLETED
"""Until then some of the server's queues still give steps to the version before."""
_NEW_BRANCH = f"""            if workflow.patched("{_PATCH}"):
                workflow.upsert_memo({{"release": "next"}})
"""


@pytest.fixture
def next_release(tmp_path: Path) -> Path:
    """Make the code of a release whose workflow does one thing more, behind a patch."""
    code = tmp_path / "next"
    for part in ("workflows", "activities", "worker", "starter", "deploy", "tests"):
        shutil.copytree(_ROOT / part, code / part, ignore=shutil.ignore_patterns("__pycache__", "histories"))
    workflow = code / "workflows" / "complaint.py"
    text = workflow.read_text("utf-8")
    assert text.count(_PLACE) == 1
    workflow.write_text(text.replace(_PLACE, _NEW_BRANCH + _PLACE), "utf-8")
    return code


async def test_a_release_goes_out_under_running_complaints_and_is_taken_back(world: World, next_release: Path) -> None:
    async with asyncio.timeout(_PATIENCE):
        stage = world.stage("release")
        await world.start_worker(stage, **_release("1"))
        await _make_current(world, "1")
        complaints = await _each(stage.opens() for _ in range(_COMPLAINTS))
        await _each(told.until_day(15) for told in complaints)
        assert await _versions(complaints) == {"complaints.1"}

        # The new branch sleeps while the release proves itself: every complaint follows, none enters it.
        asleep = await world.start_worker(stage, code=next_release, **_release("2", f'["{_PATCH}"]'))
        await _make_current(world, "2")
        await _each(told.submit("note_added", id="out", text="release 2") for told in complaints)
        assert await _versions(complaints) == {"complaints.2"}
        assert await _in_the_new_branch(complaints) == 0

        # Taken back: whatever happened meanwhile, the release before goes on with every one of them.
        await _make_current(world, "1")
        await _each(told.submit("note_added", id="back", text="release 1") for told in complaints)
        assert await _versions(complaints) == {"complaints.1"}

        # Out again, awake: who opens now enters the branch; who has passed its place keeps to the way they began.
        asleep.kill()
        await asleep.wait()
        await world.start_worker(stage, code=next_release, **_release("3"))
        await _make_current(world, "3")
        await _each(told.submit("note_added", id="awake", text="release 3") for told in complaints)
        newcomers = await _each(stage.opens() for _ in range(_NEWCOMERS))
        await _each(told.until_clock("status_letter") for told in [*complaints, *newcomers])
        assert await _versions([*complaints, *newcomers]) == {"complaints.3"}
        assert await _in_the_new_branch(complaints) == 0
        assert await _in_the_new_branch(newcomers) == _NEWCOMERS
        for told in [*complaints, *newcomers]:
            assert await told.kinds() == ["acknowledgement", "holding", "status"]
        assert await _stuck(stage) == []


def _release(build: str, asleep: str = "[]") -> dict[str, Any]:
    return {
        "COMPLAINTS_DEPLOYMENT": "complaints",
        "COMPLAINTS_BUILD_ID": build,
        "COMPLAINTS_PATCHES_ASLEEP": asleep,
    }


async def _make_current(world: World, build: str) -> None:
    """Do what docs/changing-the-workflow.md says, with Temporal's own command line, once the release's worker polls."""
    while True:
        asked = await asyncio.create_subprocess_exec(
            temporal_binary(), "worker", "deployment", "set-current-version", "--deployment-name", "complaints",
            "--build-id", build, "--yes", "--address", f"{HOST}:{world.port}",
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        _, said = await asked.communicate()
        if asked.returncode == 0:
            break
        assert any(word in said for word in _NOT_YET), said
        await asyncio.sleep(0.5)
    client = await connect(target_host=f"{HOST}:{world.port}", namespace="default")
    asking = DescribeWorkerDeploymentRequest(namespace="default", deployment_name="complaints")
    while True:
        told = await client.workflow_service.describe_worker_deployment(asking)
        if told.worker_deployment_info.routing_config_update_state == _EVERYWHERE:
            return
        await asyncio.sleep(0.2)


async def _each(acts: Iterable[Awaitable[_T]]) -> list[_T]:
    slots = asyncio.Semaphore(_AT_ONCE)

    async def one(act: Awaitable[_T]) -> _T:
        async with slots:
            return await act

    return list(await asyncio.gather(*map(one, acts)))


async def _versions(complaints: list[Told]) -> set[str]:
    """Say which releases took the complaints' last steps."""
    found = set()
    for told in complaints:
        await told.settled()
        described = (await told.handle.describe()).raw_description.workflow_execution_info.versioning_info
        version = described.deployment_version
        found.add(f"{version.deployment_name}.{version.build_id}")
    return found


async def _in_the_new_branch(complaints: list[Told]) -> int:
    return sum([bool(await (await told.handle.describe()).memo()) for told in complaints])


async def _stuck(stage: Stage) -> list[str]:
    query = "WorkflowType='Complaint' AND TemporalReportedProblems IS NOT NULL"
    return [execution.id async for execution in stage.environment.client.list_workflows(query)]
