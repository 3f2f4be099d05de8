"""The comparison of two lives, as the pure function it is: what is said to change, and what is not."""

from datetime import date, timedelta
from typing import Any

import pytest

from starter.rehearse.changes import Changes, Count
from starter.rehearse.compare import compare, never_heard
from starter.rehearse.lived import Charge, Lived, LivedClock, LivedComplaint, LivedLetter, LivedMessage
from starter.rehearse.marking import marked
from starter.rehearse.sentences import summary
from starter.render.days import shift
from starter.render.words import Words
from tests.rehearsal import MONDAY, paris
from workflows.procedure.vocabulary import Channel, ClockName, ClockState, Language, LetterKind, LetterStatus

FRENCH, ENGLISH = Words(Language.FR), Words(Language.EN)
HOLDING = ClockName.HOLDING_LETTER
TEXT = "Votre réclamation\n\nTroyes, le lundi 7 décembre 2026\n\nNous répondrons avant le 20 janvier 2027.\n"


def clock(due_on: date, name: ClockName = HOLDING, number: int = 1, **changes: Any) -> LivedClock:
    stated: dict[str, Any] = {
        "key": f"{name}/1/{number}", "clock": name, "starts_on": MONDAY, "due_on": due_on, "act_at": paris(due_on, 16),
        "state": ClockState.KEPT, "breached": False,
    }  # fmt: skip
    return LivedClock(**{**stated, **changes})


def letter(on: date, kind: LetterKind = LetterKind.HOLDING, number: int = 1, **changes: Any) -> LivedLetter:
    stated: dict[str, Any] = {
        "key": f"REC-1/1/{kind}/{number}", "kind": kind, "sections": (kind,), "language": Language.FR, "on": on,
        "channel": Channel.EMAIL, "status": LetterStatus.SENT, "template": f"{kind}@fr/1", "contact": "c-001",
        "text": TEXT,
    }  # fmt: skip
    return LivedLetter(**{**stated, **changes})


def life(reference: str = "REC-1", **changes: Any) -> LivedComplaint:
    stated: dict[str, Any] = {
        "reference": reference, "followed_to": None, "closed_on": MONDAY + timedelta(days=400), "clocks": (),
        "letters": (), "messages": (), "charges": (Charge(on=MONDAY, contact="c-001", name="Anne"),),
        "opening_attributes": {"ComplaintLevel": "1"}, "last_attributes": {"ComplaintStage": "closed"}, "unheard": {},
    }  # fmt: skip
    return LivedComplaint(**{**stated, **changes})


def compared(before: LivedComplaint, after: LivedComplaint) -> Changes:
    return compare(Lived(complaints=(before,), why_not={}), Lived(complaints=(after,), why_not={}))


def day(days: int) -> date:
    return MONDAY + timedelta(days=days)


def test_two_lives_alike_are_no_change() -> None:
    same = life(clocks=(clock(day(14)),), letters=(letter(day(14)),))
    found = compared(same, same.model_copy())
    assert not found.any
    assert (found.details, found.clocks, found.words) == ((), (), ())
    assert summary(found, FRENCH) == ["Rien ne changerait : 1 réclamation vécue deux fois, sans différence."]
    assert summary(found, ENGLISH) == ["Nothing would change: 1 complaint lived twice."]


def test_a_clock_that_moves_is_told_with_its_days_and_nothing_else_is() -> None:
    still = clock(day(11), ClockName.ACKNOWLEDGEMENT)
    found = compared(life(clocks=(clock(day(14)), still)), life(clocks=(clock(day(21)), still)))
    (changed,) = found.details
    assert [(each.clock, each.days) for each in changed.clocks] == [(HOLDING, 7)]
    assert "lettre d'attente : 1 réclamation, échéance 7 jours plus tard." in summary(found, FRENCH)
    assert "holding letter: 1 complaint, due 7 days later." in summary(found, ENGLISH)


def test_a_breach_more_is_counted_though_no_date_moves() -> None:
    late = clock(day(14), state=ClockState.BREACHED, breached=True)
    found = compared(life(clocks=(clock(day(14)),)), life(clocks=(late,)))
    assert found.clocks[0].breaches == Count(before=0, after=1)
    assert summary(found, ENGLISH)[1:] == ["holding letter: 1 more missed deadline (0 → 1)."]


def test_another_hour_of_the_same_day_is_a_change() -> None:
    found = compared(life(clocks=(clock(day(14)),)), life(clocks=(clock(day(14), act_at=paris(day(14), 9)),)))
    assert summary(found, ENGLISH)[1:] == ["holding letter: 1 complaint, another hour or outcome."]


def test_a_letter_with_other_dates_is_moved_not_reworded() -> None:
    moved = TEXT.replace("lundi 7 décembre", "mardi 1er décembre").replace("20 janvier", "1er février")
    found = compared(life(letters=(letter(day(14)),)), life(letters=(letter(day(15), text=moved),)))
    (change,) = found.details[0].letters
    assert (change.days, change.in_other_words) == (1, False)
    assert "+Troyes, le mardi 1er décembre 2026" in change.diff
    assert found.words == ()


def test_a_reworded_letter_shows_its_diff_once_for_all_complaints() -> None:
    other = TEXT.replace("Nous répondrons", "Nous vous répondrons")
    befores = tuple(life(f"REC-{n}", letters=(letter(day(14)),)) for n in (1, 2, 3))
    afters = tuple(life(f"REC-{n}", letters=(letter(day(14), text=other, template="holding@fr/2"),)) for n in (1, 2, 3))
    found = compare(Lived(complaints=befores, why_not={}), Lived(complaints=afters, why_not={}))
    (words,) = found.words
    assert (words.letters, words.template_before, words.template_after) == (3, "holding@fr/1", "holding@fr/2")
    assert [line for line in words.diff if line[0] in "+-"] == [
        "-Nous répondrons avant le 20 janvier 2027.",
        "+Nous vous répondrons avant le 20 janvier 2027.",
    ]
    assert found.clocks == ()
    assert "holding letter: 3 letters in other words." in summary(found, ENGLISH)


def test_words_of_the_firms_file_that_change_are_seen_without_a_new_template() -> None:
    found = compared(
        life(letters=(letter(day(14)),)), life(letters=(letter(day(14), text=TEXT + "Le médiateur a déménagé."),))
    )
    assert found.details[0].letters[0].in_other_words


def test_the_name_of_another_person_is_no_other_wording() -> None:
    after = life(
        letters=(letter(day(14), text=TEXT + "Brice", contact="c-002"),),
        charges=(Charge(on=MONDAY, contact="c-002", name="Brice"),),
    )
    found = compared(life(letters=(letter(day(14), text=TEXT + "Anne"),)), after)
    assert found.words == ()
    assert [(each.contact, each.complaints) for each in found.people] == [
        ("c-001", Count(before=1, after=0)),
        ("c-002", Count(before=0, after=1)),
    ]
    assert "1 complaint: another person in charge, or from another day." in summary(found, ENGLISH)


def test_of_a_row_of_letters_the_closest_are_the_same_whatever_their_numbers() -> None:
    progress = LetterKind.PROGRESS
    before = tuple(letter(day(n), progress, place) for place, n in enumerate((90, 118), 1))
    after = tuple(letter(day(n), progress, place) for place, n in enumerate((70, 97, 125), 1))
    found = compared(life(letters=before), life(letters=after))
    assert [(each.before and each.before.on, each.after and each.after.on) for each in found.details[0].letters] == [
        (None, day(70)), (day(90), day(97)), (day(118), day(125)),
    ]  # fmt: skip
    assert summary(found, ENGLISH)[1:3] == [
        "progress letter: 1 more letter (2 → 3).",
        "progress letter: 2 letters leave 7 days later.",
    ]


def test_a_letter_of_another_number_alone_is_no_change() -> None:
    message = LivedMessage(key="notice/in_charge/1", to_partner=False, on=MONDAY, to=("a@example.org",), text="s\n\nb")
    before = life(letters=(letter(day(14), number=1),), messages=(message,))
    after = life(letters=(letter(day(14), number=2),), messages=(message,))
    assert not compared(before, after).any


def test_what_lies_past_the_day_a_complaint_was_followed_to_is_not_compared() -> None:
    until = day(100)
    progress = LetterKind.PROGRESS
    before = life(followed_to=until, letters=(letter(day(98), progress),))
    # Past the end of what is looked at, but the same letter: it has moved. The next one is of no concern.
    after = life(followed_to=until, letters=(letter(day(103), progress), letter(day(130), progress, 2)))
    found = compared(before, after)
    assert [(each.days, each.before is not None) for each in found.details[0].letters] == [(5, True)]
    assert found.letters[0].letters == Count(before=1, after=1)
    assert found.followed == 1


def test_the_busiest_day_and_the_load_of_a_person() -> None:
    befores = [
        life(f"REC-{n}", letters=(letter(day(14)),), closed_on=day(30), charges=(Charge(on=day(n), contact="c-001",
             name="Anne"),)) for n in (0, 5, 40)
    ]  # fmt: skip
    befores[2] = befores[2].model_copy(update={"closed_on": day(60)})
    afters = [befores[0], befores[1].model_copy(update={"letters": (letter(day(15)),)}), befores[2]]
    found = compare(Lived(complaints=tuple(befores), why_not={}), Lived(complaints=tuple(afters), why_not={}))
    (anne,) = found.people
    # Two at once: the third came after the first two had closed.
    assert (anne.complaints.before, anne.at_once.before, anne.busiest_day) == (3, 2, Count(before=3, after=2))
    assert "busiest day: 3 letters on Mon 7 Dec 2026 → 2 letters on Mon 7 Dec 2026." in summary(found, ENGLISH)


def test_an_event_that_is_no_longer_accepted_is_told() -> None:
    found = compared(life(), life(unheard={"a-1": "the complaint is closed"}))
    assert "1 event would no longer be accepted." in summary(found, ENGLISH)
    assert (found.details[0].unheard[0].before, found.details[0].unheard[0].after) == (None, "the complaint is closed")


def test_an_event_that_neither_side_accepts_was_not_rehearsed_and_is_no_change() -> None:
    before, after = (
        Lived(complaints=(life(unheard={"late": "", side: "no such letter"}),), why_not={}) for side in ("a-1", "a-2")
    )
    assert never_heard(before, after) == {("REC-1", "late"): ""}
    assert [each.event_id for each in compare(before, after).details[0].unheard] == ["a-1", "a-2"]


def test_a_letter_that_nobody_posts_is_said() -> None:
    queued = letter(day(14), status=LetterStatus.QUEUED, channel=Channel.POST)
    found = compared(life(letters=(queued,)), life(letters=(queued,)))
    assert not found.any
    assert "1 letter for the post that nobody posts here" in summary(found, ENGLISH)[1]


def test_a_complaint_that_could_not_be_lived_on_one_side_is_left_out_and_named() -> None:
    found = compare(
        Lived(complaints=(life("REC-1"), life("REC-2")), why_not={}),
        Lived(complaints=(life("REC-1"),), why_not={"REC-2": "the complaint failed"}),
    )
    assert (found.rehearsed, found.why_not) == (1, {"REC-2": "the complaint failed"})


def test_what_is_printed_for_programs_repeats_no_letter() -> None:
    found = compared(life(letters=(letter(day(14)),)), life(letters=(letter(day(15)),)))
    told = found.model_dump(mode="json")
    assert told["details"][0]["letters"][0]["days"] == 1
    assert "text" not in told["details"][0]["letters"][0]["after"]


@pytest.mark.parametrize(
    ("earliest", "latest", "french", "english"),
    [
        (1, 1, "1 jour plus tard", "1 day later"),
        (2, 4, "2 à 4 jours plus tard", "2 to 4 days later"),
        (-4, -2, "2 à 4 jours plus tôt", "2 to 4 days earlier"),
        (-3, 5, "de 3 j plus tôt à 5 j plus tard", "from 3 d earlier to 5 d later"),
    ],
)
def test_by_how_much_dates_move(earliest: int, latest: int, french: str, english: str) -> None:
    assert shift(earliest, latest, FRENCH) == french
    assert shift(earliest, latest, ENGLISH) == english


def test_the_word_that_differs_is_marked_within_its_line() -> None:
    lines = list(marked(["@@ -1 +1 @@", " avant", "-sous dix jours", "+sous quinze jours", " "]))
    assert [(line.sign, [text for text, differs in line.parts if differs]) for line in lines] == [
        ("@", []), (" ", []), ("-", ["dix"]), ("+", ["quinze"]),
    ]  # fmt: skip
