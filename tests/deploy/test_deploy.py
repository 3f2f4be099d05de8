"""What operators run, read by what will read it: manifests, scripts, the proxy, compose, the image's packages."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from worker.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose" / "compose.yaml").read_text("utf-8"))
_PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", re.MULTILINE)


def manifests() -> Iterator[tuple[str, dict[str, Any]]]:
    for file in sorted((DEPLOY / "kubernetes").rglob("*.yaml")):
        for each in yaml.safe_load_all(file.read_text("utf-8")):
            if each["kind"] != "Kustomization":  # Kubernetes itself knows none: its tool does
                yield f"{file.name}: {each['kind']} {each['metadata']['name']}", each


@pytest.mark.parametrize(("name", "manifest"), list(manifests()))
def test_a_manifest_is_one(name: str, manifest: dict[str, Any]) -> None:
    kubernetes_validate.validate(manifest, kubernetes_validate.latest_version(), strict=True)


def test_every_pod_runs_as_nobody_on_a_disk_it_cannot_write() -> None:
    pods = [each["spec"]["template"]["spec"] for _, each in manifests() if each["kind"] in ("Deployment", "Job")]
    assert len(pods) == 3
    for pod in pods:
        assert pod["securityContext"]["runAsNonRoot"]
        (container,) = pod["containers"]
        assert container["securityContext"]["readOnlyRootFilesystem"]
        assert not container["securityContext"]["allowPrivilegeEscalation"]
        assert "limits" in container["resources"]


def test_kustomizations_name_files_that_are_there() -> None:
    for file in (DEPLOY / "kubernetes").rglob("kustomization.yaml"):
        said = yaml.safe_load(file.read_text("utf-8"))
        for resource in said["resources"]:
            assert (file.parent / resource).is_file()
        for generator in said.get("configMapGenerator", []):
            for source in [*generator.get("envs", []), *generator.get("files", [])]:
                assert (file.parent / source).is_file()


def test_values_are_settings_and_none_is_a_secret() -> None:
    lines = (DEPLOY / "values.env").read_text("utf-8").splitlines()
    values = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    ours = {name.removeprefix("COMPLAINTS_").lower() for name in values if name.startswith("COMPLAINTS_")}
    assert ours <= set(Settings.model_fields)
    secret = {name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)}
    assert not ours & (secret | {"register_url"})


def test_compose_refers_to_what_it_declares() -> None:
    services, secrets, volumes = COMPOSE["services"], COMPOSE["secrets"], COMPOSE["volumes"]
    for name, service in services.items():
        assert set(service.get("depends_on", [])) <= set(services), name
        assert {_source(secret) for secret in service.get("secrets", [])} <= set(secrets), name
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            there = (DEPLOY / "compose" / source).exists() if source.startswith(".") else source in volumes
            assert there, (name, source)
    files = [_target(secret) for service in services.values() for secret in service.get("secrets", [])]
    ours = {name for name in files if name.startswith("complaints_")}
    assert {name.removeprefix("complaints_") for name in ours} <= set(Settings.model_fields)


def _source(secret: str | dict[str, str]) -> str:
    return secret if isinstance(secret, str) else secret["source"]


def _target(secret: str | dict[str, str]) -> str:
    return secret if isinstance(secret, str) else secret["target"]


def test_the_secrets_of_compose_are_made_once_and_kept(tmp_path: Path) -> None:
    for name in ("prepare.sh", "compose.yaml"):
        shutil.copy(DEPLOY / "compose" / name, tmp_path / name)
    made = []
    for _ in range(2):
        subprocess.run(["sh", str(tmp_path / "prepare.sh")], check=True)
        made.append({file.name: file.read_text() for file in (tmp_path / "secrets").iterdir()})
    assert made[0] == made[1]
    assert set(made[0]) == set(COMPOSE["secrets"])
    assert len({value for name, value in made[0].items() if name.endswith("_password")}) == 5
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0


def test_who_sets_up_owns_the_register_and_who_works_only_writes() -> None:
    by_compose = {
        name: _source(secret).removeprefix("register_").removesuffix("_url")
        for name, service in COMPOSE["services"].items()
        for secret in service.get("secrets", [])
        if _target(secret) == "complaints_register_url"
    }
    assert by_compose == {"setup": "owner", "worker": "writer", "door": "writer", "reader": "reader"}
    by_kubernetes = {}
    for _, each in manifests():
        if each["kind"] in ("Deployment", "Job"):
            volumes = each["spec"]["template"]["spec"]["volumes"]
            (secrets,) = (volume["projected"]["sources"] for volume in volumes if volume["name"] == "secrets")
            by_kubernetes[each["metadata"]["name"]] = [source["secret"]["name"] for source in secrets]
    assert by_kubernetes == {
        "setup": ["complaints", "complaints-owner"],
        "worker": ["complaints", "complaints-writer"],
        "door": ["complaints", "complaints-writer"],
    }


def test_the_image_has_the_packages_that_are_tested() -> None:
    tested = dict(_PIN.findall((ROOT / "requirements.lock").read_text("utf-8")))
    image = dict(_PIN.findall((DEPLOY / "container" / "requirements.lock").read_text("utf-8")))
    assert image.items() <= tested.items()
    assert "temporalio" in image
    assert not {"pytest", "mypy", "playwright"} & set(image)


@pytest.mark.skipif(not shutil.which("shellcheck"), reason="no shellcheck: `apt-get install shellcheck` brings it")
def test_scripts_are_sound() -> None:
    scripts = sorted(DEPLOY.rglob("*.sh"))
    assert scripts
    subprocess.run(["shellcheck", *map(str, scripts), str(ROOT / ".ci" / "run")], check=True)


@pytest.mark.skipif(not shutil.which("caddy"), reason="no Caddy: `apt-get install caddy` brings it")
def test_the_proxy_understands_its_configuration(tmp_path: Path) -> None:
    environment = os.environ | {
        "PUBLIC_HOST": "localhost", "DOOR": "door:8080", "TEMPORAL_UI": "ui:8080", "HOME": str(tmp_path),
    }  # fmt: skip
    command = ["caddy", "validate", "--config", str(DEPLOY / "compose" / "Caddyfile"), "--adapter", "caddyfile"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_setting_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "complaints_inbound_token").write_text("0123456789abcdef")
    said = Settings(_secrets_dir=tmp_path)
    assert said.inbound_token is not None
    assert said.inbound_token.get_secret_value() == "0123456789abcdef"
