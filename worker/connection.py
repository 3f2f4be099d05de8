"""The one way to reach Temporal: the standard `TEMPORAL_*` environment and profiles, and our converter."""

from typing import Any

from temporalio.client import Client
from temporalio.envconfig import ClientConfig

from worker.conversion import data_converter

_DEFAULT_ADDRESS = "localhost:7233"


def connection_config() -> dict[str, Any]:
    """Read where to connect: environment before `temporal.toml`; localhost:7233 when nothing is set."""
    config: dict[str, Any] = dict(ClientConfig.load_client_connect_config())
    config.setdefault("target_host", _DEFAULT_ADDRESS)
    config.setdefault("namespace", "default")
    return config


async def connect(**overrides: Any) -> Client:
    """Connect to Temporal.

    Raises:
        RuntimeError: the server cannot be reached.

    """
    return await Client.connect(**{**connection_config(), "data_converter": data_converter, **overrides})


def where(client: Client) -> str:
    """Name what a client talks to: `namespace@address`."""
    return f"{client.namespace}@{client.service_client.config.target_host}"
