"""What the morning and the agenda read of the register, on both databases."""

from datetime import UTC, date, datetime, timedelta

from activities.register.database import Register
from activities.register.dossiers import Dossiers
from activities.register.watch import Happened, Watch
from tests.register.lives import POSTAL, REFERENCE, by_post, renamed, state
from tests.rehearsal import MONDAY, Rehearsal, complaint, paris

RESULTS = {"decision": "rejected", "reasons": "Hors délai"}
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def missed() -> Rehearsal:
    """Tell of results whose letter nobody released in time."""
    story = Rehearsal()
    story.until(MONDAY + timedelta(days=2)).hear("results_known", **RESULTS)
    return story.until(MONDAY + timedelta(days=12))


def test_what_was_missed_is_found_by_when_it_was_recorded_and_in_whose_care_it_is(
    register: Register, dossiers: Dossiers
) -> None:
    story, watch = missed(), Watch(register)
    dossiers.record(state(story))
    [entry] = story.entries("clock_breached")
    contact = story.view["contact"]["id"]
    found = [Happened(REFERENCE, breached="resolution_letter/1/1")]
    assert watch.happened(LONG_AGO, entry.recorded_at) == found
    assert watch.happened(LONG_AGO, entry.recorded_at, [contact]) == found
    assert watch.happened(LONG_AGO, entry.recorded_at, ["c-999"]) == []
    assert watch.happened(entry.recorded_at, entry.recorded_at + timedelta(days=9)) == [], "it was told"
    assert watch.happened(LONG_AGO, entry.recorded_at - timedelta(seconds=1)) == []


def test_a_letter_that_came_back_is_found_and_one_that_arrived_is_not(register: Register, dossiers: Dossiers) -> None:
    story = Rehearsal(complaint(complainant=POSTAL | {"email": "anne.martin@example.org"}))
    [first] = [letter.id for letter in story.case.letters]
    story.until(paris(MONDAY, 11)).hear("delivery_reported", letter_id=first, status="bounced")
    [second] = [letter.id for letter in story.case.letters if letter.id != first]
    story.until(paris(MONDAY, 12)).hear("delivery_reported", letter_id=second, status="posted")
    dossiers.record(state(story))
    assert Watch(register).happened(LONG_AGO, story.now) == [Happened(REFERENCE, bounced=first)]


def test_letters_wait_for_the_post_until_they_are_posted(register: Register, dossiers: Dossiers) -> None:
    story, watch = by_post(), Watch(register)
    dossiers.record(state(story))
    assert watch.to_post() == watch.to_post([story.view["contact"]["id"]]) == [REFERENCE]
    assert watch.to_post(["c-999"]) == []
    [letter] = story.case.letters
    story.hear("delivery_reported", letter_id=letter.id, status="posted")
    dossiers.record(state(story))
    assert watch.to_post() == []


def test_states_come_by_reference_and_what_is_not_known_is_left_out(register: Register, dossiers: Dossiers) -> None:
    story = Rehearsal()
    dossiers.record(state(story))
    found = Watch(register).views([REFERENCE, "REC-2026-UNKNOWN"])
    assert list(found) == [REFERENCE]
    assert found[REFERENCE]["level"] == "1"


def test_what_comes_up_is_open_and_waits_for_an_instant_not_too_far(register: Register, dossiers: Dossiers) -> None:
    story, watch = Rehearsal(), Watch(register)
    carried = state(story)
    for number in range(3):
        dossiers.record(renamed(carried, f"REC-2026-000{number}"))
    tenth = date.fromisoformat(story.view["clocks"][0]["act_on"])
    soon = paris(tenth, 17)
    assert [each.reference for each in watch.upcoming(soon)] == [f"REC-2026-000{number}" for number in range(3)]
    assert list(watch.upcoming(paris(tenth, 15))) == []
    assert list(watch.upcoming(soon, "c-999")) == []
    story.hear("withdrawn")
    story.until(MONDAY + timedelta(days=1))
    dossiers.record(state(story))
    assert REFERENCE not in [each.reference for each in watch.upcoming(soon + timedelta(days=400))]
