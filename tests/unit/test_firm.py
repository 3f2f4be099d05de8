"""The firm's file: the shipped one states what the procedure states; a broken one is refused by its place."""

import logging
import os
import re
from datetime import date, time
from pathlib import Path

import pytest

from activities.firm.load import FirmFile, FirmFileError, load_firm
from activities.firm.schema import SOURCES_OF_THE_CONTRACT, Firm
from activities.pin import ProcedurePinner
from workflows.procedure.calendar import Deadline, Unit
from workflows.procedure.pinned import Procedure
from workflows.procedure.vocabulary import ClockName, Language, LetterKind, Level, Party

SHIPPED = Path(__file__).parents[2] / "deploy" / "firm" / "123-courtage.toml"
STATED = SHIPPED.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def firm() -> Firm:
    return load_firm(SHIPPED)


@pytest.fixture(scope="module")
def procedure(firm: Firm) -> Procedure:
    return ProcedurePinner(lambda: firm).pin(date(2026, 11, 20), date(2026, 11, 20))


# What the procedure publishes


def test_the_three_ways_to_complain(firm: Firm) -> None:
    assert firm.phone == "01 57 96 90 60"
    assert firm.email == "service_client@123courtage.com"
    assert firm.complaints_service == "Service Réclamation"
    assert firm.postal_address.splitlines() == [
        "Service Réclamation",
        "123 Courtage",
        "2 rue Nicolas Bourbon",
        "10200 Bar-sur-Aube",
        "France",
    ]
    assert (firm.name, firm.legal_name) == ("123 Courtage", "123 Courtage SARL")


@pytest.mark.parametrize(
    ("clock", "amount", "unit"),
    [
        (ClockName.HOLDING_LETTER, 10, Unit.JOURS_OUVRES),  # § 2: dix jours ouvrés
        (ClockName.STATUS_LETTER, 40, Unit.JOURS_OUVRES),  # § 4: 40 jours ouvrés
        (ClockName.RESOLUTION_LETTER, 5, Unit.JOURS_OUVRES),  # § 5: cinq jours ouvrés
        (ClockName.ACKNOWLEDGEMENT, 10, Unit.JOURS_OUVRABLES),
        (ClockName.FINAL_ANSWER, 2, Unit.MONTHS),
        (ClockName.MEDIATION_WINDOW, 1, Unit.YEARS),
        (ClockName.PARTNER_HELP, 10, Unit.JOURS_OUVRES),
        (ClockName.MEDIATOR_REPLY, 5, Unit.WEEKS),
        (ClockName.COURT_APPEARANCE, 15, Unit.DAYS),
    ],
)
def test_the_deadlines(firm: Firm, clock: ClockName, amount: int, unit: Unit) -> None:
    assert firm.deadlines[clock] == Deadline(amount=amount, unit=unit)


def test_the_mediator_and_when_the_right_to_him_opens(firm: Firm) -> None:
    assert firm.mediator.name == "La Médiation de l'Assurance"
    assert firm.mediator.postal_address.splitlines()[1:] == ["TSA 50110", "75441 Paris Cedex 09"]
    assert firm.mediator.website == "https://www.mediation-assurance.org"
    assert firm.mediator.online_form == "https://formulaire.mediation-assurance.org"
    assert firm.mediation_opens == Deadline(amount=2, unit=Unit.MONTHS)


def test_a_date_announced_by_default_on_day_10_is_day_40(firm: Firm) -> None:
    first = firm.deadlines[ClockName.HOLDING_LETTER].amount
    assert first + firm.default_dates[LetterKind.HOLDING].amount == 40
    assert firm.default_dates[LetterKind.STATUS] == Deadline(amount=20, unit=Unit.JOURS_OUVRES)


def test_letters_leave_in_the_afternoon_and_post_in_the_morning(firm: Firm) -> None:
    assert (firm.letters_leave_at, firm.letters_spread_minutes) == (time(16), 30)
    assert firm.post_ready_at == time(9)


@pytest.mark.parametrize(
    ("level", "received_by", "handler", "helper"),
    [
        (Level.ONE, Party.BROKER, Party.BROKER, None),
        (Level.ONE, Party.INSURER, Party.BROKER, None),
        (Level.TWO_A, Party.BROKER, Party.BROKER, Party.INSURER),
        (Level.TWO_B, Party.BROKER, Party.BROKER, Party.INSURER),
        (Level.TWO_B, Party.INSURER, Party.INSURER, Party.BROKER),
        (Level.THREE, Party.INSURER, Party.INSURER, Party.BROKER),
        (Level.FOUR, Party.INSURER, Party.INSURER, None),
    ],
)
def test_the_table_of_levels(
    firm: Firm, level: Level, received_by: Party, handler: Party, helper: Party | None
) -> None:
    rule = firm.levels[level]
    assert rule.handler(received_by) is handler
    assert rule.helper(handler) is helper


@pytest.mark.parametrize(
    ("said", "source_id", "level"),
    [
        # as the procedure lists them at level 2b
        ("avocat", "lawyer", "2b"),
        ("assurance de protection juridique", "legal_protection_insurer", "2b"),
        ("Fédération Française de l’Assurance", "france_assureurs", "2b"),
        ("FFA", "france_assureurs", "2b"),
        ("Défenseur des droits", "defenseur_des_droits", "2b"),
        ("HALDE", "defenseur_des_droits", "2b"),
        ("DGCCRF", "dgccrf", "2b"),
        ("DIRECCTE", "dreets", "2b"),
        ("ACPR", "acpr", "2b"),
        ("Plateforme européenne de règlement en ligne des litiges de consommation", "eu_odr", "2b"),
        ("journaliste", "journalist", "2b"),
        ("animateur d’émission", "journalist", "2b"),
        ("plateforme SignalConso", "signalconso", "2b"),
        ("plateforme de règlement des litiges en ligne", "eu_odr", "2b"),
        ("https://ec.europa.eu/consumers/odr", "eu_odr", "2b"),
        ("La Médiation de l’Assurance", "mediator", "3"),
        ("Assignation en justice", "court", "4"),
        ("customer", "customer", "1"),
        # as people type them
        ("Halde", "defenseur_des_droits", "2b"),
        ("ffa", "france_assureurs", "2b"),
        ("Direccte", "dreets", "2b"),
        ("federation francaise de l'assurance", "france_assureurs", "2b"),
    ],
)
def test_a_source_is_found_by_any_of_its_names(procedure: Procedure, said: str, source_id: str, level: str) -> None:
    assert procedure.source_id(said) == source_id
    assert procedure.sources[source_id].level == level


def test_every_name_in_the_file_is_found(firm: Firm, procedure: Procedure) -> None:
    for source_id, source in firm.sources.items():
        assert {procedure.source_id(name) for name in (source_id, *source.names)} == {source_id}
    assert procedure.source_id("Ministère") is None


def test_old_names_carry_their_dates(firm: Firm) -> None:
    until = {alias.name: alias.until for source in firm.sources.values() for alias in source.aliases}
    assert until["HALDE"] == date(2011, 5, 1)
    assert until["DIRECCTE"] == date(2021, 4, 1)
    assert firm.sources["eu_odr"].closed_on == date(2025, 7, 20)


def test_an_authority_is_told_from_a_lawyer(firm: Firm) -> None:
    authorities = {source_id for source_id, source in firm.sources.items() if source.authority}
    assert authorities == {"defenseur_des_droits", "dgccrf", "dreets", "acpr"}


def test_every_source_of_the_contract_is_there(firm: Firm) -> None:
    assert set(SOURCES_OF_THE_CONTRACT) <= set(firm.sources)


def test_people_and_insurers_are_found_by_id(firm: Firm) -> None:
    assert firm.person("c-001") in firm.managers
    assert firm.person("c-999") is None
    insurer = firm.insurer("assureur-exemple")
    assert insurer is not None
    assert insurer.name == "Assureur Exemple"
    assert firm.insurer(None) is firm.insurer("unknown") is None


def test_the_invented_people_write_from_an_invented_domain(firm: Firm) -> None:
    assert all(person.email.endswith("@123courtage.example") for person in firm.people)
    assert all(insurer.email.endswith(".example.org") for insurer in firm.insurers)
    assert any(person.languages[0] is Language.EN for person in firm.people)


# What is refused, and where


def broken(pattern: str, replacement: str) -> str:
    text, changes = re.subn(pattern, replacement, STATED, count=1, flags=re.MULTILINE | re.DOTALL)
    assert changes, f"{pattern!r} is not in the shipped file"
    return text


def refusal(path: Path, text: str) -> FirmFileError:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FirmFileError) as refused:
        load_firm(path)
    assert str(path) in str(refused.value)
    return refused.value


@pytest.mark.parametrize(
    ("pattern", "replacement", "problem"),
    [
        (
            r'^unit = "months"',
            'unit = "moons"',
            "mediation_opens.unit: expected 'jours",
        ),
        (
            r'(holding_letter +=.*?)"jours_ouvres"',
            r'\1"jours"',
            "deadlines.holding_letter.unit: expected 'jours_ouvres', ",
        ),
        (r"(status_letter +=.*?)40", r"\1 0", "deadlines.status_letter.amount: "),
        (r"^final_answer .*?$", "", "deadlines.final_answer: missing"),
        (r"^final_answer ", "finalanswer ", "deadlines.finalanswer: unknown; expected 'acknowledgement', "),
        (
            r"^\[deadlines\]",
            '[deadlines]\npromised_date = { amount = 1, unit = "days" }',
            "deadlines.promised_date: not possible here",
        ),
        (r"^progress .*?$", "", "default_dates.progress: missing"),
        (r"^progress ", "transfer ", "default_dates.transfer: this letter announces no date"),
        (r"^\[levels\.2b\].*?(?=^\[levels\.3\])", "", "levels.2b: missing"),
        (r'(\[levels\.2b\].*?)^help = "asked"', r"\1", "levels.2b.help: missing"),
        (
            r'(\[levels\.4\].*?)"informed"',
            r'\1"maybe"',
            "levels.4.help: expected 'none', 'asked', 'where_needed' or 'informed'",
        ),
        (r"^\[sources\.acpr\]", "[sources.acp_r]", "sources.acpr: missing"),
        (r'"LMA"', '"ffa"', "sources.mediator: the name “ffa” already belongs to france_assureurs"),
        (r'"LMA"', '"Lawyer"', "sources.mediator: the name “Lawyer” already belongs to lawyer"),
        (r'"LMA"', '"…!"', "sources.mediator.aliases.#2.name: expected a name with letters or digits"),
        (r'(\[sources\.customer\]\s+level = )"1"', r'\1"2a"', "sources.customer.level: 2a follows a first"),
        (
            r"since = 2016-07-01 ",
            "since = 2016-07-01, until = 2011-01-01 ",
            "sources.france_assureurs.aliases.#1.until: ends before it begins on 2016-07-01",
        ),
        (r"^delay  ", '"Délai"', "causes.Délai: expected an id of lower-case letters"),
        (r"^delay  ", "unclassified", "causes.unclassified: not possible here"),
        (r', en = "Delay"', "", "causes.delay.en: missing"),
        (r'"c-002"', '"marc-delaunoy"', "people.#2.id: expected an id such as c-014, never a name"),
        (r'"c-002"', '"c-001"', "people.c-001: this id is given twice"),
        (r"marc\.delaunoy@", "", "people.c-002.email: expected an e-mail address"),
        (r'^phone = "01 99 00 12 03"', 'phone = " "', "people.c-003.phone: must not be empty"),
        (
            r"first = 2027-08-02, last = 2027-08-20 }\]\s+\[",
            "first = 2027-08-20, last = 2027-08-02 }]\n[",
            "people.c-003.absences.#1.last: ends before it begins on 2027-08-20",
        ),
        (r'^deputies = \["c-005"\]', 'deputies = ["c-050"]', "people.c-006.deputies: c-050 is not among the people"),
        (r'^deputies = \["c-005"\]', 'deputies = ["c-006"]', "people.c-006.deputies: nobody is their own deputy"),
        (
            r'^deputies = \["c-005"\]',
            'deputies = ["c-005", "c-005"]',
            "people.c-006.deputies: c-005: this id is given twice",
        ),
        (
            r'^deputies = \["c-005"\]',
            'deputies = ["Yves"]',
            "people.c-006.deputies.#1: expected an id such as c-014, never a name",
        ),
        (
            r"^office_hours = .*?$",
            'office_hours = { from = "18:00", to = "09:00" }',
            "office_hours.to: expected a time",
        ),
        (
            r"^office_hours = .*?$",
            'office_hours = { from = 9, to = "18:00" }',
            "office_hours.from: expected a date such",
        ),
        (r"^office_hours = .*?$", 'office_hours = { opens = "09:00" }', "office_hours.opens: unknown field"),
        (r'^team = "Contentieux"', 'hours = { from = "08:00" }', "people.c-005.hours.to: missing"),
        (r"^reassign_after = 3", "reassign_after = 0", "reassign_after: "),
        (r'^languages = \["en", "fr"\]', 'languages = ["de"]', "people.c-004.languages.#1: expected 'fr' or"),
        (r'"mutuelle-du-vallon"', '"Mutuelle du Vallon"', "insurers.#2.id: expected lower-case letters"),
        (r'"mutuelle-du-vallon"', '"assureur-exemple"', "insurers.assureur-exemple: this id is given twice"),
        (
            r'^letters_leave_at = "16:00"',
            'letters_leave_at = "23:30"',
            "letters_spread_minutes: letters that",
        ),
        (r'^letters_leave_at = "16:00"', "letters_leave_at = 16", "letters_leave_at: expected a date such"),
        (r'^post_ready_at = "09:00"', 'post_ready_at = "09:00Z"', "post_ready_at: a time of day is read in"),
        (r"(\[help_offered\].*?)^en =", r"\1it =", "help_offered.it: unknown; expected 'fr' or 'en'"),
        (r"(\[signature_role\].*?)^en = .*?$", r"\1", "signature_role.en: missing"),
        (
            r"^(\[mediator\].*?)^postal_address = .*?Cedex 09",
            r'\1postal_address = """ ',
            "mediator.postal_address: must",
        ),
        (r"https://www\.mediation", "www.mediation", "mediator.website: expected a web address"),
        (r'^version = "2026-11"', 'version = "2026/11"', "version: a slash is not possible here"),
        (r"^whit_monday_worked", "whitmonday_worked", "calendar.whitmonday_worked: unknown field"),
        (
            r'^# subdivision = "57"',
            'subdivision = "67"',
            "calendar.subdivision: “67” is not a part of France",
        ),
        (r"^staff_language", "staff_langauge", "staff_langauge: unknown field"),
        (r"^staff_language", "staff_langauge", "staff_language: missing"),
    ],
)
def test_a_fault_is_named_by_its_place(tmp_path: Path, pattern: str, replacement: str, problem: str) -> None:
    error = refusal(tmp_path / "firm.toml", broken(pattern, replacement))
    assert any(found.startswith(problem) for found in error.problems), error.problems


def test_somebody_must_be_a_manager(tmp_path: Path) -> None:
    error = refusal(tmp_path / "firm.toml", STATED.replace("manager = true", "manager = false"))
    assert error.problems == ("people: nobody of the broker is a manager; expected manager = true for at least one",)


def test_people_of_an_insurer_are_nobody_of_the_broker(tmp_path: Path) -> None:
    error = refusal(tmp_path / "firm.toml", re.sub('^id = "c-', 'party = "insurer"\n\\g<0>', STATED, flags=re.M))
    assert len([problem for problem in error.problems if problem.startswith("people: ")]) == 1 + len(Level)
    assert "people: nobody of the broker handles level 2b" in error.problems
    assert "people.c-005.deputies: c-006 is not of the broker" in error.problems


def test_every_fault_is_listed_at_once(tmp_path: Path) -> None:
    text = STATED.replace('amount = 40, unit = "jours_ouvres"', "amount = 40").replace("[levels.3]", "[levels.9]")
    error = refusal(tmp_path / "firm.toml", text.replace("manager = true", ""))
    assert error.problems == (
        "deadlines.status_letter.unit: missing",
        "levels.9: unknown; expected '1', '2a', '2b', '3' or '4'",
        "people: nobody of the broker is a manager; expected manager = true for at least one",
    )


def test_a_refusal_repeats_no_name(tmp_path: Path) -> None:
    text = broken('"c-002"', '"marc-delaunoy"').replace("marc.delaunoy@123courtage.example", "marc.delaunoy")
    error = refusal(tmp_path / "firm.toml", text)
    assert "delaunoy" not in "\n".join(error.problems)
    assert error.__cause__ is None


def test_what_is_not_toml_is_refused_with_its_line(tmp_path: Path) -> None:
    error = refusal(tmp_path / "firm.toml", 'id = "123-courtage"\nversion = \n')
    assert re.fullmatch(r"it is not TOML: .*\(at line 2, column \d+\)", error.problems[0])


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FirmFileError, match="it cannot be read: No such file"):
        load_firm(tmp_path / "absent.toml")
    (tmp_path / "latin.toml").write_bytes("name = 'Réclamation'".encode("latin-1"))
    with pytest.raises(FirmFileError, match="it is not UTF-8 text"):
        load_firm(tmp_path / "latin.toml")


# Reading it again


def write(path: Path, text: str) -> None:
    """Write as an editor does, and leave no doubt that the file changed, however coarse the disk's clock."""
    before = path.stat().st_mtime_ns if path.exists() else 0
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(before + 10**9, before + 10**9))


def test_an_edit_counts_at_the_next_call(tmp_path: Path) -> None:
    path = tmp_path / "firm.toml"
    write(path, STATED)
    firm = FirmFile(path)
    assert firm() is firm()
    write(path, STATED.replace('version = "2026-11"', 'version = "2026-12"'))
    assert firm().version == "2026-12"
    assert firm.problem is None


def test_a_broken_edit_leaves_the_last_good_state(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "firm.toml"
    write(path, STATED)
    firm = FirmFile(path)
    good = firm()
    write(path, STATED.replace("[levels.3]", "[levels.9]"))
    with caplog.at_level(logging.ERROR):
        assert firm() is firm() is good
        assert firm.problem is not None
        assert "levels.9" in firm.problem
        assert len(caplog.records) == 1  # once for the change, not at every call
        write(path, "nonsense")
        firm()
        assert len(caplog.records) == 2
        path.unlink()
        assert firm() is firm() is good
        assert len(caplog.records) == 3
    write(path, STATED)
    assert firm() == good
    assert firm.problem is None


def test_nothing_starts_on_a_broken_file(tmp_path: Path) -> None:
    path = tmp_path / "firm.toml"
    write(path, "nonsense")
    with pytest.raises(FirmFileError, match=re.escape("firm.toml")):
        FirmFile(path)
