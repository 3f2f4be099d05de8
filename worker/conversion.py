"""How messages become JSON and back: pydantic's converter, made unable to lose a message it cannot read."""

from collections.abc import Sequence
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.converter import DataConverter


class Undecodable:
    """Stands for a payload that could not be read, so that the complaint can record that it came."""


class TolerantPayloadConverter(PydanticPayloadConverter):
    """Reads what comes without a declared type payload by payload.

    The SDK drops a signal silently when one payload of it does not decode; here the signal arrives with an
    `Undecodable`, is refused by the complaint, and stands in its journal.
    """

    def from_payloads(self, payloads: Sequence[Payload], type_hints: list[type[Any]] | None = None) -> list[Any]:
        """Read payloads; with declared types as ever, without them never failing."""
        if type_hints:
            return super().from_payloads(payloads, type_hints)
        return [self._read(payload) for payload in payloads]

    def _read(self, payload: Payload) -> Any:
        try:
            return super().from_payloads([payload])[0]
        except Exception:  # whatever a payload of unknown make raises
            return Undecodable()


data_converter = DataConverter(payload_converter_class=TolerantPayloadConverter)
"""The one converter of clients, workers, replayers and tests."""
