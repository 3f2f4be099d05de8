"""`complaints accounts` and `complaints keys` through the real program."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from activities.access.accounts import Accounts
from activities.access.api_keys import ApiKeys
from activities.access.roles import Role
from activities.register.database import Register

PROGRAM = Path(sys.executable).with_name("complaints")


class Desk:
    def __init__(self, folder: Path) -> None:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("COMPLAINTS_", "TEMPORAL_", "LC_", "LANG"))}
        self.environment = kept | {"COMPLAINTS_DATA_DIR": str(folder)}
        self.register = Register(f"sqlite:///{folder / 'register.db'}", durable=False)
        self.register.migrate()

    def run(self, *words: str, said: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(PROGRAM), *words],
            env=self.environment,
            input=said,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_an_account_is_made_listed_given_another_password_and_ended(desk: Desk) -> None:
    made = json.loads(
        desk.run("accounts", "add", "Aicha@x.example", "--role", "handler", "--contact", "c-003", "--json").stdout
    )
    assert (made["id"], made["login"], made["name"], made["roles"]) == (
        "c-003", "aicha@x.example", "Aïcha Benferrat", ["handler"],
    )  # fmt: skip
    accounts, now = Accounts(desk.register), datetime.now(UTC)
    assert accounts.known("aicha@x.example", made["password"], now)
    assert desk.run("accounts", "password", "c-003", "--password-stdin", said="un autre mot de passe\n").returncode == 0
    assert accounts.known("aicha@x.example", "un autre mot de passe", now)
    assert not accounts.known("aicha@x.example", made["password"], now)
    assert desk.run("accounts", "end", "c-003").returncode == 0
    assert desk.run("accounts", "end", "c-003").returncode == 1
    assert "fermé" in desk.run("accounts", "list").stdout
    assert "password" not in json.loads(desk.run("accounts", "list", "--json").stdout)[0]


@pytest.mark.parametrize(
    ("words", "said", "code"),
    [
        (["a@x.example", "--role", "handler"], "--name", 2),
        (["a@x.example", "--role", "handler", "--contact", "c-999"], "c-999", 1),
        (["a@x.example", "--role", "partner", "--name", "X"], "--insurer", 1),
        (["a@x.example", "--role", "partner", "--name", "X", "--insurer", "nobody"], "nobody", 1),
        (["a@x.example", "--role", "handler", "--name", "X", "--insurer", "assureur-exemple"], "partner", 1),
        (["a@x.example", "--role", "handler", "--name", "X", "--password-stdin"], "12", 1),
    ],
)
def test_an_account_that_makes_no_sense_is_refused_in_a_sentence(
    desk: Desk, words: list[str], said: str, code: int
) -> None:
    done = desk.run("accounts", "add", *words, said="court\n")
    assert (done.returncode, said in done.stderr) == (code, True), done.stderr
    assert Accounts(desk.register).listed() == []


def test_a_key_has_scopes_or_a_role(desk: Desk) -> None:
    said = desk.run("keys", "create", "desk", "--role", "partner", "--insurer", "assureur-exemple").stdout.strip()
    key = ApiKeys(desk.register).known(said, datetime.now(UTC))
    assert key is not None
    assert (key.role, key.caller.insurer, key.caller.name) == (Role.PARTNER, "assureur-exemple", "api:desk")
    for words in (
        [],
        ["--role", "handler", "--scope", "read"],
        ["--role", "partner"],
        ["--scope", "read", "--insurer", "x"],
    ):
        assert desk.run("keys", "create", "desk", *words).returncode == 2
    assert desk.run("keys", "create", "desk", "--role", "partner", "--insurer", "nobody").returncode == 1
