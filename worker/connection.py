"""The one way to reach Temporal: the standard `TEMPORAL_*` environment and profiles, and our converter."""

from typing import Any

from temporalio.client import Client
from temporalio.envconfig import ClientConfig

from worker.conversion import converter_of
from worker.observing.traces import interceptors
from worker.settings import Settings

_DEFAULT_ADDRESS = "localhost:7233"


def connection_config() -> dict[str, Any]:
    """Read where to connect: environment before `temporal.toml`; localhost:7233 when nothing is set."""
    config: dict[str, Any] = dict(ClientConfig.load_client_connect_config())
    config.setdefault("target_host", _DEFAULT_ADDRESS)
    config.setdefault("namespace", "default")
    return config


async def connect(**overrides: Any) -> Client:
    """Connect to Temporal, with the encryption that the settings call for.

    Raises:
        RuntimeError: the server cannot be reached.
        EncryptionKeyError: the key that encrypts has no secret.

    """
    ours = {"data_converter": converter_of(Settings()), "interceptors": interceptors()}
    return await Client.connect(**{**connection_config(), **ours, **overrides})


def where(client: Client) -> str:
    """Name what a client talks to: `namespace@address`."""
    return f"{client.namespace}@{client.service_client.config.target_host}"
