"""Temporal's own part of a process: its metrics on a port of this machine, its log in with ours."""

import logging
import socket
from datetime import timedelta

from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    PrometheusConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)

_HEARTBEAT = timedelta(seconds=30)
_core = logging.getLogger("temporalio.core")


def observed_runtime() -> str:
    """Make the runtime of this process, before anything connects; returns where its metrics are (`host:port`).

    They are for this process alone, which shows them with its own at its operations address.
    """
    address = f"127.0.0.1:{_free_port()}"
    Runtime.set_default(
        Runtime(
            telemetry=TelemetryConfig(
                logging=LoggingConfig(
                    filter=TelemetryFilter(core_level="WARN", other_level="ERROR"),
                    # Its fields repeat failures word by word.
                    forwarding=LogForwardingConfig(_core, append_log_fields_to_message=False),
                ),
                metrics=PrometheusConfig(
                    address, counters_total_suffix=True, unit_suffix=True, durations_as_seconds=True
                ),
            ),
            worker_heartbeat_interval=_HEARTBEAT,
        )
    )
    return address


def _free_port() -> int:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        port: int = tried.getsockname()[1]
        return port
