"""Who is in charge, by the rules alone: the same person until the end, and never the one it is about."""

from datetime import timedelta

import pytest

from tests.rehearsal import MONDAY, Rehearsal, complaint, paris
from workflows.procedure.calendar import paris_date
from workflows.procedure.intake import Complaint, InvalidComplaint, read_complaint
from workflows.procedure.records import ContactWish
from workflows.procedure.vocabulary import EntryStatus


def test_a_complaint_about_the_contact_moves_on_at_once_and_the_customer_is_told() -> None:
    story = Rehearsal()
    assert story.contact.id == "c-101"
    story.until(MONDAY + timedelta(days=2)).hear("details_given", complained_about="c-101")
    assert story.contact.id == "c-102"
    assert story.kinds() == ["acknowledgement", "contact_change"]
    types = [entry.type for entry in story.dossier.journal]
    assert types.index("details_given") < len(types) - types[::-1].index("contact_assigned")
    assert any(told.startswith("in_charge/") for told in story.told)
    assert story.worked_out_again() == story.view


def test_a_complaint_about_somebody_else_of_the_firm_moves_nobody() -> None:
    story = Rehearsal()
    story.hear("details_given", complained_about="c-102")
    assert (story.contact.id, story.kinds()) == ("c-101", ["acknowledgement"])


def test_who_it_is_about_cannot_be_put_in_charge_by_name() -> None:
    story = Rehearsal(complaint(complained_about="c-009"))
    refused = story.hear("contact_reassigned", contact="c-009", reason="Retour de congé")
    assert refused.status is EntryStatus.REFUSED
    assert refused.reason == "La réclamation met cette personne en cause : elle ne peut pas en être chargée."
    assert story.hear("contact_reassigned", reason="Congé").status is EntryStatus.ACCEPTED


def test_of_a_closed_complaint_nobody_is_relieved_and_a_reopening_does_not_give_it_back() -> None:
    story = Rehearsal()
    story.hear("withdrawn")
    story.hear("details_given", complained_about="c-101")
    assert (story.case.closed_by, story.case.contact_wish) == ("withdrawn", None)
    story.dossier.hear("source_joined", {"source": "lawyer", "received_by": "broker"}, story.now)
    assert story.case.contact_wish == ContactWish(keep="c-101")
    assert story.case.complained_about == "c-101", "which the directory is told, and gives it to another person"


def test_a_second_round_stays_with_the_same_person_without_asking() -> None:
    story = Rehearsal()
    story.until(MONDAY + timedelta(days=3)).hear("response_given", decision="rejected", reasons="Hors délai")
    story.until(MONDAY + timedelta(days=9)).hear("customer_rejects")
    assert (story.case.round, story.contact.id) == (2, "c-101")
    assert len(story.entries("contact_assigned")) == 1


def test_a_reopened_complaint_asks_for_the_same_person_and_the_customer_need_not_be_told() -> None:
    story = Rehearsal()
    story.hear("withdrawn")
    story.until(MONDAY + timedelta(days=30)).hear("source_joined", source="lawyer", received_by="broker")
    assert (story.contact.id, len(story.entries("contact_assigned"))) == ("c-101", 2)
    assert "contact_change" not in story.kinds()


def test_that_nobody_can_take_it_over_needs_attention_though_somebody_has_it() -> None:
    story = Rehearsal()
    story.nobody_is_there = True
    story.hear("details_given", complained_about="c-101")
    assert (story.contact.id, story.case.attention) == ("c-101", ["no_contact"])
    story.nobody_is_there = False
    story.hear("note_added", text="Le responsable est de retour.")
    assert (story.contact.id, story.case.attention) == ("c-102", [])


def test_while_nobody_is_there_somebody_is_looked_for_each_open_morning_and_the_letter_then_leaves() -> None:
    friday = paris(MONDAY - timedelta(days=3), 15)
    story = Rehearsal(complaint(received_at=friday.isoformat(), sent_on=None), nobody_is_there=True)
    assert (story.kinds(), story.case.attention) == (["acknowledgement"], ["letter_failed", "no_contact"])
    assert story.view["next_deadline"] == paris(MONDAY, 9).isoformat()
    story.until(MONDAY + timedelta(days=1))
    assert [paris_date(each.at) for each in story.entries("contact_missing")] == [
        MONDAY - timedelta(days=3), MONDAY, MONDAY + timedelta(days=1)
    ]  # fmt: skip
    assert sum(told.startswith("no_contact/") for told in story.told) == 1, "managers are told once"
    story.nobody_is_there = False
    story.until(MONDAY + timedelta(days=2))
    assert story.contact.id == "c-101"
    assert story.letters()[-1] == ("acknowledgement", MONDAY + timedelta(days=2))
    assert (story.clock("acknowledgement").state, story.case.attention) == ("kept", [])
    assert story.worked_out_again() == story.view


def test_who_was_asked_for_in_vain_when_nobody_is_in_charge_is_not_waited_for() -> None:
    story = Rehearsal(nobody_is_there=True)
    story.hear("contact_reassigned", contact="c-101", reason="Spécialiste")
    assert story.case.contact_wish is not None
    assert story.case.contact_wish.wanted is None
    story.nobody_is_there = False
    story.until(MONDAY + timedelta(days=1))
    assert story.case.contact is not None


def test_a_closed_complaint_looks_for_somebody_only_while_its_last_letter_waits_for_a_signature() -> None:
    story = Rehearsal(nobody_is_there=True)
    story.hear("withdrawn")
    story.until(MONDAY + timedelta(days=2))
    assert len(story.entries("contact_missing")) == 4, "when it came, when it was withdrawn, and each morning since"
    story.nobody_is_there = False
    story.until(MONDAY + timedelta(days=10))
    assert story.kinds()[-1] == "withdrawal"
    assert story.view["next_deadline"] is None
    anonymous = Rehearsal(complaint(complainant={"anonymous": True}), nobody_is_there=True)
    anonymous.hear("withdrawn")
    assert anonymous.view["next_deadline"] is None, "it has no letter to wait for"


def test_who_it_is_about_is_named_by_an_id_and_never_by_a_name() -> None:
    now = Rehearsal().now
    with pytest.raises(InvalidComplaint) as refused:
        read_complaint([complaint(complained_about="Jeanne Dupont")], "REC-2026-TEST", now)
    assert str(refused.value) == "complained_about: expected an id such as c-014, never a name"
    assert Complaint.model_validate(complaint(complained_about="c-014")).complained_about == "c-014"
    assert Rehearsal().hear("details_given", complained_about="Jeanne").status is EntryStatus.REFUSED
