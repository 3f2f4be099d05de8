"""A worker in a process of its own, as an operator runs one; it can be told at what moment of a letter to die.

Run as `python -m tests.faults.worker_process`, with the settings and the connection of a real worker in its
environment. `TESTS_DIE` names the moment, `TESTS_DIE_OF` the part of the letter's key that chooses the letter.
"""

import asyncio
import os
import signal
from datetime import datetime
from pathlib import Path
from typing import Any

from activities.notify.mail import Outgoing
from activities.notify.outbox import Outbox, Proof
from worker import hosting
from worker.connection import connect
from worker.settings import Settings

DIE, DIE_OF = "TESTS_DIE", "TESTS_DIE_OF"
CLAIMED, DELIVERED = "claimed", "delivered"
"""The letter's proof exists and nobody can see the letter yet; the letter lies in the outbox, its answer not given."""


class MortalOutbox(Outbox):
    """The real outbox, whose process is killed while a certain letter leaves: no `finally` runs, nothing is flushed."""

    def deliver(self, outgoing: Outgoing, at: datetime) -> Proof:
        """Deliver as ever, or die of it."""
        chosen = os.environ[DIE_OF] in outgoing.key
        if chosen and os.environ[DIE] == CLAIMED:
            _die_after_linking()
        proof = super().deliver(outgoing, at)
        if chosen and os.environ[DIE] == DELIVERED:
            _die()
        return proof


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _die_after_linking() -> None:
    link = os.link

    def link_and_die(source: Path, target: Path, **options: Any) -> None:
        link(source, target, **options)
        _die()

    os.link = link_and_die  # type: ignore[assignment]


async def main() -> None:
    """Work until killed."""
    if os.environ.get(DIE):
        hosting.Outbox = MortalOutbox  # type: ignore[attr-defined]
    await hosting.build_worker(await connect(), Settings()).run()


if __name__ == "__main__":
    asyncio.run(main())
