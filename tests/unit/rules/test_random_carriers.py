"""Random lives under carriers that are away, silent or refuse: nothing is forgotten, nothing is said twice."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.faults.owed import said_twice, what_is_missing
from tests.rehearsal import Rehearsal, complaint
from workflows.procedure import waking
from workflows.procedure.vocabulary import LetterStatus

REASONS = st.sampled_from(["A", "B", "C", "D"])
DECISIONS = st.sampled_from(["upheld", "partly_upheld", "rejected"])
EVENTS: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.fixed_dictionaries({"type": st.just("response_given"), "decision": DECISIONS, "reasons": REASONS}),
    st.fixed_dictionaries({"type": st.just("results_known"), "decision": DECISIONS, "reasons": REASONS}),
    st.fixed_dictionaries({"type": st.just("customer_rejects")}),
    st.fixed_dictionaries({"type": st.just("note_added"), "text": st.just("n")}),
    st.fixed_dictionaries({"type": st.just("contact_reassigned"), "reason": REASONS}),
    st.fixed_dictionaries({"type": st.just("customer_accepts")}),
    st.fixed_dictionaries({"type": st.just("withdrawn")}),
)
CARRIERS = st.sampled_from([LetterStatus.SENT, LetterStatus.DEFERRED, LetterStatus.DOUBTFUL, LetterStatus.FAILED])
WAITS = st.one_of(st.integers(0, 3), st.integers(0, 40 * 24))
STEPS = st.tuples(
    CARRIERS,
    WAITS,  # hours that pass before the event
    EVENTS,
    st.booleans(),  # whether the doubts of that time are ended by a person
    st.integers(0, 7),  # 7: a letter comes back
)
BY_EMAIL = {"name": "Anne Martin", "email": "a@example.org"}
BY_BOTH = {**BY_EMAIL, "postal_address": "1 rue des Lilas\n10200 Bar-sur-Aube"}
BECOMES = {
    LetterStatus.DOUBTFUL: ("lost", "delivered"),
    LetterStatus.QUEUED: ("posted", "lost"),
}
"""What a person may find out of a letter that waits for it."""


def everything_is_waited_for(story: Rehearsal) -> None:
    """Check that what waits for a carrier is tried again at a known instant, or by a person."""
    instants = [instant for instant, _ in waking.timers(story.case).values()]
    assert all(instant > story.now for instant in instants), f"a timer of the past: {told(story)}"
    waiting = [call.again_at for call in story.case.letter_calls if not call.blocked]
    owing = [clock for clock in story.case.clocks if clock.owes and not clock.acted and not clock.blocked]
    waiting += [clock.again_at for clock in owing if clock.again_at]
    for again_at in waiting:
        assert again_at in instants, f"nothing wakes at {again_at}\n{told(story)}"


def end_doubts(story: Rehearsal, chosen: st.DataObject) -> None:
    """Have a person say of each letter in doubt what became of it."""
    for letter in [each for each in story.case.letters if each.status in BECOMES]:
        found = chosen.draw(st.sampled_from(BECOMES[letter.status]))
        story.hear("delivery_reported", letter_id=letter.id, status=found)
        everything_is_waited_for(story)


def bring_one_back(story: Rehearsal, chosen: st.DataObject) -> None:
    """Have one e-mail come back, of a customer who can be written to in another way."""
    left = [each for each in story.case.letters if each.status is LetterStatus.SENT and each.channel == "email"]
    if left and story.case.complainant.postal_address:
        story.hear("delivery_reported", letter_id=chosen.draw(st.sampled_from(left)).id, status="bounced")
        everything_is_waited_for(story)


def told(story: Rehearsal) -> str:
    """Tell a life line by line, for whoever looks for what went wrong."""
    names = ("id", "letter", "letter_id", "status", "sections", "causes", "clock", "again_at")
    return "\n".join(
        f"{entry.recorded_at:%m-%d %H:%M} {entry.type} {entry.id} {entry.status} "
        + str({name: entry.data[name] for name in names if name in entry.data})
        for entry in story.dossier.journal
    )


def play(complainant: dict[str, str], steps: list[Any], chosen: st.DataObject) -> Rehearsal:
    """Play one life, and bring it to rest: every doubt ended, every outage over, every refusal mended."""
    story = Rehearsal(complaint(complainant=complainant))
    for carrier, hours, event, doubts_end, chance in steps:
        story.carrier = carrier
        story.until(story.now + timedelta(hours=hours))
        everything_is_waited_for(story)
        message = dict(event)
        story.hear(message.pop("type"), **message)
        everything_is_waited_for(story)
        if doubts_end:
            end_doubts(story, chosen)
        if chance == 7:
            bring_one_back(story, chosen)
    story.carrier = LetterStatus.SENT
    story.hear("note_added", text="Tout est rétabli.")
    end_doubts(story, chosen)
    return story.until(story.now + timedelta(hours=5))


# Not shrunk, which takes many times as long as all the lives: the journal of the one that failed tells enough.
@pytest.mark.slow
@settings(max_examples=2_000, phases=(Phase.generate,))
@given(st.sampled_from([BY_EMAIL, BY_BOTH]), st.lists(STEPS, max_size=7), st.data())
def test_whatever_carriers_do_every_letter_leaves_once(
    complainant: dict[str, str], steps: list[Any], chosen: st.DataObject
) -> None:
    story = play(complainant, steps, chosen)
    wrong = what_is_missing(story.dossier.journal, story.view, story.case.letters, story.now)
    assert not [*wrong, *said_twice(story.case.letters)], told(story)
    assert not story.case.letter_calls
    assert story.worked_out_again() == story.view
