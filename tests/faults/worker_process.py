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
from activities.register.ledger import Attempt, Ledger
from worker import hosting
from worker.connection import connect
from worker.settings import Settings

DIE, DIE_OF = "TESTS_DIE", "TESTS_DIE_OF"
CLAIMED, DELIVERED = "claimed", "delivered"
"""The letter's proof exists and nobody can see the letter yet; the letter lies in the outbox, its answer not given."""
BEGUN, ANSWERED, SETTLED = "begun", "answered", "settled"
"""The attempt stands in the register and no carrier was asked; the carrier has answered and the register does not know;
the register knows and Temporal does not."""


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


class MortalLedger(Ledger):
    """The real ledger, whose process is killed at one moment of a certain letter."""

    def begin(self, reference: str, letter_id: str, *rest: Any, **more: Any) -> tuple[Attempt, bool]:
        """Begin as ever, or die of it."""
        begun = super().begin(reference, letter_id, *rest, **more)
        if _chosen(letter_id, BEGUN):
            _die()
        return begun

    def settle(self, letter_id: str, *rest: Any, **more: Any) -> Attempt:
        """Settle as ever, or die before or after."""
        if _chosen(letter_id, ANSWERED):
            _die()
        settled = super().settle(letter_id, *rest, **more)
        if _chosen(letter_id, SETTLED):
            _die()
        return settled


def _chosen(key: str, moment: str) -> bool:
    return os.environ[DIE_OF] in key and os.environ[DIE] == moment


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
        hosting.Ledger = MortalLedger  # type: ignore[attr-defined]
    await hosting.build_worker(await connect(), Settings()).run()


if __name__ == "__main__":
    asyncio.run(main())
