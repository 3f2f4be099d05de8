"""The codec alone: what is bound to what, and what becomes of a payload that no key opens."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from temporalio.api.common.v1 import Payload
from temporalio.converter import WorkflowSerializationContext

from worker.encryption.codec import COMPRESSION, ENCRYPTED, KEY_ID, REFERENCE, EncryptionCodec
from worker.encryption.keyring import EncryptionKeyError, KeyRing
from workflows.in_clear import CAME_IN_CLEAR

OLD, NEW = "11" * 32, "22" * 32
SAID = Payload(metadata={"encoding": b"json/plain"}, data=b'{"name": "Anne Martin"}')


def ring(current: str = "2026", **secrets: str) -> KeyRing:
    stated = ", ".join(f'"{key}": "{secret}"' for key, secret in ({"2026": OLD} | secrets).items())
    return KeyRing(current, f"{{{stated}}}")


def codec(keys: KeyRing, reference: str = "REC-2026-7F3K9Q") -> EncryptionCodec:
    return EncryptionCodec(keys).with_context(WorkflowSerializationContext("default", reference))


async def test_a_payload_is_unreadable_without_its_key_and_whole_with_it() -> None:
    (hidden,) = await codec(ring()).encode([SAID])
    assert hidden.metadata["encoding"] == ENCRYPTED
    assert (hidden.metadata[KEY_ID], hidden.metadata[REFERENCE]) == (b"2026", b"REC-2026-7F3K9Q")
    assert b"Anne" not in hidden.SerializeToString()
    assert await codec(ring()).decode([hidden]) == [SAID]


LONG = Payload(
    metadata={"encoding": b"json/plain"}, data=b'{"journal": [' + b'{"status": "accepted"}, ' * 200 + b"{}]}"
)


async def test_what_is_long_is_made_short_before_it_is_encrypted() -> None:
    (hidden,) = await codec(ring()).encode([LONG])
    assert (hidden.metadata[COMPRESSION], len(hidden.data) < len(LONG.data) / 10) == (b"deflate", True)
    assert await codec(ring()).decode([hidden]) == [LONG]
    del hidden.metadata[COMPRESSION]
    assert await codec(ring()).decode([hidden]) == [hidden], "what it is said to be is bound to it too"


async def test_what_was_encrypted_before_anything_was_made_short_is_still_read() -> None:
    nonce, bound = b"\0" * 12, b"complaints\n2026\nREC-2026-7F3K9Q"
    before = Payload(
        metadata={"encoding": ENCRYPTED, KEY_ID: b"2026", REFERENCE: b"REC-2026-7F3K9Q"},
        data=nonce + AESGCM(bytes.fromhex(OLD)).encrypt(nonce, LONG.SerializeToString(), bound),
    )
    assert await codec(ring()).decode([before]) == [LONG]


async def test_the_same_words_never_look_the_same() -> None:
    first, second = await codec(ring()).encode([SAID, SAID])
    assert first.data != second.data


async def test_after_a_rotation_what_the_old_key_encrypted_is_still_read() -> None:
    (before,) = await codec(ring()).encode([SAID])
    rotated = codec(ring("2027", **{"2027": NEW}))
    (after,) = await rotated.encode([SAID])
    assert after.metadata[KEY_ID] == b"2027"
    assert await rotated.decode([before, after]) == [SAID, SAID]


@pytest.mark.parametrize("changed", [KEY_ID, REFERENCE, "data"])
async def test_what_was_changed_on_the_way_is_not_read_and_harms_nobody(changed: str) -> None:
    keys = ring(**{"2027": NEW})
    (hidden,) = await codec(keys).encode([SAID])
    if changed == "data":
        hidden.data = hidden.data[:-1] + bytes([hidden.data[-1] ^ 1])
    else:
        hidden.metadata[changed] = b"2027" if changed == KEY_ID else b"REC-2026-ANOTHER"
    assert await codec(keys).decode([hidden]) == [hidden]


@pytest.mark.parametrize("data", [b"", b"short", b"\0" * 200])
async def test_a_strangers_payload_stays_as_it_is(data: bytes) -> None:
    strange = Payload(metadata={"encoding": ENCRYPTED, KEY_ID: b"../../etc/passwd"}, data=data)
    assert await codec(ring()).decode([strange]) == [strange]


async def test_what_came_in_clear_is_marked() -> None:
    (read,) = await codec(ring()).decode([SAID])
    assert CAME_IN_CLEAR in read.metadata
    assert read.data == SAID.data


@pytest.mark.parametrize(
    ("secrets", "current", "says"),
    [
        ('{"a": "' + OLD + '"}', "b", "names the key b, which has no secret"),
        ('{"a": "' + OLD + '00"}', "a", "has 33 bytes: expected 32"),
        ('{"a": "1234"}', "a", "the secret of the key a cannot be used"),
        ("[]", "a", "COMPLAINTS_ENCRYPTION_SECRETS: expected a JSON object"),
        (None, "../a", "has no secret"),
    ],
)
def test_a_ring_without_a_key_that_encrypts_is_refused(secrets: str | None, current: str, says: str) -> None:
    with pytest.raises(EncryptionKeyError, match=says):
        KeyRing(current, secrets, Path(__file__).parent)


def test_a_key_may_lie_in_a_folder_and_come_later(tmp_path: Path) -> None:
    (tmp_path / "2026").write_text(OLD)
    keys = KeyRing("2026", None, tmp_path)
    assert keys.key("2027") is None
    (tmp_path / "2027").write_text(NEW)
    assert keys.key("2027") == bytes.fromhex(NEW)
    assert keys.fingerprint("2026") != keys.fingerprint("2027")
