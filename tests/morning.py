"""A morning of the firm, held by a test at an instant of its choice; and the digests that left."""

import email
import email.policy
import uuid
from dataclasses import dataclass
from datetime import date, datetime
from email.message import EmailMessage

from activities.morning.compose import FOLDER
from activities.notify.outbox import Outbox
from tests.stage import Stage
from workflows.morning_messages import MorningHeld, MorningRequest


@dataclass(frozen=True)
class Received:
    """A digest as it left."""

    to: str
    subject: str
    text: str
    html: str


async def held(stage: Stage, at: datetime) -> MorningHeld:
    """Start a morning held at `at`, as an operator may, and wait for its end."""
    result: MorningHeld = await stage.environment.client.execute_workflow(
        "Morning", MorningRequest(at=at), id=f"morning-{uuid.uuid4().hex[:8]}", task_queue=stage.settings.task_queue,
        result_type=MorningHeld,
    )  # fmt: skip
    return result


def digests(stage: Stage, on: date) -> dict[str, Received]:
    """Give the digests of a day by their reader."""
    outbox, start = Outbox(stage.settings.outbox), f"morning/{on}/"
    found = {}
    for proof in outbox.proofs(FOLDER):
        if proof.key.startswith(start):
            written = (outbox.root / proof.file).read_bytes()
            message = email.message_from_bytes(written, EmailMessage, policy=email.policy.SMTPUTF8)
            found[proof.key.removeprefix(start)] = Received(
                ", ".join(address.addr_spec for address in message["To"].addresses),
                str(message["Subject"]),
                _body(message, "plain"),
                _body(message, "html"),
            )
    return found


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())
