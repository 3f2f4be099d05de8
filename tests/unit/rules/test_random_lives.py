"""Random lives: whatever comes in whatever order, the rules agree with a second opinion and never break."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reference import Reference
from tests.rehearsal import Rehearsal, complaint
from workflows.procedure.table import TABLE, Fate
from workflows.procedure.vocabulary import ClockState, LetterStatus

PARTIES = st.sampled_from(["broker", "insurer"])
DECISIONS = st.sampled_from(["upheld", "partly_upheld", "rejected"])
EVENTS: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.fixed_dictionaries(
        {"type": st.just("response_given"), "decision": DECISIONS, "reasons": st.sampled_from(["A", "B"])},
        optional={"sent_by": st.just("staff")},
    ),
    st.fixed_dictionaries({"type": st.just("customer_rejects")}),
    st.fixed_dictionaries({"type": st.just("customer_accepts")}),
    st.fixed_dictionaries({"type": st.just("results_known"), "decision": DECISIONS, "reasons": st.just("R")}),
    st.fixed_dictionaries({"type": st.just("mediator_seized"), "addressed_to": PARTIES}),
    st.fixed_dictionaries(
        {
            "type": st.just("mediation_ended"),
            "outcome": st.sampled_from(["inadmissible", "premature", "withdrawn", "settled", "opinion"]),
        }
    ),
    st.fixed_dictionaries({"type": st.just("summons_served"), "addressed_to": PARTIES}),
    st.fixed_dictionaries({"type": st.just("litigation_ended"), "outcome": st.just("Jugement")}),
    st.fixed_dictionaries({"type": st.just("withdrawn")}),
    st.fixed_dictionaries(
        {
            "type": st.just("source_joined"),
            "source": st.sampled_from(["lawyer", "journalist", "acpr", "customer", "mediator"]),
            "received_by": PARTIES,
        }
    ),
    st.fixed_dictionaries({"type": st.just("note_added"), "text": st.just("n")}),
    st.fixed_dictionaries({"type": st.just("partner_answered"), "party": PARTIES, "answer": st.just("a")}),
)
STEPS = st.tuples(
    st.one_of(st.integers(0, 30), st.integers(0, 400)),  # days that pass before it
    EVENTS,
    st.integers(-12, 1),  # when it happened, in days from when it is recorded
    st.sampled_from([None, None, None, "id-1", "id-2"]),
)
STARTS = st.tuples(st.sampled_from(["customer", "customer", "lawyer", "acpr", "mediator", "court"]), PARTIES)


def at_rest(story: Rehearsal) -> None:
    """Check what holds of every complaint at every moment."""
    case = story.case
    assert all(clock.ends_at > story.now for clock in story.case.running()), "a clock past its last day still runs"
    assert len({clock.key for clock in story.case.clocks}) == len(story.case.clocks)
    assert len({letter.id for letter in case.letters}) == len(case.letters)
    for clock in story.case.clocks:
        if clock.state is ClockState.KEPT and clock.clock != "mediation_window":
            assert clock.settled_at is not None
            assert clock.settled_at < clock.ends_at, "kept means done in time"
        if clock.kind == "regulatory":
            assert clock.round == 1, "the law's clocks never restart"
    if case.stage == "closed":
        assert not story.case.running()
    if case.stage == "litigation":
        assert {clock.clock.value for clock in story.case.running()} <= {"court_appearance"}
    assert all(letter.status is not LetterStatus.FAILED for letter in story.case.letters)


def play(start: tuple[str, str], steps: list[Any]) -> tuple[Rehearsal, Reference]:
    """Play one life on the rules and on the reference, comparing at every step."""
    source, received_by = start
    story = Rehearsal(complaint(source=source, received_by=received_by))
    reference = Reference(story.case.complaint.received_at, source, received_by)
    for days, event, happened, event_id in steps:
        story.until(story.now + timedelta(days=days))
        at = (story.now + timedelta(days=happened)).isoformat()
        message = {**event, "at": at} | ({"id": event_id} if event_id else {})
        reference.pass_time(story.now)
        stage, waited = story.case.stage, any(e.status == "waiting" for e in story.dossier.journal)
        fate = reference.hear(dict(message), story.now)
        kind = message.pop("type")
        entry = story.hear(kind, **message)
        assert entry.status.value == fate, f"{kind} in {stage}: {entry.reason}"
        cell = TABLE[kind][stage]
        if entry.status == "accepted" and cell.fate is Fate.ACCEPTED and not waited:
            assert story.case.stage in cell.next_stages, f"{kind} in {stage} led to {story.case.stage}"
        assert cell.fate is not Fate.REFUSED or entry.status in ("refused", "duplicate")
        ours, theirs = story.case, reference
        assert (ours.level, ours.stage, ours.round, ours.handling_party) == (
            theirs.level,
            theirs.stage,
            theirs.round,
            theirs.party,
        )
        assert story.clock("holding_letter").due_on == reference.holding_due
        at_rest(story)
    return story, reference


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))  # so that several processes share the ten thousand
@settings(max_examples=2_500)
@given(start=STARTS, steps=st.lists(STEPS, max_size=8))
def test_ten_thousand_random_lives_agree_with_a_second_opinion(
    part: int, start: tuple[str, str], steps: list[Any]
) -> None:
    play(start, steps)


@settings(max_examples=300)
@given(STARTS, st.lists(STEPS, max_size=10))
def test_any_dossier_is_the_fold_of_its_journal(start: tuple[str, str], steps: list[Any]) -> None:
    story, _ = play(start, steps)
    assert story.worked_out_again() == story.view


@settings(max_examples=300)
@given(STARTS, st.lists(STEPS, min_size=1, max_size=6), st.data())
def test_voiding_any_event_gives_a_dossier_that_folds(start: tuple[str, str], steps: list[Any], data: Any) -> None:
    story, _ = play(start, steps)
    events = [e for e in story.dossier.journal if e.type == steps[0][1]["type"] and e.status in ("accepted", "waiting")]
    if not events:
        return
    chosen = data.draw(st.sampled_from(events))
    story.hear("recorded_in_error", event_id=chosen.id, reason="Autre dossier")
    assert chosen.status == "voided"
    at_rest(story)
    assert story.worked_out_again() == story.view
    story.until(story.now + timedelta(days=500))
    at_rest(story)
