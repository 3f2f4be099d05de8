"""A webhook that does not take a call: tried again, then written to, and never a burst of words to staff."""

from datetime import timedelta

from tests.rehearsal import Rehearsal, complaint
from workflows.procedure import acts, ready
from workflows.procedure.orders import CallKind


def opened_with_a_call() -> Rehearsal:
    """A 2a complaint whose request for help no webhook takes."""
    rehearsal = Rehearsal(complaint(previous_response_on="2026-01-05"))
    rehearsal.partner_reachable = False
    rehearsal.case.wish(CallKind.INFORM, "#x", rehearsal.case.handling_party.other, "inform_party", level="2a")
    return rehearsal


def deferred(rehearsal: Rehearsal, by: str | None) -> None:
    data = {"key": "inform/#x", **({"by": by} if by else {})}
    rehearsal.dossier.act(acts.PARTNER_CALL_DEFERRED, rehearsal.now, rehearsal.now, data)


def test_only_the_webhooks_failures_lead_to_an_email() -> None:
    rehearsal = opened_with_a_call()
    for by in ("email", None, "webhook", "webhook"):
        deferred(rehearsal, by)
    [wish] = rehearsal.case.partner_wishes
    assert wish.tries == 2
    assert wish.tries < acts.WEBHOOK_TRIES


def test_the_email_is_written_within_an_open_morning() -> None:
    assert timedelta(hours=4) >= sum(acts.PARTNER_TRIED_AGAIN_AFTER[: acts.WEBHOOK_TRIES], timedelta(0))


def test_a_deferred_call_waits_and_the_letters_do_not() -> None:
    rehearsal = opened_with_a_call()
    deferred(rehearsal, "webhook")
    assert ready.calls(rehearsal.case, rehearsal.now) == []
    assert ready.calls(rehearsal.case, rehearsal.now + acts.PARTNER_TRIED_AGAIN_AFTER[0]) != []
    assert rehearsal.kinds() == ["acknowledgement"]


def test_a_refusing_webhook_is_told_once_and_the_journal_gives_it_back() -> None:
    rehearsal = Rehearsal(complaint(previous_response_on="2026-01-05"))
    for number in range(3):
        rehearsal.case.wish(
            CallKind.INFORM, f"#x{number}", rehearsal.case.handling_party.other, "inform_party", level="2a"
        )
        [wish] = [wish for wish in rehearsal.case.partner_wishes if wish.cause == f"#x{number}"]
        data = {"wish": wish.model_dump(mode="json"), "to": "p@example.org", "by": "email", "webhook_problem": "410"}
        rehearsal.dossier.act(acts.CALL_ENTRIES[wish.kind], rehearsal.now, rehearsal.now, data)
    rehearsal.do_what_is_owed()
    assert len([told for told in rehearsal.told if told.startswith("webhook/")]) == 1
    assert rehearsal.worked_out_again() == rehearsal.view
