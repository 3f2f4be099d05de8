"""What people read of a complaint, a list, an agenda: complaints of the shipped firm, in both languages."""

import io
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

import pytest
from rich.console import Console, RenderableType

from starter.client import Listed
from starter.render.agenda import render_agenda, within
from starter.render.days import explained, instant, long_day, skipped
from starter.render.dossier import render_dossier
from starter.render.listing import by_deadline, listed_view, render_listing
from starter.render.owed import owed_next
from starter.render.words import LABELS, Words
from tests.rehearsal import MONDAY, Rehearsal, complaint, paris, procedure_of
from workflows.procedure.acts import ACTS
from workflows.procedure.clocks import Timing, schedule
from workflows.procedure.events import EVENTS
from workflows.procedure.view import clock_view, dossier_view
from workflows.procedure.vocabulary import (
    Channel,
    ClockKind,
    ClockName,
    ClockState,
    Decision,
    DeliveryStatus,
    EntryStatus,
    Language,
    LetterKind,
    LetterStatus,
    Level,
    MediationOutcome,
    Party,
    Stage,
)

FR, EN = Words(Language.FR), Words(Language.EN)
HOSTILE = (
    "Anne [bold red]Martin[/] [link=file:///etc/passwd]x[/link] [/] [@click=app.quit] \x1b[2J\x1b]0;title\x07 :warning:"
)


def printed(what: RenderableType, width: int = 400) -> str:
    """Print as an ordinary terminal would: with markup and emoji on, and colours."""
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None)
    console.print(what)
    file = console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


def shown(told: Rehearsal, language: Language = Language.FR, *, everything: bool = False) -> str:
    return printed(render_dossier(told.view, language, everything=everything))


# Words ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [FR, EN], ids=["fr", "en"])
@pytest.mark.parametrize(
    ("category", "values"),
    [
        ("level", Level),
        ("stage", Stage),
        ("party", Party),
        ("clock", ClockName),
        ("basis", ClockName),
        ("kind", ClockKind),
        ("clock_state", ClockState),
        ("letter", LetterKind),
        ("letter_status", LetterStatus),
        ("letter_status", DeliveryStatus),
        ("channel", Channel),
        ("decision", Decision),
        ("outcome", MediationOutcome),
        ("event", EVENTS),
        ("event", ACTS),
        ("entry_status", [status for status in EntryStatus if status is not EntryStatus.ACCEPTED]),
        ("source", procedure_of(MONDAY, MONDAY).sources),
        ("closed_day", {"Saturday", "Sunday", *procedure_of(MONDAY, MONDAY).calendar.holidays.values()}),
    ],
)
def test_everything_that_can_be_said_has_words(words: Words, category: str, values: Iterable[StrEnum | str]) -> None:
    assert [str(value) for value in values if str(value) not in LABELS[category]] == []


def test_what_has_no_words_is_shown_as_it_is_and_harmless() -> None:
    assert FR("source", "ma-source") == "ma-source"
    assert FR("event", "a\x1b[2Jb") == "a [2Jb"


# Dates and their explanation --------------------------------------------------------------------------------


def test_dates_as_each_language_writes_them() -> None:
    assert long_day("2027-01-01", FR) == "1er janvier 2027"
    assert long_day("2027-01-01", EN) == "1 January 2027"
    assert instant("2026-06-30T14:00:00+00:00", FR) == "mar. 30 juin 2026 à 16:00"
    assert instant("2026-12-31T23:30:00+00:00", EN) == "Fri 1 Jan 2027 at 00:30"


def test_weekends_are_counted_and_holidays_named() -> None:
    timing = Timing(procedure=procedure_of(MONDAY, MONDAY))
    clock = clock_view(schedule(ClockName.HOLDING_LETTER, date(2026, 12, 19), timing))
    assert explained(clock, FR) == (
        "10 jours ouvrés à compter du 19 décembre 2026 ; sautés : 2 samedis, 3 dimanches, 25 décembre (Noël), "
        "1er janvier (Jour de l'an)"
    )
    assert explained(clock, EN) == (
        "10 business days from 19 December 2026; skipped: 2 Saturdays, 3 Sundays, 25 December (Christmas Day), "
        "1 January (New Year's Day)"
    )


def test_a_date_on_a_closed_day_says_when_the_firm_acts() -> None:
    timing = Timing(procedure=procedure_of(MONDAY, MONDAY))
    clock = clock_view(schedule(ClockName.FINAL_ANSWER, MONDAY, timing))
    assert explained(clock, FR, timing.procedure.deadlines[ClockName.FINAL_ANSWER]) == (
        "2 mois à compter du 23 novembre 2026 ; à faire au plus tard le 22 janvier 2027, fermé ensuite : "
        "23 janvier (samedi)"
    )


def test_a_closure_of_weeks_is_one_stretch() -> None:
    august = [date(2027, 8, 2) + timedelta(days=n) for n in range(12)]
    names = {5: "Saturday", 6: "Sunday"}
    days = [{"date": day.isoformat(), "why": names.get(day.weekday(), "Fermeture d'été")} for day in august]
    assert skipped(days, FR) == "1 samedi, 1 dimanche, du 2 août au 13 août (Fermeture d'été)"


# One complaint ----------------------------------------------------------------------------------------------


def test_a_stranger_sees_where_it_stands_in_french() -> None:
    text = shown(Rehearsal(complaint(source="lawyer")))
    for said in (
        "REC-2026-TEST  niveau 2b — réclamation dite sensible (avocat)",
        "en cours d'examen, tour 1",
        "le courtier, avec l'aide de l'autre Partie (la compagnie) · assureur-exemple",
        "Personne 1 (c-101), 01 00 00 00 01, p1@example.org",
        "lun. 23 nov. 2026 à 09:00, envoyée le lun. 23 nov. 2026",
        "Envoyé au client : accusé de réception · courriel",
        "Aide demandée à l'autre Partie : la compagnie",
    ):
        assert said in text


def test_a_stranger_sees_where_it_stands_in_english() -> None:
    text = shown(Rehearsal(complaint(source="lawyer")), Language.EN)
    for said in (
        "REC-2026-TEST  level 2b — sensitive complaint (lawyer)",
        "under investigation, round 1",
        "the broker, helped by the insurer · assureur-exemple",
        "Sent to the customer: acknowledgement · e-mail",
    ):
        assert said in text
    assert "niveau" not in text.replace("réclamation de niveau", "")


def test_what_is_owed_next_comes_soonest_first() -> None:
    told = Rehearsal(complaint(source="lawyer"))
    items = owed_next(told.view, FR)
    assert [item.what for item in items] == [
        "lettre d'attente", "réponse de l'autre Partie", "point de situation", "réponse écrite",
    ]  # fmt: skip
    letter = items[0]
    assert (letter.to_whom, letter.by_when, letter.late) == ("au client", "lun. 7 déc. 2026", False)
    assert letter.by_itself.startswith("automatique, le lun. 7 déc. 2026 à 16:")
    assert letter.why == "procédure, § 2 : 10 jours ouvrés à compter du 23 novembre 2026"


def test_what_was_missed_comes_first_and_is_to_be_done() -> None:
    told = Rehearsal().until(date(2027, 1, 26))
    items = owed_next(told.view, FR)
    assert (items[0].what, items[0].late) == ("réponse écrite", True)
    assert told.view["next_steps"][0] == "Échéance manquée : réponse écrite, due le 2027-01-23."
    english = dossier_view(told.dossier, Language.EN)["next_steps"]
    assert english[0] == "Deadline missed: written answer, due on 2027-01-23."
    assert "EN RETARD" in shown(told)


def test_a_classification_is_told_in_the_story() -> None:
    told = Rehearsal()
    told.hear("complaint_classified", cause="delay", root_cause="Un seul gestionnaire", redress={"amount": "1200.5"})
    assert "Classement pour le registre : delay · Un seul gestionnaire · 1 200,50 €" in " ".join(shown(told).split())


def test_every_reason_for_attention_becomes_something_to_do() -> None:
    told = Rehearsal(complaint(complainant={"name": "Anne Martin"}, insurer=None))
    told.dossier.refuse("foo", "Message non compris", told.now)
    assert told.view["attention"] == ["letter_failed", "event_refused"]
    steps = told.view["next_steps"]
    assert "details_given" in steps[0]
    assert "note_added" in steps[1]
    assert "À faire" in shown(told)


def test_results_known_and_a_letter_for_the_post_are_work_for_a_person() -> None:
    by_post = {"name": "Anne Martin", "postal_address": "1 rue X\n10200 Bar-sur-Aube"}
    told = Rehearsal(complaint(complainant=by_post))
    told.hear("results_known", decision="rejected", reasons="Non garanti.")
    assert told.view["next_steps"] == [
        "Postez REC-2026-TEST/1/acknowledgement/1 aujourd'hui et confirmez (delivery_reported, posted).",
        "Libérez la lettre de résolution avant le 2026-11-30 (response_given).",
    ]


def test_refusals_stand_with_their_reasons() -> None:
    told = Rehearsal()
    told.hear("mediation_ended", outcome="settled")
    text = shown(told)
    assert "Fin de la médiation : Aucune médiation n'est en cours" in text
    assert "Fin de la médiation — refusé" in text


def test_that_staff_were_told_is_told_only_on_demand() -> None:
    told = Rehearsal()
    assert "Le cabinet est prévenu" not in shown(told)
    assert "Le cabinet est prévenu" in shown(told, everything=True)


def test_a_whole_life_reads_as_a_story_in_both_languages() -> None:
    told = Rehearsal().until(date(2026, 12, 8))
    told.hear("response_given", decision="rejected", reasons="Non garanti.", by="m.delaunoy")
    told.hear("customer_rejects", reasons="Je conteste.")
    told.hear("partner_answered", party="insurer", answer="La garantie est acquise.")
    told.until(date(2026, 12, 15)).hear("mediator_seized", addressed_to="broker", notified_on="2026-12-14")
    told.until(date(2026, 12, 20)).hear("mediation_ended", outcome="opinion")
    french, english = shown(told), shown(told, Language.EN)
    for said in (
        "Réponse donnée : rejetée · Non garanti. (par m.delaunoy)",
        "Le client conteste la réponse : Je conteste.",
        "Réponse de l'autre Partie : la compagnie · La garantie est acquise.",
        "Le médiateur est saisi : lun. 14 déc. 2026 · le courtier",
        "Fin de la médiation : avis rendu",
        "clos (avis du médiateur)",
        "Rien n'est dû.",
    ):
        assert said in french
    for said in ("Answer given: rejected", "The mediation ended: opinion given", "Nothing is owed."):
        assert said in english


def test_an_event_recorded_in_error_stays_in_the_story_as_void() -> None:
    told = Rehearsal()
    entry = told.hear("summons_served", addressed_to="broker")
    told.hear("recorded_in_error", event_id=entry.id, reason="Autre dossier")
    text = shown(told)
    assert "Assignation en justice : le courtier — annulé : Enregistré par erreur" in text


@pytest.mark.parametrize("language", Language)
def test_what_customers_type_is_shown_literally(language: Language) -> None:
    hostile = {"name": HOSTILE, "email": "a@example.org"}
    told = Rehearsal(complaint(complainant=hostile, summary=HOSTILE, source="lawyer"))
    told.hear("note_added", text=HOSTILE, by=HOSTILE)
    told.hear("response_given", decision="rejected", reasons=HOSTILE)
    told.hear("partner_answered", party="insurer", answer=HOSTILE)
    text = shown(told, language, everything=True)
    assert text.count("Anne [bold red]Martin[/] [link=file:///etc/passwd]x[/link] [/] [@click=app.quit]") >= 5
    assert ":warning:" in text
    assert "\x1b[2J" not in text
    assert "\x1b]" not in text
    assert "\x07" not in text


def test_an_anonymous_complaint_and_one_by_phone() -> None:
    anonymous = shown(Rehearsal(complaint(complainant={"anonymous": True}, source="signalconso")))
    assert "anonyme" in anonymous
    assert "SignalConso" in anonymous
    assert "pas encore par écrit" in shown(Rehearsal(complaint(channel="phone", sent_on=None)))


def test_a_complaint_that_the_insurer_handles_sends_nothing_by_itself() -> None:
    told = Rehearsal(complaint(source="lawyer", received_by="insurer"))
    items = owed_next(told.view, FR)
    assert {item.by_itself for item in items} == {"rien d'automatique"}
    assert "sans objet (traité par la compagnie)" in shown(told)


# Many complaints --------------------------------------------------------------------------------------------

NOW = paris(MONDAY)


def listed(reference: str, deadline: datetime | None = None, *, overdue: bool = False, refused: int = 0) -> Listed:
    return Listed(
        reference=reference, open=True, level="1", stage="investigating", contact="c-001", handling_party="broker",
        insurer=None, next_deadline=deadline, overdue=overdue, needs_attention=overdue, refused=refused,
    )  # fmt: skip


TODAY = listed("REC-TODAY", NOW + timedelta(hours=6))
FRIDAY = listed("REC-FRIDAY", paris(date(2026, 11, 27), 16))
LATE = listed("REC-LATE", paris(date(2027, 1, 4), 16), overdue=True, refused=2)
UNTOUCHED = listed("REC-UNTOUCHED", NOW - timedelta(days=1))
FAR = listed("REC-FAR", paris(date(2027, 1, 4), 16))
NEVER = listed("REC-NEVER")


def test_lists_are_sorted_by_what_is_due_next() -> None:
    found = by_deadline([NEVER, FAR, FRIDAY, LATE, TODAY, UNTOUCHED])
    assert [each.reference for each in found] == [
        "REC-LATE", "REC-UNTOUCHED", "REC-TODAY", "REC-FRIDAY", "REC-FAR", "REC-NEVER",
    ]  # fmt: skip


def test_a_list_says_what_to_look_at() -> None:
    text = printed(render_listing([LATE, FAR], Language.FR))
    assert "en retard, demande attention, refus : 2" in text
    assert "lun. 4 janv. 2027 à 16:00" in text
    assert printed(render_listing([], Language.EN)).strip() == "No complaint."


def test_a_list_is_json_in_paris_time() -> None:
    view = listed_view(listed("R", datetime(2026, 12, 7, 15, 3, tzinfo=UTC)))
    assert view["next_deadline"] == "2026-12-07T16:03:00+01:00"
    assert listed_view(NEVER)["next_deadline"] is None


def test_the_agenda_holds_what_is_overdue_and_the_days_asked_for() -> None:
    every = [NEVER, FAR, FRIDAY, LATE, TODAY, UNTOUCHED]
    assert [each.reference for each in within(every, 4, NOW)] == [
        "REC-LATE", "REC-UNTOUCHED", "REC-TODAY", "REC-FRIDAY",
    ]  # fmt: skip
    assert FRIDAY not in within(every, 3, NOW)
    assert within(every, 0, NOW)[-1] is TODAY


def test_the_agenda_is_grouped_by_day() -> None:
    found = within([FRIDAY, LATE, TODAY, UNTOUCHED], 7, NOW)
    lines = [line.strip() for line in printed(render_agenda(found, 7, NOW, Language.FR)).splitlines() if line.strip()]
    headings = [line for line in lines if "REC-" not in line]
    assert headings == ["En retard", "Aujourd'hui, lun. 23 nov. 2026", "ven. 27 nov. 2026"]
    assert "suite : lun. 4 janv. 2027" in lines[1]
    assert "depuis le dim. 22 nov. 2026" in lines[2]
    assert "16:00  REC-TODAY" in lines[4]
    empty = printed(render_agenda([], 7, NOW, Language.EN)).strip()
    assert empty == "Nothing comes due within 7 days."
