"""The bill of materials is one, and is the lock: each package at its version, with its hashes."""

import json
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from deploy.supply.lock import read_lock
from deploy.supply.sbom import write


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("sbom") / "sbom.cdx.json"
    write(file)
    return file.read_text("utf-8")


def test_it_is_valid(text: str) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None


def test_the_validator_would_tell(text: str) -> None:
    broken = json.loads(text) | {"components": [{"type": "library"}]}
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(broken)) is not None


def test_every_locked_package_stands_in_it_with_its_hashes(text: str) -> None:
    said = json.loads(text)
    assert {_key(each): _hashes(each) for each in said["components"]} == {
        (each.name, each.version, f"pkg:pypi/{each.name}@{each.version}"): each.hashes for each in read_lock()
    }
    assert said["metadata"]["component"]["name"] == "complaints"


def test_the_same_lock_gives_the_same_file(text: str, tmp_path: Path) -> None:
    write(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_text("utf-8") == text


def _key(component: dict[str, Any]) -> tuple[str, str, str]:
    return component["name"], component["version"], component["purl"]


def _hashes(component: dict[str, Any]) -> set[str]:
    return {digest["content"] for place in component["externalReferences"] for digest in place["hashes"]}
