"""What a person does once everything is up again: looks up what is in doubt, has sent again what failed, posts."""

from datetime import timedelta
from typing import Any

from tests.faults.lives import Life
from tests.faults.load import Load, pass_time, patiently, running
from tests.sendgrid_server import SendGridServer

_LONGEST_WAIT_FOR_A_CARRIER = timedelta(hours=5)
_MOST_LOOKS = 8


class Person:
    """Sees to one complaint after another until nothing is left to do."""

    def __init__(self, load: Load, sendgrid: SendGridServer) -> None:
        """`sendgrid`: where it is looked up whether a letter was taken."""
        self._load, self._sendgrid = load, sendgrid
        self.done = 0

    async def quiet(self, life: Life) -> dict[str, Any]:
        """Bring a complaint to rest, and give its dossier."""
        told, looks = self._load.told(life), 0
        while True:
            dossier = await patiently(told.settled)
            if not await patiently(lambda: running(told)):
                return dossier
            acts = self._acts(life, dossier)
            waits = any(letter["status"] == "deferred" for letter in dossier["letters"])
            if looks and not acts and not waits and not dossier["needs_attention"]:
                return dossier
            assert looks < _MOST_LOOKS, f"{life.reference} never comes to rest: {dossier['attention']}"
            looks += 1
            for act in acts:
                self.done += 1
                event = {"id": f"person-{life.number}-{self.done}", "by": "c-001", **act}
                await self._load.say(life, {**event, "at": (await patiently(told.now)).isoformat()})
            await pass_time(told, _LONGEST_WAIT_FOR_A_CARRIER)

    def _acts(self, life: Life, dossier: dict[str, Any]) -> list[dict[str, Any]]:
        acts = [
            {"type": "delivery_reported", "letter_id": letter["id"], "status": became}
            for letter in dossier["letters"]
            if (became := self._became(life, letter))
        ]
        failed = {"letter_failed", "partner_unreachable", "event_refused"} & set(dossier["attention"])
        return acts + ([{"type": "note_added", "text": "Vu, et corrigé."}] if failed else [])

    def _became(self, life: Life, letter: dict[str, Any]) -> str | None:
        if letter["status"] == "queued":
            return "posted"
        if letter["status"] != "doubtful":
            return None
        taken = any(
            each.custom_args["letter_id"] == letter["id"] and life.customer in each.to
            for each in self._sendgrid.received
        )
        return "delivered" if taken else "lost"
