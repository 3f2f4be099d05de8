"""Complaints that live encrypted: nothing personal in the server's file, clear messages named, keys rotated."""

import dataclasses
import json
from collections.abc import Sequence
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from temporalio.converter import DataConverter, SerializationContext

from starter.client import Complaints
from tests.secrecy.conftest import Vault
from tests.stage import Told
from worker.conversion import key_ring
from worker.encryption.codec import EncryptionCodec

REASONS = "Le joint était antérieur au contrat, garantie exclue"


def words_of(person: dict[str, Any]) -> list[bytes]:
    complainant = person["complainant"]
    said = [
        complainant["name"], complainant["email"], complainant["phone"], person["policy_number"], person["summary"],
        person["representative"]["name"], "Quatrevaux", "Tardieu", REASONS,
    ]  # fmt: skip
    spelled = [*said, *(json.dumps(word)[1:-1] for word in said)]
    return [word.encode() for word in spelled]


async def opened_by_our_door(vault: Vault, person: dict[str, Any]) -> Told:
    done = await vault.complaints("open", "-", stdin=json.dumps(vault.stage.complaint(**person)))
    assert done.returncode == 0, done.stderr
    told = Told(vault.stage, vault.client.get_workflow_handle(done.stdout.strip()))
    await told.settled()
    return told


async def test_nothing_of_a_complaint_stands_in_the_servers_file(vault: Vault, anyone: dict[str, Any]) -> None:
    async with vault.working():
        told = await opened_by_our_door(vault, anyone)
        await told.until_clock("holding_letter")
        assert "holding" in await told.kinds()
        refused = await vault.complaints(
            "submit", told.reference, "response_given", "-", stdin='{"decision": "Quatrevaux"}'
        )
        assert refused.returncode == 1
        answered = await told.submit("response_given", decision="rejected", reasons=REASONS)
        assert answered["stage"] == "answered"
        await told.submit("customer_accepts")
        ended = await told.result()
    assert ended["closed_by"] == "customer_accepts"
    assert not any(entry.get("in_clear") for entry in ended["journal"])
    stored = vault.stored()
    assert told.reference.encode() in stored, "the right file was searched"
    assert [word for word in words_of(anyone) if word in stored] == []


async def test_what_comes_in_clear_is_taken_and_named_as_such(vault: Vault, anyone: dict[str, Any]) -> None:
    async with vault.working():
        complaint = json.dumps(vault.stage.complaint(**anyone))
        started = await vault.temporal(
            "workflow", "start", "--type", "Complaint", "--task-queue", "secret", "--workflow-id", "REC-2026-CLEAR2",
            "--input", complaint,
        )  # fmt: skip
        assert started.returncode == 0, started.stderr
        told = Told(vault.stage, vault.client.get_workflow_handle("REC-2026-CLEAR2"))
        await Complaints(vault.client, "secret").dossier(told.reference)  # which waits until it is open
        note = '{"id": "n-1", "text": "Le client a rappelé."}'
        await vault.temporal("workflow", "signal", "-w", told.reference, "--name", "note_added", "--input", note)
        in_clear = await Client.connect(vault.address, data_converter=SpeaksClearly.converter(vault))
        receipt = await in_clear.get_workflow_handle(told.reference).execute_update(
            "submit", {"type": "note_added", "id": "n-2", "text": "Encore."}
        )
        await told.submit("note_added", id="n-3", text="Par le codec.")
        journal = {entry["id"]: entry for entry in (await told.settled())["journal"]}
        opening = (await told.dossier())["journal"][0]
    for entry in (opening, journal["n-1"], journal["n-2"]):
        assert entry["in_clear"] is True
        assert "codec" in entry["reason"]
        assert entry["status"] == "accepted"
    assert "in_clear" not in journal["n-3"]
    assert "codec" in receipt["message"]


class SpeaksClearly(EncryptionCodec):
    """A system that has the keys to read answers, and does not encrypt what it sends."""

    @classmethod
    def converter(cls, vault: Vault) -> DataConverter:
        keys = key_ring(vault.settings)
        assert keys
        return dataclasses.replace(vault.client.data_converter, payload_codec=cls(keys))

    def with_context(self, context: SerializationContext) -> "SpeaksClearly":
        return self

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return list(payloads)


async def test_a_strangers_encrypted_signal_is_refused_in_the_journal_and_blocks_nothing(
    vault: Vault, anyone: dict[str, Any]
) -> None:
    async with vault.working():
        told = await opened_by_our_door(vault, anyone)
        before = len((await told.dossier())["journal"])
        sent = await vault.temporal(
            "workflow", "signal", "-w", told.reference, "--name", "note_added", "--input", "garbage",
            "--input-meta", "encoding=binary/encrypted", "--input-meta", "encryption-key-id=stranger",
        )  # fmt: skip
        assert sent.returncode == 0, sent.stderr
        await told.submit("note_added", text="Tout va bien.")
        journal = (await told.dossier())["journal"]
    assert [entry["status"] for entry in journal[before : before + 2]] == ["refused", "accepted"]


async def test_keys_are_rotated_under_a_running_complaint_and_the_old_one_is_kept_while_it_is_needed(
    vault: Vault, anyone: dict[str, Any]
) -> None:
    async with vault.working("2026"):
        told = await opened_by_our_door(vault, anyone)
    async with vault.working("2027"):
        await told.submit("response_given", decision="rejected", reasons=REASONS)
        await told.submit("customer_accepts")
        assert (await told.result())["closed_by"] == "customer_accepts"
    kept = await vault.complaints("encryption", "retire", "2026", key="2027")
    assert kept.returncode == 1
    assert told.reference in kept.stderr
    assert vault.settings.encryption_secrets_dir is not None
    missing = vault.settings.encryption_secrets_dir / "2026"
    secret = missing.read_text()
    missing.unlink()
    worker = await vault.complaints("worker", key="2027")
    assert worker.returncode == 1
    assert "the key 2026, missing here" in worker.stderr.replace("complaints were encrypted with ", "")
    missing.write_text("33" * 32)
    assert "is not the one" in (await vault.complaints("worker", key="2027")).stderr
    missing.write_text(secret)


async def test_without_the_setting_a_register_that_knows_keys_lets_nothing_start(
    vault: Vault, anyone: dict[str, Any]
) -> None:
    async with vault.working():
        await opened_by_our_door(vault, anyone)
    done = await vault.complaints("worker", key="")
    assert done.returncode == 1
    assert "2026" in done.stderr or "ENCRYPTION_KEY" in done.stderr


async def test_an_erased_complaint_is_nowhere_but_in_its_anonymous_line(vault: Vault, anyone: dict[str, Any]) -> None:
    async with vault.working():
        told = await opened_by_our_door(vault, anyone)
        open_still = await vault.complaints("erase", told.reference, "--by", "c-001")
        assert (open_still.returncode, "open" in open_still.stderr) == (1, True)
        await told.submit("response_given", decision="rejected", reasons=REASONS)
        await told.submit("customer_accepts")
        await told.result()
        hold = await vault.complaints("hold", told.reference, "--reason", "assignation attendue", "--by", "c-001")
        assert hold.returncode == 0, hold.stderr
        held = await vault.complaints("erase", told.reference, "--by", "c-001")
        assert (held.returncode, "assignation attendue" in held.stderr) == (1, True)
        await vault.complaints("hold", told.reference, "--lift")
        done = await vault.complaints("erase", told.reference, "--by", "c-001", "--json")
        assert done.returncode == 0, done.stderr
        answer = json.loads(done.stdout)
        assert (answer["runs"], answer["folder"]) == (1, True)
        assert answer["rows"] > 5
        reopened = await vault.complaints("submit", told.reference, "note_added", "-", stdin='{"text": "?"}')
        assert (reopened.returncode, "erased" in reopened.stderr) == (1, True)
        again = await vault.complaints(
            "open", "-", stdin=json.dumps(vault.stage.complaint(reference=told.reference, **anyone))
        )
        assert again.returncode == 1
        repeated = await vault.complaints("erase", told.reference, "--by", "c-001", "--json")
        assert repeated.returncode == 0, repeated.stderr
    exported = await vault.complaints("register", "export", "--format", "json")
    assert told.reference in exported.stdout, exported.stderr
    everything = _rows(vault)
    assert [word for word in words_of(anyone) if word.decode() in everything] == []
    left = [p for p in vault.settings.outbox.rglob("*") if p.is_file() and b"Quatrevaux" in p.read_bytes()]
    assert left == []


def _rows(vault: Vault) -> str:
    connection = vault.register.engine.raw_connection()
    try:
        return "\n".join(connection.driver_connection.iterdump())  # type: ignore[union-attr]
    finally:
        connection.close()


@pytest.mark.parametrize("reference", ["REC-2026-NOBODY"])
async def test_what_the_register_does_not_know_is_not_erased(vault: Vault, reference: str) -> None:
    done = await vault.complaints("erase", reference, "--by", "c-001")
    assert (done.returncode, "knows no such complaint" in done.stderr) == (1, True)
