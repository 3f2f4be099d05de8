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
        assert set(service.get("secrets", [])) <= set(secrets), name
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            there = (DEPLOY / "compose" / source).exists() if source.startswith(".") else source in volumes
            assert there, (name, source)
    ours = {name for name in secrets if name.startswith("complaints_")}
    assert {name.removeprefix("complaints_") for name in ours} <= set(Settings.model_fields)
    made = (DEPLOY / "compose" / "prepare.sh").read_text("utf-8")
    assert all(name in made for name in secrets)


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
    said = Settings(_secrets_dir=tmp_path)  # type: ignore[call-arg]
    assert said.inbound_token is not None
    assert said.inbound_token.get_secret_value() == "0123456789abcdef"
