"""Ports for servers that tests start, stop and start again."""

import os
import random
import socket
from collections import deque

HOST = "127.0.0.1"
_BELOW_THOSE_OF_CALLERS = range(12_000, 32_000)
"""The system gives outgoing connections ports above: one given to a caller while a server restarts would be taken."""
_chosen = random.Random(os.getpid())  # noqa: S311 -- it spreads, and guards nothing
_held: deque[socket.socket] = deque()
_HELD_AT_MOST = 200


def free_port() -> int:
    """Give a port that nothing listens on, and that no other process of these tests is given while this one lives.

    Bound and never listened on, it stays ours, and a server that reuses addresses (they all do) listens on it.
    """
    while True:
        port, held = _chosen.choice(_BELOW_THOSE_OF_CALLERS), socket.socket()
        try:
            held.bind((HOST, port))
        except OSError:
            held.close()
            continue
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _held.append(held)
        if len(_held) > _HELD_AT_MOST:
            _held.popleft().close()
        return port
