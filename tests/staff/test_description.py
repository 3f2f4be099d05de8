"""The API against its own description, as each role and as a system: schemathesis, over real HTTP."""

import asyncio
import sys
from pathlib import Path

import pytest

from activities.access.api_keys import ApiKeys, Scope
from activities.access.roles import Role
from tests.staff.conftest import NOW, Office

_CHECKS = ",".join((
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance",
    "response_headers_conformance", "ignored_auth",
))  # fmt: skip
_NEVER_ENDS = "/v1/complaints/{reference}/changes"
"""A stream: tests/staff/test_changes.py follows one."""


@pytest.mark.slow
@pytest.mark.parametrize("role", [*Role, None])
async def test_the_api_keeps_to_its_description(office: Office, role: Role | None) -> None:
    await office.complaint()
    key = office.key(role) if role else ApiKeys(office.register).create("system", list(Scope), NOW)[1]
    asked = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("schemathesis")), "run", f"{office.url}/v1/openapi.json",
        "--header", f"Authorization: Bearer {key}", "--exclude-path", _NEVER_ENDS, "--checks", _CHECKS,
        "--phases", "fuzzing", "--max-examples", "12", "--generation-deterministic", "--continue-on-failure",
        "--request-timeout", "30", "--suppress-health-check", "all", "--no-color",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, cwd=office.stage.settings.data_dir,
    )  # fmt: skip
    said, _ = await asked.communicate()
    assert asked.returncode == 0, said.decode()
