"""Encrypts what complaints hand to Temporal, and decrypts what comes back.

Everything that is a payload is encrypted: inputs, results, memos, summaries, details, failures. Names of workflows,
their references and search attributes are not payloads, and hold nothing personal.
"""

import os
import zlib
from collections.abc import Mapping, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec, SerializationContext, WithSerializationContext

from worker.encryption.keyring import KeyRing
from workflows.in_clear import CAME_IN_CLEAR

ENCODING, KEY_ID, REFERENCE = "encoding", "encryption-key-id", "encryption-reference"
COMPRESSION = "encryption-compression"
ENCRYPTED, DEFLATED = b"binary/encrypted", b"deflate"
_WORTH_COMPRESSING = 256
"""Bytes. Nobody can read what is encrypted anyway, so nothing is lost by making it short as well."""
_NONCE_BYTES = 12
"""NIST SP 800-38D, 8.2.2: random nonces, for at most 2³² payloads of one key."""


class EncryptionCodec(PayloadCodec, WithSerializationContext):
    """AES-256-GCM. A payload bears the id of its key and, in clear, the reference of the complaint it is part of.

    Neither can be changed without the payload becoming unreadable, so that no payload passes for one of another
    complaint in the audit of who read what.
    """

    def __init__(self, keys: KeyRing, reference: str = "") -> None:
        """Encrypt with the ring's current key; decrypt with any of its keys."""
        self._keys, self._reference = keys, reference

    def with_context(self, context: SerializationContext) -> "EncryptionCodec":
        """Give the codec of one workflow's payloads."""
        return EncryptionCodec(self._keys, getattr(context, "workflow_id", None) or "")

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Encrypt each payload."""
        return [self._encrypted(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Decrypt each payload that is encrypted; mark those that came in clear, so that a complaint can say so.

        One that no key opens stays as it is: the complaint refuses it in its journal. Were it a fault here, one signal
        of a stranger's key would block the complaint for ever; that our own keys are all there is seen to at start-up.
        """
        return [self._read(payload) for payload in payloads]

    def _encrypted(self, payload: Payload) -> Payload:
        key_id, key = self._keys.current
        nonce, plain = os.urandom(_NONCE_BYTES), payload.SerializeToString()
        metadata = {ENCODING: ENCRYPTED, KEY_ID: key_id.encode()}
        if self._reference:
            metadata[REFERENCE] = self._reference.encode()
        if len(plain) >= _WORTH_COMPRESSING:
            metadata[COMPRESSION], plain = DEFLATED, zlib.compress(plain)
        data = nonce + AESGCM(key).encrypt(nonce, plain, _bound(metadata))
        return Payload(metadata=metadata, data=data)

    def _read(self, payload: Payload) -> Payload:
        if payload.metadata.get(ENCODING) == ENCRYPTED:
            return self.opened(payload) or payload
        marked = Payload()
        marked.CopyFrom(payload)
        marked.metadata[CAME_IN_CLEAR] = b"true"
        return marked

    def opened(self, payload: Payload) -> Payload | None:
        """Decrypt one payload; None when no key opens it."""
        key_id = payload.metadata.get(KEY_ID, b"").decode("ascii", "replace")
        key = self._keys.key(key_id)
        if key is None:
            return None
        nonce, data = payload.data[:_NONCE_BYTES], payload.data[_NONCE_BYTES:]
        try:
            plain = AESGCM(key).decrypt(nonce, data, _bound(payload.metadata))
            return Payload.FromString(zlib.decompress(plain) if COMPRESSION in payload.metadata else plain)
        except (InvalidTag, ValueError, DecodeError, zlib.error):
            return None


def _bound(metadata: Mapping[str, bytes]) -> bytes:
    """Give what a ciphertext is bound to beside its key."""
    what = b" ".join([b"complaints", *filter(None, [metadata.get(COMPRESSION)])])
    return b"\n".join([what, metadata[KEY_ID], metadata.get(REFERENCE, b"")])
