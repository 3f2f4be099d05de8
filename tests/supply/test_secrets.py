"""No secret is in the repository, and none gets into the image: neither a key's text nor a file that holds such."""

import gzip
import re
import shutil
import subprocess
import sys
import zipfile
from fnmatch import fnmatch
from pathlib import Path

import pytest

from deploy.supply.lock import ROOT

CONTAINER = ROOT / "deploy" / "container"
KEYS = {
    "a private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{16}",
    "a key of SendGrid": r"\bSG\.[\w-]{22}\.[\w-]{43}\b",
    "a key of our HTTP API": r"\bck_[0-9a-f]{12}_[0-9a-f]{64}\b",
    "a token (JWT), as Temporal Cloud's keys are": r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}",
    "a key of AWS": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "a token of GitHub": r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{50,})",
    "a token of Slack": r"\bxox[abeprs]-[A-Za-z0-9-]{10,}",
    "a key of Google": r"\bAIza[\w-]{35}\b",
    "a password in an address": r"://[^/\s:@<>{}$%'\"]+:[^/\s:@<>{}$%'\"]{8,}@",
}
NAMES = (
    ".env", ".env.*", "*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "id_rsa*", "id_ed25519*", ".netrc", ".pypirc",
    ".pgpass", "*_password", "credentials*", "*.db", "*.db-wal", "*.sqlite*", "*.dump",
)  # fmt: skip
PLANTED = (
    ".env", "worker/.env", "deploy/.env", "deploy/compose/secrets/complaints_register_url",
    "deploy/compose/secrets/register_owner_password", "starter/secrets/key", "var/register.db", "tests/planted.py",
    "docs/planted.md", ".git/planted", "workflows/__pycache__/planted.pyc",
)  # fmt: skip


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def text_of(file: Path) -> str:
    content = file.read_bytes()
    return (gzip.decompress(content) if file.suffix == ".gz" else content).decode("utf-8", "replace")


def test_no_tracked_file_holds_a_key() -> None:
    files = tracked()
    assert len(files) > 500
    found = [
        f"{file.relative_to(ROOT)}: {what}"
        for file in files
        for what, key in KEYS.items()
        if re.search(key, text_of(file))
    ]
    assert found == []


def test_no_tracked_file_is_called_like_one_that_holds_secrets() -> None:
    assert [file for file in tracked() if any(fnmatch(file.name, name) for name in NAMES)] == []


def test_the_folder_of_secrets_cannot_be_committed() -> None:
    for name in ("deploy/compose/secrets/register_owner_password", ".env", "var/register.db"):
        subprocess.run(["git", "check-ignore", "--quiet", "--no-index", name], cwd=ROOT, check=True)


@pytest.mark.parametrize(
    ("what", "example"),
    [
        ("a private key", "-----BEGIN RSA PRIVATE KEY-----\n" + "M" * 64),
        ("a private key", "-----BEGIN PRIVATE KEY-----\n" + "M" * 64),
        ("a key of SendGrid", "SG." + "a" * 22 + "." + "b" * 43),
        ("a key of our HTTP API", "ck_" + "0" * 12 + "_" + "a" * 64),
        ("a token (JWT), as Temporal Cloud's keys are", ".".join(["eyJ" + "a" * 20, "eyJ" + "b" * 20, "c" * 20])),
        ("a key of AWS", "AKIA" + "A" * 16),
        ("a token of GitHub", "ghp_" + "a" * 36),
        ("a token of Slack", "xoxb-" + "1" * 12),
        ("a key of Google", "AIza" + "a" * 35),
        ("a password in an address", "postgresql://register:" + "a" * 16 + "@postgresql/complaints"),
    ],
)
def test_what_is_looked_for_would_be_found(what: str, example: str) -> None:
    assert re.search(KEYS[what], example)


# The image: what its build is handed, what it copies of that, what the wheel in it holds -----------------------------


def handed(name: str) -> bool:
    """Whether the build is handed a file: the last line of the ignore file that fits it, or a folder above it, wins."""
    kept = True
    for line in (CONTAINER / "Containerfile.dockerignore").read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        pattern = line.removeprefix("!")
        path = Path(name)
        places = [path, *path.parents][:-1]
        if any(
            fnmatch(f"/{place}", pattern.replace("**", "*") if "**" in pattern else f"/{pattern}") for place in places
        ):
            kept = line.startswith("!")
    return kept


def copied_by_the_build() -> list[str]:
    """What the Containerfile copies from the machine into any layer."""
    sources = []
    for line in (CONTAINER / "Containerfile").read_text("utf-8").splitlines():
        words = line.split()
        if words[:1] in (["COPY"], ["ADD"]) and not words[1].startswith("--from="):
            sources += words[1:-1]
    return sources


@pytest.fixture(scope="module")
def layers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Do what the build does with the repository and planted secrets: give the folder of all that was copied."""
    context, layer = tmp_path_factory.mktemp("context"), tmp_path_factory.mktemp("layer")
    for file in tracked():
        name = str(file.relative_to(ROOT))
        if handed(name):
            _write(context / name, file.read_bytes())
    for name in PLANTED:
        if handed(name):
            _write(context / name, b"planted")
    for source in copied_by_the_build():
        there = context / source
        if there.is_dir():
            shutil.copytree(there, layer / source, dirs_exist_ok=True)
        else:
            _write(layer / source, there.read_bytes())
    return layer


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


def test_the_build_is_handed_what_it_needs_and_nothing_planted() -> None:
    for name in ("pyproject.toml", "worker/hosting.py", "deploy/firm/123-courtage.toml"):
        assert handed(name), name
    assert [name for name in PLANTED if handed(name)] == []
    assert not handed("tests/conftest.py")
    assert not handed("deploy/values.env")


def test_the_build_takes_no_secret_from_its_caller() -> None:
    said = (CONTAINER / "Containerfile").read_text("utf-8")
    assert re.findall(r"^ARG (\w+)", said, re.MULTILINE) == ["PYTHON"]
    assert not re.search(r"(?i)(password|secret|token|api_?key)\w*=", said)
    assert not re.search(r"^COPY \. ", said, re.MULTILINE)


def test_no_layer_holds_a_secret_or_a_test(layers: Path) -> None:
    files = [file for file in layers.rglob("*") if file.is_file()]
    names = {str(file.relative_to(layers)) for file in files}
    assert {"deploy/firm/123-courtage.toml", "starter/cli/__init__.py"} <= names
    assert [name for name in names if name.split("/")[0] in ("tests", "docs", ".git", "var", "supply")] == []
    assert [file for file in files if file.read_bytes() == b"planted"] == []


def test_the_wheel_in_the_image_is_whole_and_holds_none(layers: Path, tmp_path: Path) -> None:
    wheel = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*wheel, "--wheel-dir", str(tmp_path), str(layers)], check=True, capture_output=True)
    (built,) = tmp_path.glob("complaints-*.whl")
    with zipfile.ZipFile(built) as opened:
        names = set(opened.namelist())
    shipped = {str(file.relative_to(ROOT)) for file in tracked()}
    ours = {name for name in shipped if name.split("/")[0] in ("workflows", "activities", "worker", "starter")}
    assert ours <= names, "code and templates, all of them"
    assert "deploy/firm/123-courtage.toml" in names
    assert {name for name in names if ".dist-info/" not in name} <= shipped
