"""A complaint that the insurer handles: the dossier goes to it whole, the broker follows, the customer is told."""

import email
import email.policy
import json
from datetime import timedelta
from typing import Any

from tests.stage import Stage, Told

LAWYER = {"name": "Maître Claire Petit", "email": "c.petit@example.org", "mandate": True}
PERSON = {"name": "Anne Martin", "email": "anne.martin@example.org", "postal_address": "3 rue des Lilas\n10000 Troyes"}


async def test_received_by_the_insurer_it_goes_there_with_words_data_and_letters(stage: Stage) -> None:
    told = await stage.opens(complainant=PERSON, steps_taken="Deux appels au service gestion.")
    await told.until_day(3)
    await told.submit("note_added", text="Client très mécontent, attention.")
    await told.submit("source_joined", source="lawyer", received_by="insurer", representative=LAWYER)
    dossier = await told.settled()
    assert (dossier["level"], dossier["handling_party"]) == ("2b", "insurer")

    message = _to_the_insurer(told, "Transmission")
    body = message.get_body(("plain",))
    assert body is not None
    words = " ".join(body.get_content().split())
    for said in ("Anne Martin", "anne.martin@example.org", "10000 Troyes", "Indemnité vol refusée", "Deux appels"):
        assert said in words
    assert "Anne" not in message["Subject"]

    data, *letters = list(message.iter_attachments())
    file = json.loads(data.get_content())
    assert file["complaint"]["summary"] == "Indemnité vol refusée"
    assert "note_added" not in {entry["type"] for entry in file["journal"]}, "what staff note stays in the house"
    assert [part.get_content_type() for part in letters] == ["application/pdf"]
    assert letters[0].get_content().startswith(b"%PDF-")


async def test_the_broker_follows_warns_and_tells_the_customer_who_handles_it(stage: Stage) -> None:
    told = await stage.opens(source="lawyer", representative=LAWYER, received_by="insurer")
    dossier = await told.settled()
    assert [each["kind"] for each in dossier["letters"]] == ["transfer"]
    assert {c["clock"]: c["state"] for c in dossier["clocks"]}["holding_letter"] == "dropped"
    # The law's two months run on as a warning; no letter of ours says why there is no answer.
    await told.until_clock("final_answer", timedelta(days=1))
    dossier = await told.settled()
    assert [each["kind"] for each in dossier["letters"]] == ["transfer"]
    assert await told.entries("clock_warned")
    assert dossier["contact"], "somebody of the broker still follows it"


def _to_the_insurer(told: Told, subject: str) -> Any:
    folder = told.stage.settings.outbox
    found = [
        message
        for path in folder.glob("*/partners/*.eml")
        if subject in (message := email.message_from_bytes(path.read_bytes(), policy=email.policy.default))["Subject"]
    ]
    assert len(found) == 1
    return found[0]
