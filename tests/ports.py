"""Ports for servers that tests start, stop and start again."""

import os
import random
import socket

HOST = "127.0.0.1"
_BELOW_THOSE_OF_CALLERS = range(12_000, 32_000)
"""The system gives outgoing connections ports above: one given to a caller while a server restarts would be taken."""
_chosen = random.Random(os.getpid())  # noqa: S311 -- it spreads, and guards nothing


def free_port() -> int:
    """Give a port that nothing listens on, and that stays free while its server is away."""
    while True:
        port = _chosen.choice(_BELOW_THOSE_OF_CALLERS)
        with socket.socket() as tried:
            try:
                tried.bind((HOST, port))
            except OSError:
                continue
        return port
