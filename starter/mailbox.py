"""What is made of e-mails to the complaints address: a draft for a person, or a word on a known complaint."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from temporalio.service import RPCError

from activities.firm.schema import Firm
from activities.mailbox.mailbox import Mailbox, Message, MessageState
from activities.mailbox.post import Incoming, read_post
from activities.mailbox.recognising import identity_of, is_automatic, references_in, threads_of
from activities.register.dossiers import Dossiers
from starter.client import AlreadyOpen, ComplaintError, Complaints, EventRefused, NoSuchComplaint
from workflows.procedure.calendar import PARIS
from workflows.procedure.dossier import Carried, Dossier
from workflows.procedure.vocabulary import Language

_BY = "mail"
_MOST_AN_HOUR = 30
"""Of one sender: more of them are a loop."""
_LONGEST_SUMMARY = 40_000
_AT_ONCE = 20
_log = logging.getLogger(__name__)

_CAME = {
    Language.FR: "Courriel reçu pour ce dossier (message {}, pièces jointes : {}). À lire dans la boîte aux lettres.",
    Language.EN: "E-mail received for this complaint (message {}, attachments: {}). Read it in the mailbox.",
}


class Post:
    """Takes messages in, and lets a person decide. Faults of the register are SQLAlchemy's."""

    def __init__(self, mailbox: Mailbox, complaints: Complaints, dossiers: Dossiers, firm: Callable[[], Firm]) -> None:
        self._mailbox, self._complaints, self._dossiers, self._firm = mailbox, complaints, dossiers, firm

    async def take(self, content_type: str, body: bytes, now: datetime) -> bool:
        """Keep what was posted, then see what it is; False: it was kept before."""
        incoming = await asyncio.to_thread(read_post, content_type, body)
        identity = identity_of(incoming, body)
        new = await asyncio.to_thread(self._mailbox.keep, identity, incoming, content_type, body, now)
        if new:
            await self._look(identity, incoming, now)
        return new

    async def look_again(self) -> None:
        """See what messages are that nothing was made of: the process was killed, or Temporal was away."""
        for message in await asyncio.to_thread(self._mailbox.unlooked_at, _AT_ONCE):
            raw = await asyncio.to_thread(self._mailbox.raw, message.id)
            if raw:
                await self._look(message.id, await asyncio.to_thread(read_post, *raw), message.received_at)

    async def _look(self, identity: str, incoming: Incoming, at: datetime) -> None:
        own = {self._firm().email.lower()}
        if is_automatic(incoming, own) or await self._floods(incoming.sender, at):
            await self._settle(identity, MessageState.AUTOMATIC)
            return
        named = references_in(incoming) or await asyncio.to_thread(self._threads, threads_of(incoming))
        if len(named) != 1:
            flags = (["several_references"] if named else []) + (["unreadable"] if incoming.unreadable else [])
            await self._settle(identity, MessageState.DRAFT, flags)
            return
        try:
            await self._attach(identity, named[0], incoming)
        except NoSuchComplaint:
            await self._settle(identity, MessageState.DRAFT, ["unknown_reference"])
        except (ComplaintError, RPCError, RuntimeError, TimeoutError) as not_now:
            _log.warning("a message is to be looked at later: message=%s %s", identity[:12], type(not_now).__name__)

    async def _attach(self, identity: str, reference: str, incoming: Incoming) -> None:
        carried = await self._complaints.carried(reference)
        said = _CAME[self._firm().staff_language].format(identity[:8], len(incoming.files))
        note = {"id": f"mail-{identity[:24]}", "by": _BY, "text": said}
        try:
            await self._complaints.submit(reference, "note_added", note)
        except EventRefused as refused:
            _log.warning("a message's note was refused: message=%s %s", identity[:12], refused)
        flags = [] if incoming.sender in _addresses(carried) else ["other_sender"]
        await self._settle(identity, MessageState.ATTACHED, flags, reference)

    async def _settle(
        self, identity: str, state: MessageState, flags: list[str] | None = None, reference: str | None = None
    ) -> None:
        await asyncio.to_thread(
            lambda: self._mailbox.settle(identity, [MessageState.NEW], state, reference=reference, flags=flags)
        )

    async def _floods(self, sender: str, at: datetime) -> bool:
        return await asyncio.to_thread(self._mailbox.lately_from, sender, at - timedelta(hours=1)) > _MOST_AN_HOUR

    def _threads(self, answered: list[str]) -> list[str]:
        """Give the complaint whose letter a message answers; of several, the one answered last."""
        digests = [each[1:].partition("@")[0] for each in answered]
        known = self._dossiers.references_by_message(digests) if digests else {}
        return next(([known[digest]] for digest in digests if digest in known), [])

    # What a person decides ------------------------------------------------------------------------------------

    async def accept(self, identity: str, message: Any, by: str) -> str:
        """Open a complaint out of a draft, once however often it is asked for; gives its reference.

        Raises:
            InvalidComplaint: a field is missing or malformed.

        """
        now = datetime.now(UTC)
        unused = await self._complaints.unused_reference(now)
        reference = await asyncio.to_thread(self._mailbox.reserve, identity, unused)
        with suppress(AlreadyOpen):  # this draft's own: the reference is reserved for it
            await self._complaints.open(message, reference, now)
        await self._decided(identity, MessageState.ACCEPTED, by, now, reference=reference)
        return reference

    async def attach(self, identity: str, reference: str, by: str) -> None:
        """Say that a draft belongs to a known complaint. Raises ComplaintError."""
        message = await asyncio.to_thread(self._mailbox.message, identity)
        if message is None:
            return
        said = _CAME[self._firm().staff_language].format(identity[:8], len(message.attachments))
        note = {"id": f"mail-{identity[:24]}", "by": by, "text": said}
        await self._complaints.submit(reference, "note_added", note)
        await self._decided(identity, MessageState.ATTACHED, by, datetime.now(UTC), reference=reference)

    async def dismiss(self, identity: str, by: str, remark: str) -> None:
        """Say why a message is no complaint: it stays kept."""
        await self._decided(identity, MessageState.DISMISSED, by, datetime.now(UTC), remark=remark)

    async def _decided(
        self,
        identity: str,
        state: MessageState,
        by: str,
        now: datetime,
        *,
        reference: str | None = None,
        remark: str | None = None,
    ) -> None:
        # What was taken for automatic may be a person's all the same.
        before = (MessageState.DRAFT, MessageState.AUTOMATIC, MessageState.NEW)
        await asyncio.to_thread(
            lambda: self._mailbox.settle(identity, before, state, reference=reference, by=by, at=now, remark=remark)
        )


def proposal(message: Message) -> dict[str, Any]:
    """Propose the complaint that a message would be (CONTRACT, "Starting a complaint"), for a person to correct."""
    received = message.received_at.astimezone(PARIS)
    found: dict[str, Any] = {
        "received_at": received.isoformat(timespec="seconds"),
        "channel": "email",
        "received_by": "broker",
        "complainant": {"name": message.sender_name or message.sender, "email": message.sender},
        "summary": f"{message.subject}\n\n{message.text}".strip()[:_LONGEST_SUMMARY] or "?",
    }
    sent = message.sent_at.astimezone(PARIS) if message.sent_at else None
    # A sender's clock may be wrong: only a date that can be true is taken over.
    if sent and timedelta(0) <= received - sent < timedelta(days=30):
        found["sent_on"] = sent.date().isoformat()
    return found


async def look_again_from_time_to_time(post: Post, every_seconds: float) -> None:
    """Look at what was kept and not looked at, for ever."""
    while True:
        await asyncio.sleep(every_seconds)
        try:
            await post.look_again()
        except SQLAlchemyError as error:
            _log.warning("the register does not answer: %s", type(error).__name__)


def _addresses(carried: Carried) -> set[str]:
    case = Dossier.resume(carried).case
    people = (case.complainant.email, case.representative.email if case.representative else None)
    return {each.lower() for each in people if each}
