"""Help between the Parties: asked, repeated in business hours, answered, taken back; and who led when, and why."""

from datetime import date, timedelta
from typing import Any

from tests.rehearsal import Rehearsal, complaint, paris
from workflows.procedure.calendar import paris_date

ANSWER: dict[str, Any] = {"decision": "rejected", "reasons": "Déclaré hors délai."}
REJECTED_ON = date(2026, 12, 2)
DUE_ON = date(2026, 12, 16)
"""Ten business days after the rejection of Wednesday 2 December."""


def asked_at_2a() -> Rehearsal:
    story = Rehearsal().until(date(2026, 12, 1))
    story.hear("response_given", **ANSWER)
    story.until(paris(REJECTED_ON, 11))
    story.hear("customer_rejects")
    assert story.case.requests[0].due_on == DUE_ON
    return story


def calls(story: Rehearsal) -> list[tuple[str, str]]:
    return [
        (entry.type, paris_date(entry.at).isoformat())
        for entry in story.dossier.journal
        if entry.type in ("help_requested", "help_reminded", "help_insisted", "help_withdrawn")
    ]


def test_a_silent_party_is_reminded_before_its_day_and_on_it_then_its_manager_again_and_again() -> None:
    story = asked_at_2a().until(date(2027, 1, 15))
    assert calls(story) == [
        ("help_requested", "2026-12-02"),
        ("help_reminded", "2026-12-11"),  # three business days before
        ("help_reminded", "2026-12-16"),
        ("help_insisted", "2026-12-17"),
        ("help_insisted", "2026-12-24"),
        ("help_insisted", "2027-01-04"),  # Christmas and New Year's Day do not count
    ]
    repeated = [entry.at for entry in story.entries("help_step_due")]
    assert repeated == [paris(paris_date(at), 9) for at in repeated], "in the morning, never at midnight"
    assert story.clock("partner_help").state == "breached"
    assert story.worked_out_again() == story.view


def test_what_the_other_party_leaves_undone_delays_no_letter_of_ours() -> None:
    story = asked_at_2a().until(date(2027, 2, 20))
    second = [each for each in story.case.letters if each.round == 2]
    assert [each.kind.value for each in second][:1] == ["holding"]
    assert all(clock.state != "breached" for clock in story.case.clocks if clock.clock == "holding_letter")


def test_a_late_answer_is_taken_with_its_documents_and_ends_the_reminders() -> None:
    story = asked_at_2a().until(date(2026, 12, 21))
    story.hear("partner_answered", party="insurer", answer="La garantie joue.", documents=["expertise.pdf"])
    (request,) = story.view["requests"]
    assert (request["status"], request["documents"], request["repeats"]) == ("answered", ["expertise.pdf"], [])
    assert story.clock("partner_help").settled_at is not None
    story.until(date(2027, 1, 15))
    assert [kind for kind, _ in calls(story)].count("help_insisted") == 1


def test_an_answer_in_time_keeps_the_clock() -> None:
    story = asked_at_2a().until(date(2026, 12, 14))
    story.hear("partner_answered", party="insurer", answer="La garantie joue.")
    assert story.clock("partner_help").state == "kept"
    assert [kind for kind, _ in calls(story)] == ["help_requested", "help_reminded"]


def test_help_no_longer_needed_is_taken_back_and_nobody_is_reminded_of_it() -> None:
    story = asked_at_2a().until(date(2026, 12, 10))
    story.hear("response_given", decision="upheld", reasons="Vous aviez raison.")
    story.until(date(2027, 1, 15))
    assert [kind for kind, _ in calls(story)] == ["help_requested", "help_withdrawn"]
    assert story.view["requests"][0]["status"] == "withdrawn"


def test_reminders_that_passed_together_are_one_call() -> None:
    story = asked_at_2a()
    story.now = paris(date(2026, 12, 30))
    story.dossier.let_time_pass(story.now)
    story.do_what_is_owed()
    assert [kind for kind, _ in calls(story)] == ["help_requested", "help_insisted"], "asleep over four of them"


def test_a_reminder_that_no_carrier_took_is_forgotten_when_the_answer_comes_first() -> None:
    story = asked_at_2a().until(paris(date(2026, 12, 11), 8))
    story.partner_reachable = False
    story.until(paris(date(2026, 12, 11), 9, 10))
    story.hear("partner_answered", party="insurer", answer="Voici.")
    story.partner_reachable = True
    story.until(date(2026, 12, 20))
    assert [kind for kind, _ in calls(story)] == ["help_requested"]


# Several requests, in both directions


def test_a_person_may_ask_for_help_at_the_mediators_level() -> None:
    story = Rehearsal(complaint(source="mediator"))
    assert not story.case.requests, "at level 3 help is asked where needed"
    entry = story.hear("help_wanted", about="Le rapport de l'expert.")
    assert entry.status == "accepted"
    (request,) = story.view["requests"]
    assert (request["party"], request["about"], request["status"]) == ("insurer", "Le rapport de l'expert.", "open")


def test_two_requests_are_answered_each_by_its_number() -> None:
    story = asked_at_2a()
    story.hear("help_wanted", about="La date de déclaration au téléphone.")
    story.hear("partner_answered", party="insurer", answer="Le 12.", request=2)
    assert [each["status"] for each in story.view["requests"]] == ["open", "answered"]
    clocks = [clock for clock in story.case.clocks if clock.clock == "partner_help"]
    assert [clock.state for clock in clocks] == ["running", "kept"]


def test_when_the_insurer_leads_the_broker_helps_and_follows() -> None:
    story = Rehearsal(complaint(source="lawyer", received_by="insurer"))
    assert story.view["handling_party"] == "insurer"
    assert ("hand_over", "insurer") in story.calls
    story.hear("help_wanted", about="L'historique du contrat.")
    assert story.view["requests"][-1]["party"] == "broker"


# Who led, who helped, when and why


def test_who_led_and_who_helped_is_kept_through_rises_and_restorations() -> None:
    story = Rehearsal().until(date(2026, 11, 30))
    story.hear("response_given", **ANSWER)
    story.hear("customer_rejects")
    story.hear("source_joined", source="lawyer", received_by="insurer")
    story.until(date(2026, 12, 8))
    story.hear("mediator_seized", addressed_to="broker")
    story.until(date(2026, 12, 20))
    story.hear("mediation_ended", outcome="premature")
    told = [(each["level"], each["handled_by"], each["helped_by"], each["because"]) for each in story.view["handling"]]
    assert told == [
        ("1", "broker", None, "opened"),
        ("2a", "broker", "insurer", "customer_rejects"),
        ("2b", "insurer", "broker", "source_joined"),
        ("3", "broker", "insurer", "mediator_seized"),
        ("2b", "insurer", "broker", "mediation_ended"),
    ]
    since = [each["since"] for each in story.view["handling"]]
    assert since == sorted(since)


def test_a_level_recorded_in_error_leaves_no_trace_in_who_led() -> None:
    story = Rehearsal().until(date(2026, 12, 1))
    story.hear("summons_served", id="wrong", addressed_to="insurer")
    story.hear("recorded_in_error", event_id="wrong", reason="Autre dossier")
    assert [each["level"] for each in story.view["handling"]] == ["1"]
    assert story.now - timedelta(days=30) < story.case.opened_at
