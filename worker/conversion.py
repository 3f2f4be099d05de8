"""How messages become JSON and back: pydantic's converter, made unable to lose a message it cannot read."""

from collections.abc import Sequence
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.contrib.pydantic import PydanticJSONPlainPayloadConverter
from temporalio.converter import (
    CompositePayloadConverter,
    DataConverter,
    DefaultFailureConverter,
    DefaultFailureConverterWithEncodedAttributes,
    DefaultPayloadConverter,
    JSONPlainPayloadConverter,
    PayloadConverter,
)
from temporalio.exceptions import ApplicationError

from worker.encryption.codec import EncryptionCodec
from worker.encryption.keyring import KeyRing
from worker.settings import Settings
from workflows.in_clear import CAME_IN_CLEAR, InClear
from workflows.messages import NOT_OPEN_YET_TYPE, Message


class Undecodable:
    """Stands for a payload that could not be read, so that the complaint can record that it came."""


class LeanMessages(PydanticJSONPlainPayloadConverter):
    """Leaves out of the messages between a complaint and its activities what stands there by default.

    A third of each would be nulls, kept in every history. So the default of a message's field never changes.
    """

    def to_payload(self, value: Any) -> Payload | None:
        """Write a value as JSON."""
        if not isinstance(value, Message):
            return super().to_payload(value)
        return Payload(
            metadata={"encoding": self.encoding.encode()}, data=value.model_dump_json(exclude_defaults=True).encode()
        )


_lean_messages = LeanMessages()
_ONE_FOR_ALL = [
    _lean_messages if isinstance(converter, JSONPlainPayloadConverter) else converter
    for converter in DefaultPayloadConverter.default_encoding_payload_converters
]
"""The SDK makes a payload converter for each step of each complaint: these keep what they know of types."""


class TolerantPayloadConverter(CompositePayloadConverter):
    """Reads what comes without a declared type payload by payload.

    The SDK drops a signal silently when one payload of it does not decode; here the signal arrives with an
    `Undecodable`, is refused by the complaint, and stands in its journal.
    """

    def __init__(self) -> None:
        """Make one more, of the same parts."""
        super().__init__(*_ONE_FOR_ALL)

    def from_payloads(self, payloads: Sequence[Payload], type_hints: list[type[Any]] | None = None) -> list[Any]:
        """Read payloads; with declared types as ever, without them never failing."""
        if type_hints:
            return super().from_payloads(payloads, type_hints)
        return [self._read(payload) for payload in payloads]

    def _read(self, payload: Payload) -> Any:
        try:
            value = super().from_payloads([payload])[0]
        except Exception:  # whatever a payload of unknown make raises
            return Undecodable()
        return InClear(value) if isinstance(value, dict) and CAME_IN_CLEAR in payload.metadata else value


class SecretFailures(DefaultFailureConverterWithEncodedAttributes):
    """Encrypts the words of failures, save those that say nothing of a complaint and that every client must read."""

    def to_failure(self, exception: BaseException, payload_converter: PayloadConverter, failure: Failure) -> None:
        """Turn an exception into a failure."""
        if isinstance(exception, ApplicationError) and exception.type == NOT_OPEN_YET_TYPE:
            _in_clear.to_failure(exception, payload_converter, failure)
        else:
            super().to_failure(exception, payload_converter, failure)


_in_clear = DefaultFailureConverter()

data_converter = DataConverter(payload_converter_class=TolerantPayloadConverter)
"""The converter of clients, workers, replayers and tests where nothing is encrypted."""


def encrypting(keys: KeyRing) -> DataConverter:
    """Make the converter that encrypts every payload, and the words of failures with them."""
    return DataConverter(
        payload_converter_class=TolerantPayloadConverter,
        payload_codec=EncryptionCodec(keys),
        failure_converter_class=SecretFailures,
    )


def converter_of(settings: Settings) -> DataConverter:
    """Give the converter that the settings call for.

    Raises:
        EncryptionKeyError: the key that encrypts has no secret.

    """
    keys = key_ring(settings)
    return encrypting(keys) if keys else data_converter


def key_ring(settings: Settings) -> KeyRing | None:
    """Give the keys of the encryption; None where nothing is encrypted.

    Raises:
        EncryptionKeyError: the key that encrypts has no secret.

    """
    if settings.encryption_key is None:
        return None
    secrets = settings.encryption_secrets
    stated = secrets.get_secret_value() if secrets else None
    return KeyRing(settings.encryption_key, stated, settings.encryption_secrets_dir)
