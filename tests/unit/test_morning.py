"""The morning's rules: who is told what on which day, in one message, and nothing when there is nothing to say."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from activities.firm.load import load_firm
from activities.firm.people import Absence, Person
from activities.firm.schema import Firm
from activities.morning.compose import compose_digest
from activities.morning.digest import MOST_LINES, Digest
from activities.morning.matters import Day, Line, News, Section, days_left, horizon, lines_of
from activities.morning.office import Office
from activities.morning.readers import readers
from activities.morning.seen import Complaint
from tests.rehearsal import MONDAY as RECEIVED
from tests.rehearsal import Rehearsal, paris
from workflows.morning_messages import THE_TEAM, Reader
from workflows.procedure.calendar import paris_date
from workflows.procedure.vocabulary import Language

FIRM = load_firm(Path(__file__).parents[2] / "deploy/firm/123-courtage.toml")
OFFICE = Office(lambda: FIRM)
CALENDAR = OFFICE.calendar(date(2026, 12, 1))
MONDAY = date(2026, 12, 7)
FRIDAY_BEFORE = date(2026, 12, 4)
NOTHING = News()

civil_days = st.dates(date(2026, 1, 1), date(2027, 6, 30))


def day(on: date = MONDAY, since: date | None = None, language: Language = Language.FR) -> Day:
    return Day(on, since or CALENDAR.last_open_day(on - timedelta(days=1)), CALENDAR, language)


def clock(name: str = "holding_letter", due_on: date = MONDAY, state: str = "running", **more: Any) -> dict[str, Any]:
    return {"clock": name, "round": 1, "due_on": due_on, "state": state, **more}


def complaint(*clocks: dict[str, Any], contact: str | None = "c-002", **more: Any) -> Complaint:
    stated = {
        "reference": "REC-2026-7F3K9Q",
        "level": "2a",
        "contact": {"id": contact, "name": "Anne Martin"} if contact else None,
        "clocks": list(clocks),
        "complainant": {"name": "Anne Martin"},
    }
    return Complaint.model_validate(stated | more)


def sections(told: Complaint, news: News = NOTHING, on: Day | None = None) -> list[Section]:
    return [section for section, _ in lines_of(told, news, on or day())]


def open_days(first: date, last: date) -> list[date]:
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [each for each in days if CALENDAR.is_open(each)]


# Three business days before, one before, on the day


def test_a_deadline_on_a_thursday_is_announced_on_monday_wednesday_and_thursday() -> None:
    thursday = date(2026, 12, 10)
    mornings = open_days(FRIDAY_BEFORE, date(2026, 12, 14))
    announced = {on: days_left(thursday, day(on)) for on in mornings}
    assert {on: left for on, left in announced.items() if left is not None} == {
        MONDAY: 3, date(2026, 12, 9): 1, thursday: 0,
    }  # fmt: skip


def test_a_deadline_on_a_closed_day_is_announced_for_the_last_day_the_firm_can_act() -> None:
    sunday = date(2026, 12, 13)
    assert days_left(sunday, day(date(2026, 12, 11))) == 0
    assert days_left(sunday, day(date(2026, 12, 8))) == 3


ATTENDED = st.just([True] * 70) | st.lists(st.booleans(), min_size=70, max_size=70)


@given(due_on=civil_days, start=st.integers(5, 60), attended=ATTENDED)
def test_over_any_sequence_of_mornings_each_warning_comes_once_and_no_later_than_the_next_morning_held(
    due_on: date, start: int, attended: list[bool]
) -> None:
    """Mornings are missed at will (`attended`): what a missed one would have said, the next one says, once."""
    mornings = open_days(due_on - timedelta(days=start), due_on + timedelta(days=9))
    mornings_held = [on for on, there in zip(mornings[1:], attended, strict=False) if there]
    last = CALENDAR.last_open_day(due_on)
    before = [on for on in open_days(last - timedelta(days=30), last) if on >= mornings[1]]
    warned_on = {on for on in (before[-4:-3] + before[-2:-1] + before[-1:])}
    since, announced = mornings[0], []
    for on in mornings_held:
        missed = [each for each in warned_on if since < each <= on]
        left = days_left(due_on, day(on, since))
        assert (left is not None) == (bool(missed) and on <= due_on), (on, missed)
        if left is not None:
            assert left == len([each for each in open_days(on, last) if each > on])
            announced.append(on)
        since = on
    assert len(announced) == len(set(announced))
    if all(attended[: len(mornings) - 1]):
        assert set(announced) == warned_on


@given(due_on=civil_days, on=civil_days, missed=st.integers(0, 15))
def test_what_lies_past_the_horizon_is_never_announced(due_on: date, on: date, missed: int) -> None:
    on = CALENDAR.next_open_day(on)
    told = day(on, on - timedelta(days=1 + missed))
    if due_on >= horizon(told):
        assert days_left(due_on, told) is None


# What there is to say of a complaint


def test_a_clock_that_was_missed_is_told_once_and_then_stands_among_what_is_overdue() -> None:
    missed = complaint(clock(due_on=FRIDAY_BEFORE, state="breached"))
    assert sections(missed, News(breached=frozenset({"holding_letter/1/1"}))) == [Section.BREACHED]
    assert sections(missed) == [Section.OVERDUE]


def test_what_was_missed_and_done_since_is_told_once_and_never_again() -> None:
    done = complaint(
        clock(due_on=FRIDAY_BEFORE, state="breached", settled_at=datetime(2026, 12, 5, 8, tzinfo=UTC).isoformat())
    )
    assert sections(done, News(breached=frozenset({"holding_letter/1/1"}))) == [Section.BREACHED]
    assert sections(done) == []


def test_what_turned_out_to_be_kept_is_not_told_as_missed() -> None:
    kept = complaint(clock(due_on=FRIDAY_BEFORE, state="kept", recorded_late=True))
    assert sections(kept, News(breached=frozenset({"holding_letter/1/1"}))) == []


def test_the_silence_of_the_other_party_stands_apart_from_what_we_owe() -> None:
    silent = complaint(clock("partner_help", FRIDAY_BEFORE, "breached"))
    assert sections(silent) == [Section.SILENT]


def test_the_customers_right_to_the_mediator_is_no_duty_of_ours() -> None:
    assert sections(complaint(clock("mediation_window"))) == []


def test_a_letter_for_the_post_is_told_until_it_is_posted_and_one_that_came_back_once() -> None:
    letters = [
        {"id": "REC-2026-7F3K9Q/1/holding/1", "kind": "holding", "status": "bounced"},
        {"id": "REC-2026-7F3K9Q/1/holding/2", "kind": "holding", "status": "queued"},
    ]
    told = complaint(letters=letters, attention=["letter_undelivered"])
    news = News(bounced=frozenset({"REC-2026-7F3K9Q/1/holding/1"}))
    assert sections(told, news) == [Section.BOUNCED, Section.TO_POST], "and its trouble is not told twice"
    assert sections(told) == [Section.TO_POST, Section.ATTENTION]


def test_two_promises_of_one_round_are_told_apart() -> None:
    first, second = clock("promised_date", FRIDAY_BEFORE, "breached"), clock("promised_date", MONDAY)
    told = complaint(first, second)
    assert sections(told, News(breached=frozenset({"promised_date/1/1"}))) == [Section.BREACHED, Section.TODAY]
    assert sections(told, News(breached=frozenset({"promised_date/1/2"}))) == [Section.OVERDUE, Section.TODAY]


def test_a_line_says_the_step_for_its_own_clock() -> None:
    steps = [
        "Échéance manquée : lettre d'attente, due le 2026-12-04.",
        "Réponse écrite due le 2026-12-07 au plus tard.",
    ]
    told = complaint(clock(due_on=FRIDAY_BEFORE, state="breached"), clock("final_answer"), next_steps=steps)
    [(_, late), (_, today)] = lines_of(told, NOTHING, day())
    assert today.todo == "Réponse écrite due le 2026-12-07 au plus tard."
    assert late.todo == today.todo, "what repeats the line itself is passed over"


# Who reads


def absent(people: Sequence[Person], *ids: str) -> tuple[Person, ...]:
    away = Absence(first=MONDAY, last=MONDAY)
    return tuple(person.model_copy(update={"absences": (away,)}) if person.id in ids else person for person in people)


def firm_without(*ids: str, language: Language = Language.FR) -> Firm:
    return FIRM.model_copy(update={"people": absent(FIRM.people, *ids), "staff_language": language})


def stands_in(firm: Firm, person: Person, on: date) -> Person | None:
    """Let c-003 stand in for c-002, whoever else is away."""
    return firm.person("c-003") if person.id == "c-002" and not person.present(on) else person


def test_each_person_present_and_the_team_may_get_a_digest() -> None:
    found = readers(FIRM, MONDAY)
    assert [reader.id for reader in found] == [*(person.id for person in FIRM.people), THE_TEAM]
    assert all(reader.covers == (reader.id,) for reader in found[:-1])


def test_an_absent_person_gets_none_and_a_manager_reads_theirs_when_nobody_was_named() -> None:
    found = {reader.id: reader for reader in readers(firm_without("c-002"), MONDAY)}
    assert "c-002" not in found
    assert found["c-001"].covers == ("c-001", "c-002")


def test_a_deputy_reads_what_the_absent_person_would_have_read() -> None:
    found = {reader.id: reader for reader in readers(firm_without("c-002"), MONDAY, stands_in)}
    assert found["c-003"].covers == ("c-002", "c-003")
    assert found["c-001"].covers == ("c-001",)


def test_with_every_manager_away_nobody_is_written_to_in_their_absence() -> None:
    found = readers(firm_without("c-001", "c-006", "c-002"), MONDAY)
    assert [reader.id for reader in found] == ["c-003", "c-004", "c-005", THE_TEAM]


def test_managers_hear_nothing_of_other_teams() -> None:
    found = {r.id: r for r in readers(FIRM, MONDAY, team_of=lambda _, p: "north" if p.id <= "c-003" else "south")}
    missed = complaint(clock(due_on=FRIDAY_BEFORE, state="breached"), contact="c-002")
    news = News(breached=frozenset({"holding_letter/1/1"}))
    for manager, hears in (("c-001", 1), ("c-006", 0)):
        digest = Digest(found[manager], day())
        digest.add(missed, news)
        assert digest.matters == hears


def test_whoever_a_complaint_is_about_hears_nothing_of_it() -> None:
    missed = complaint(clock(due_on=FRIDAY_BEFORE, state="breached"), complained_about="c-001")
    assert digest_of(HELENE, missed).matters == 0
    assert digest_of(MARC, missed).matters == 1


# The message


def digest_of(reader: Reader, *told: Complaint, news: News = NOTHING, language: Language = Language.FR) -> Digest:
    digest = Digest(reader, day(language=language))
    for each in told:
        digest.add(each, news)
    return digest


MARC = Reader(id="c-002", covers=("c-002",))
HELENE = Reader(id="c-001", covers=("c-001",), manager=True)
TEAM = Reader(id=THE_TEAM, manager=True)


def test_with_nothing_to_say_there_is_nothing_to_send() -> None:
    far, others = clock(due_on=date(2027, 1, 20)), complaint(clock(), contact="c-003")
    assert digest_of(MARC, complaint(far), others).matters == 0
    assert digest_of(HELENE, others).matters == 0, "what is only due is its contact's matter"


def test_the_message_says_what_is_due_what_to_do_and_how_to_look_and_names_no_complainant() -> None:
    step = "Avant le 2026-12-07 : donnez la date prévue et la situation (estimate_given)."
    written = compose_digest(digest_of(MARC, complaint(clock(), next_steps=[step])), FIRM)
    assert [each.address for each in written.to] == ["marc.delaunoy@123courtage.example"]
    assert written.subject == "Réclamations du lundi 7 décembre 2026 : 1 à faire aujourd'hui"
    for form in (written.text, written.html):
        for said in ("REC-2026-7F3K9Q", "niveau 2a", "lettre d", "attente", "lundi 7", step, "complaints show"):
            assert said in form
        assert "Martin" not in form
    assert 'name="viewport"' in written.html


def test_staff_who_read_english_are_told_in_english() -> None:
    firm = firm_without(language=Language.EN)
    written = compose_digest(digest_of(MARC, complaint(clock()), language=Language.EN), firm)
    assert written.subject == "Complaints on Monday 7 December 2026: 1 to do today"
    assert "Good morning Marc Delaunoy" in written.text
    assert "holding letter" in written.text


def test_a_deputy_is_told_for_whom_they_read() -> None:
    reader = Reader(id="c-003", covers=("c-002", "c-003"))
    written = compose_digest(digest_of(reader, complaint(clock())), FIRM)
    assert "Ce message comprend les réclamations de Marc Delaunoy, en absence." in written.text


def test_managers_hear_of_what_was_missed_in_the_team_and_in_whose_care_it_is() -> None:
    missed = complaint(clock(due_on=FRIDAY_BEFORE, state="breached"))
    news = News(breached=frozenset({"holding_letter/1/1"}))
    written = compose_digest(digest_of(HELENE, missed, news=news), FIRM)
    assert "=== Dans l'équipe ===" in written.text
    assert "échéance vendredi 4" in written.text
    assert "Marc Delaunoy" in written.text


def test_what_nobody_is_in_charge_of_reaches_managers_and_the_team() -> None:
    nobodys = complaint(contact=None, attention=["no_contact"])
    for reader in (HELENE, TEAM):
        assert "PERSONNE N'EST EN CHARGE (1)" in compose_digest(digest_of(reader, nobodys), FIRM).text


def test_the_team_reads_who_has_what() -> None:
    written = compose_digest(digest_of(TEAM, complaint(clock()), complaint(clock(), contact="c-004")), FIRM)
    assert [each.address for each in written.to] == [FIRM.email]
    assert "- Marc Delaunoy, 1 à faire aujourd'hui" in written.text
    assert "- Oliver Thornbury, 1 à faire aujourd'hui" in written.text


def test_of_very_many_the_most_pressing_are_shown_and_the_others_counted() -> None:
    digest = Digest(MARC, day())
    for number in range(3_000):
        due_on = FRIDAY_BEFORE - timedelta(days=number % 300)
        digest.own.add(Section.OVERDUE, Line(due_on, f"REC-{number:04}", "1", "lettre d'attente", None, "c-002"))
    [(_, shown, more)] = digest.own.sections()
    assert len(shown) == MOST_LINES
    assert more == 3_000 - MOST_LINES
    assert max(line.due_on for line in shown) == FRIDAY_BEFORE - timedelta(days=297), "the longest overdue"
    written = compose_digest(digest, FIRM)
    assert f"et {more} autres : complaints list --contact c-002 --overdue" in written.text


def test_a_name_of_the_firms_file_cannot_write_html() -> None:
    people = tuple(person.model_copy(update={"name": "<b>Marc</b>"}) for person in FIRM.people)
    written = compose_digest(digest_of(MARC, complaint(clock())), FIRM.model_copy(update={"people": people}))
    assert "&lt;b&gt;Marc" in written.html


def test_an_office_knows_its_hours_and_the_morning_before() -> None:
    found = OFFICE.day(MONDAY)
    assert (found.open, found.opens_at.hour, found.closes_at.hour) == (True, 9, 18)
    assert paris_date(found.morning_before) == FRIDAY_BEFORE
    assert not OFFICE.day(date(2026, 12, 25)).open


# A whole life, morning by morning


@given(results_on=st.integers(1, 60), answered_after=st.integers(0, 70), rejected_after=st.integers(1, 30))
@settings(max_examples=40)
def test_each_clock_that_is_missed_in_a_life_is_told_on_the_next_open_morning_and_only_then(
    results_on: int, answered_after: int, rejected_after: int
) -> None:
    answered_on = results_on + answered_after
    said = {
        results_on: ("results_known", {"decision": "rejected", "reasons": "Hors délai"}),
        answered_on: ("response_given", {"decision": "rejected", "reasons": "Hors délai"}),
        answered_on + rejected_after: ("customer_rejects", {"reasons": "Non"}),
    }
    story, calendar, told = Rehearsal(), OFFICE.calendar(RECEIVED), []
    since = paris(RECEIVED, 9)
    for days in range(1, 180):
        on = RECEIVED + timedelta(days=days)
        if calendar.is_open(on):
            story.until(paris(on, 9))
            breached = [e for e in story.entries("clock_breached") if since < e.recorded_at <= paris(on, 9)]
            news = News(breached=frozenset(str(entry.data["clock"]) for entry in breached))
            seen = Complaint.model_validate(story.view)
            lines = list(lines_of(seen, news, Day(on, paris_date(since), calendar, Language.FR)))
            told += [(on, line) for section, line in lines if section is Section.BREACHED]
            assert len({line for _, line in lines}) == len(lines), "each matter stands once"
            since = paris(on, 9)
        if days in said:
            kind, fields = said[days]
            story.until(paris(on, 12)).hear(kind, **fields)
    missed = [entry for entry in story.entries("clock_breached") if entry.recorded_at <= since]
    assert len(told) == len(missed)
    for on, line in told:
        assert on == calendar.next_open_day(line.due_on + timedelta(days=1))
