"""A stored complaint is planned again at the same distance from its receipt."""

from datetime import date, datetime, timedelta

from starter.rehearse.plan import plan_of_stored
from tests.rehearsal import MONDAY, Rehearsal, complaint, paris
from workflows.procedure.calendar import PARIS

TODAY = date(2027, 3, 10)
LATER = TODAY - MONDAY


def test_dates_and_instants_move_along_and_hours_stay_those_of_paris() -> None:
    story = Rehearsal(complaint(sent_on="2026-11-20", received_at=paris(MONDAY, 9, 30).isoformat()))
    # In winter; fifteen days later the rehearsal is still in winter, and in summer after the end of March.
    story.until(paris(MONDAY + timedelta(days=21), 14)).hear(
        "estimate_given", expected_on=(MONDAY + timedelta(days=40)).isoformat(), situation="Expertise", id="e-1"
    )

    plan = plan_of_stored(story.dossier.carried(), TODAY)

    assert plan.complaint["received_at"] == datetime(2027, 3, 10, tzinfo=PARIS).isoformat()
    assert plan.complaint["sent_on"] == "2027-03-07"
    (sent,) = plan.sent
    assert (sent.kind, sent.id) == ("estimate_given", "e-1")
    assert sent.at == datetime(2027, 3, 31, 14, tzinfo=PARIS)
    assert sent.at.utcoffset() == timedelta(hours=2)
    assert sent.event["expected_on"] == (TODAY + timedelta(days=40)).isoformat()


def test_only_what_people_sent_and_what_took_effect_is_sent_again() -> None:
    story = Rehearsal()
    story.until(MONDAY + timedelta(days=2)).hear("note_added", text="Rappelé")
    story.hear("note_added", text="", id="refused")
    story.until(MONDAY + timedelta(days=20)).hear("results_known", decision="rejected", reasons="Hors délai", id="r-1")
    story.hear("results_known", decision="rejected", reasons="Hors délai", id="r-1")

    plan = plan_of_stored(story.dossier.carried(), TODAY)

    assert [sent.kind for sent in plan.sent] == ["note_added", "results_known"]


def test_an_event_recorded_in_error_is_recorded_and_voided_again_under_ids_that_are_free() -> None:
    story = Rehearsal()
    entry = story.until(MONDAY + timedelta(days=3)).hear("summons_served", addressed_to="broker")
    assert entry.id.startswith("#")
    story.hear("recorded_in_error", event_id=entry.id, reason="Autre dossier")

    summons, voiding = plan_of_stored(story.dossier.carried(), TODAY).sent

    assert (summons.kind, voiding.kind) == ("summons_served", "recorded_in_error")
    # `#5` would be the complaint's own fifth line here, and the event taken for a repetition of it.
    assert summons.id == f"stored-{entry.id[1:]}" == voiding.event["event_id"]


def test_an_event_told_of_late_is_sent_when_it_was_recorded_and_keeps_its_own_instant() -> None:
    story = Rehearsal()
    happened = paris(MONDAY + timedelta(days=3), 11)
    story.until(paris(MONDAY + timedelta(days=5), 9)).hear("note_added", text="Rappelé", at=happened, id="n-1")

    (sent,) = plan_of_stored(story.dossier.carried(), TODAY).sent

    assert sent.at == paris(TODAY + timedelta(days=5), 9)
    assert sent.event["at"] == paris(TODAY + timedelta(days=3), 11).isoformat()
