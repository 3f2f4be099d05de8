"""The letters: each holds what the procedure promises, reads as one letter, and no name can write into it."""

import re
import shutil
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import UndefinedError

from activities.firm.load import load_firm
from activities.notify.clean import LONGEST_LINE, one_line, several_lines
from activities.notify.letters import TEMPLATES, ComposedLetter, compose
from activities.notify.lint import LetterIncomplete
from activities.notify.wording import full_date, money, town
from workflows.procedure.calendar import Deadline, Unit
from workflows.procedure.events import Offer
from workflows.procedure.orders import Contact, LetterFacts, LetterOrder, Recipient
from workflows.procedure.vocabulary import Channel, ClockName, Decision, Language, LetterKind, Party

FIRM = load_firm(Path(__file__).parents[2] / "deploy/firm/123-courtage.toml")
ON = date(2026, 12, 7)
CONTACT = Contact(id="c-001", name="Hélène Sauvageot", phone="01 99 00 12 01", email="helene@courtage.example")
SALUTATIONS = {Language.FR: "Madame, Monsieur,\n", Language.EN: "Dear Sir or Madam,\n"}
HOSTILE = (
    "<script>alert(1)</script>",
    'x" onload="alert(1)',
    "Anne\u202enitraM\u202c\u2066",
    "Anne\r\nBcc: everyone@example.org\r\n\r\nBody",
    "{{ 7 * 7 }}{% raw %}",
    "A" * 500,
    "\ud800\x00\x1b[31mAnne\u2028Martin",
    "é̂" * 300,
)


def facts(**changed: Any) -> LetterFacts:
    stated = {
        "reference": "REC-2026-7F3K9Q",
        "received_on": date(2026, 11, 20),
        "channel": Channel.EMAIL,
        "consumer": True,
        "handling_party": Party.BROKER,
        "insurer": "assureur-exemple",
        "policy_number": "AUTO-2024-118",
        "expected_on": date(2027, 2, 1),
        "situation": "Nous attendons le rapport de l'expert.",
        "decision": Decision.PARTLY_UPHELD,
        "reasons": "La vétusté a été surestimée.\n\n- premier point\n- second point",
        "offer": Offer(amount=Decimal("1250"), terms="Versement sous quinze jours."),
        "answered_on": date(2026, 12, 1),
        "two_months_on": date(2027, 1, 18),
        "mediation_opens_on": date(2027, 1, 18),
        "mediation_closes_on": date(2027, 11, 18),
        "withdrawn_on": date(2026, 12, 4),
    }
    return LetterFacts.model_validate(stated | changed)


def order(
    kind: LetterKind,
    *also: LetterKind,
    language: Language = Language.FR,
    name: str = "Anne Martin",
    contact: Contact = CONTACT,
    **changed: Any,
) -> LetterOrder:
    stated = facts(**changed)
    return LetterOrder(
        letter_id=f"{stated.reference}/1/{kind}/1",
        kind=kind,
        sections=(kind, *also),
        serves=(),
        due_on=ON,
        channel=Channel.EMAIL,
        recipient=Recipient(name=name, language=language, email="anne.martin@example.org"),
        contact=contact,
        facts=stated,
    )


def plain(text: str) -> str:
    """The words of a letter, wherever its lines break."""
    return " ".join(text.split())


def written(*args: Any, on: date = ON, **kwargs: Any) -> str:
    return plain(compose(order(*args, **kwargs), FIRM, on).text)


class Tags(HTMLParser):
    """Collects the elements of a page and their attributes, as a browser would."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, attrs))


# Every letter


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", LetterKind)
def test_every_letter_says_who_what_when_and_where_to_turn(kind: LetterKind, language: Language) -> None:
    letter = compose(order(kind, language=language), FIRM, ON)
    text = plain(letter.text)
    for said in (
        "REC-2026-7F3K9Q",
        plain(full_date(date(2026, 11, 20), language)),
        plain(full_date(ON, language)),
        CONTACT.name,
        CONTACT.phone,
        CONTACT.email,
        "La Médiation de l'Assurance TSA 50110 75441 Paris Cedex 09",
        FIRM.signature_role[language],
        FIRM.phone,
    ):
        assert said in text
    assert letter.text.count(SALUTATIONS[language]) == 1
    assert "REC-2026-7F3K9Q" in letter.subject
    assert "Anne Martin" not in letter.subject
    assert re.fullmatch(rf"{kind}@{language}/[0-9a-f]{{8}}", letter.template)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", LetterKind)
def test_a_letter_leaves_no_trace_of_its_making(kind: LetterKind, language: Language) -> None:
    letter = compose(order(kind, language=language, mediator_seized_on=ON), FIRM, ON)
    for form in (letter.text, letter.html.partition("<body")[2]):
        assert not re.search(r"None|\{\{|\{%|# |\| |  +[,.;]", form)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", LetterKind)
def test_no_mediation_is_promised_to_a_professional(kind: LetterKind, language: Language) -> None:
    text = written(kind, language=language, consumer=False)
    assert plain(FIRM.no_mediation[language]) in text
    assert FIRM.mediator.name not in text


def test_dates_and_amounts_are_written_as_in_french() -> None:
    # No line ends between a day and its month.
    assert full_date(date(2026, 12, 7), Language.FR) == "lundi 7\N{NO-BREAK SPACE}décembre 2026"
    assert full_date(date(2026, 12, 1), Language.FR) == "mardi 1er\N{NO-BREAK SPACE}décembre 2026"
    assert full_date(date(2026, 12, 1), Language.EN) == "Tuesday 1\N{NO-BREAK SPACE}December 2026"
    assert plain(money(Decimal("1250.5"), "EUR", Language.FR)) == "1 250,50 €"
    assert money(Decimal("1250.5"), "EUR", Language.EN) == "€1,250.50"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("2 rue X\n10200 Bar-sur-Aube\nFrance", "Bar-sur-Aube"),
        ("TSA 50110\n75441 Paris Cedex 09", "Paris"),
        ("1 High Street\nLondon", ""),
    ],
)
def test_a_letter_is_dated_from_the_town_of_the_firm(address: str, expected: str) -> None:
    assert town(address) == expected


# What each kind must hold


REQUIRED = [
    *((kind, "reference", {"reference": " "}) for kind in LetterKind),
    *((kind, "expected_on", {"expected_on": None}) for kind in ("holding", "status", "progress", "two_months")),
    ("resolution", "decision", {"decision": None}),
    ("resolution", "reasons", {"reasons": None}),
    ("resolution", "reasons", {"reasons": "\u202e \n"}),
    ("resolution", "offer", {"offer": Offer(amount=Decimal(1), terms="\u200b")}),
]


@pytest.mark.parametrize(("kind", "missing", "change"), REQUIRED)
def test_a_letter_without_a_compulsory_field_is_not_written(
    kind: LetterKind, missing: str, change: dict[str, Any]
) -> None:
    with pytest.raises(LetterIncomplete) as incomplete:
        compose(order(LetterKind(kind), **change), FIRM, ON)
    assert incomplete.value.missing == [missing]


@pytest.mark.parametrize(
    ("change", "missing"),
    [({"name": " "}, "contact.name"), ({"phone": "", "email": ""}, "contact.reach")],
)
@pytest.mark.parametrize("kind", LetterKind)
def test_no_letter_leaves_without_a_person_who_can_be_reached(
    kind: LetterKind, change: dict[str, str], missing: str
) -> None:
    with pytest.raises(LetterIncomplete) as incomplete:
        compose(order(kind, contact=CONTACT.model_copy(update=change)), FIRM, ON)
    assert incomplete.value.missing == [missing]


def test_a_contact_reached_by_phone_alone_will_do() -> None:
    assert "Courriel" not in written(LetterKind.HOLDING, contact=CONTACT.model_copy(update={"email": ""}))


@pytest.mark.parametrize(
    ("part", "removed", "kind", "missing"),
    [
        ("fr/parts.j2", r"\| Téléphone : \{\{ contact.phone \}\}", "holding", "contact.reach"),
        ("fr/parts.j2", r"\{\{ mediator.postal_address \| lines \}\}", "exhausted", "mediation"),
        ("fr/parts.j2", r"Nos références : \{\{ facts.reference \}\}", None, None),
        ("fr/holding.j2", r"\{\{ facts.expected_on \| day \}\}", "holding", "expected_on"),
        ("fr/status.j2", r"\{\{ where_it_stands \}\}", "status", "situation"),
        ("fr/parts.j2", r"\{\{ situation \| prose \}\}", "progress", "situation"),
        ("fr/resolution.j2", r"\{\{ outcome \}\}", "resolution", "decision"),
        ("fr/resolution.j2", r"\{\{ facts.reasons \| prose \}\}", "resolution", "reasons"),
        ("fr/resolution.j2", r"\{\{ firm.help_offered\[language\] \| prose \}\}", "resolution", "help"),
        ("fr/resolution.j2", r"\{\{ offer \}\}", "resolution", "offer"),
        ("fr/parts.j2", r"\{\{ facts.offer.terms \| prose \}\}", "resolution", "offer"),
        ("frame.html.j2", r"\{\{ set\(in_charge\) \}\}", "holding", "contact.reach"),
        ("frame.txt.j2", r"\{\{ set\(mediation\) \}\}", "holding", "mediation"),
    ],
)
def test_a_template_that_drops_a_compulsory_field_is_caught(
    tmp_path: Path, part: str, removed: str, kind: str | None, missing: str | None
) -> None:
    templates = Path(shutil.copytree(TEMPLATES, tmp_path / "letters"))
    edited, times = re.subn(removed, "", (templates / part).read_text())
    assert times == 1
    (templates / part).write_text(edited)
    if kind is None:  # said elsewhere too: nothing is lost
        assert compose(order(LetterKind.HOLDING), FIRM, ON, templates).text
        return
    with pytest.raises(LetterIncomplete) as incomplete:
        compose(order(LetterKind(kind)), FIRM, ON, templates)
    assert incomplete.value.missing == [missing]


def test_a_template_that_misspells_a_fact_is_an_error_and_another_version(tmp_path: Path) -> None:
    templates = Path(shutil.copytree(TEMPLATES, tmp_path / "letters"))
    before = compose(order(LetterKind.HOLDING), FIRM, ON, templates).template
    assert before == compose(order(LetterKind.HOLDING), FIRM, ON).template
    with (templates / "fr/holding.j2").open("a") as file:
        file.write("\nUn mot de plus.\n")
    assert compose(order(LetterKind.HOLDING), FIRM, ON, templates).template != before
    with (templates / "fr/holding.j2").open("a") as file:
        file.write("\n{{ facts.expected_onn }}\n")
    with pytest.raises(UndefinedError):
        compose(order(LetterKind.HOLDING), FIRM, ON, templates)


# What the procedure promises, letter by letter


def test_the_acknowledgement_says_what_comes_next_and_asks_for_what_is_missing() -> None:
    text = written(LetterKind.ACKNOWLEDGEMENT, missing=("policy_number", "insurer"), policy_number=None)
    for said in (
        "dix jours ouvrés",
        "quarante jours ouvrés",
        "au plus tard le lundi 18 janvier 2027",
        "Hélène Sauvageot est en charge de votre dossier",
        "- le numéro de votre contrat d'assurance (numéro de police) ;",
        "- le nom de la compagnie qui vous assure.",
    ):
        assert said in text
    assert "merci de nous communiquer" not in written(LetterKind.ACKNOWLEDGEMENT)


def test_the_resolution_letter_gives_outcome_reasons_offer_and_help() -> None:
    text = written(LetterKind.RESOLUTION)
    for said in (
        "une suite favorable à une partie de votre réclamation",
        "La vétusté a été surestimée.",
        "– premier point",
        "par Assureur Exemple : 1 250,00 €",
        "Versement sous quinze jours.",
        plain(FIRM.help_offered[Language.FR]),
    ):
        assert said in text
    assert "offre" not in written(LetterKind.RESOLUTION, offer=None, decision=Decision.REJECTED)
    assert "0,00" not in written(LetterKind.RESOLUTION, offer=Offer(amount=Decimal(0), terms="Réexamen."))


def test_a_reference_or_an_address_is_never_broken_and_the_words_around_it_stay() -> None:
    reasons = "Écrivez à a.b@example.org, ou voyez https://example.org/a-b (dossier REC-2026-7F3K9Q) : 12 500 €."
    html = compose(order(LetterKind.RESOLUTION, reasons=reasons), FIRM, ON).html
    for whole in ("a.b@example.org", "https://example.org/a-b", "REC-2026-7F3K9Q"):
        assert f'<span class="whole">{whole}</span>' in html
    assert "12\N{NO-BREAK SPACE}500\N{NO-BREAK SPACE}€" in html


def test_time_limits_are_those_of_the_firm() -> None:
    own = {
        ClockName.HOLDING_LETTER: Deadline(amount=1, unit=Unit.WEEKS),
        ClockName.STATUS_LETTER: Deadline(amount=45, unit=Unit.JOURS_OUVRES),
        ClockName.RESOLUTION_LETTER: Deadline(amount=1, unit=Unit.JOURS_OUVRES),
        ClockName.ACKNOWLEDGEMENT: Deadline(amount=8, unit=Unit.JOURS_OUVRABLES),
        ClockName.FINAL_ANSWER: Deadline(amount=1, unit=Unit.MONTHS),
    }
    firm = FIRM.model_copy(
        update={
            "deadlines": FIRM.deadlines | own,
            "mediation_opens": Deadline(amount=1, unit=Unit.MONTHS),
        }
    )

    def said(kind: LetterKind, language: Language) -> str:
        return plain(compose(order(kind, language=language), firm, ON).text)

    french = said(LetterKind.ACKNOWLEDGEMENT, Language.FR)
    for limit in ("sous une semaine à compter", "au bout de 45 jours ouvrés", "sous un jour ouvré", "sous un mois"):
        assert limit in french
    english = said(LetterKind.ACKNOWLEDGEMENT, Language.EN)
    for limit in ("within one week of", "after 45 business days", "within one business day of", "within one month of"):
        assert limit in english
    invitation = said(LetterKind.WRITTEN_INVITATION, Language.FR)
    assert "sous huit jours ouvrables, une réponse sous un mois et, un mois après l'envoi," in invitation
    for kind in LetterKind:
        for language in Language:
            assert not re.search(r"deux mois|two months", said(kind, language))


def test_without_a_situation_the_firms_own_sentence_stands() -> None:
    assert plain(FIRM.default_situation[Language.FR]) in written(LetterKind.STATUS, situation=None)
    assert plain(FIRM.default_situation[Language.FR]) not in written(LetterKind.HOLDING, situation=None)


def test_at_two_months_the_mediator_is_open_not_before_and_not_twice() -> None:
    assert "gratuitement dès maintenant" in written(LetterKind.TWO_MONTHS, on=date(2027, 1, 18))
    early = written(LetterKind.TWO_MONTHS, on=date(2027, 1, 15))
    assert "gratuitement à compter du lundi 18 janvier 2027" in early
    assert "dès maintenant" not in early
    seized = written(LetterKind.TWO_MONTHS, mediator_seized_on=date(2027, 1, 20), on=date(2027, 1, 21))
    assert "saisir La Médiation" not in seized
    assert "mercredi 20 janvier 2027" in seized


def test_a_year_after_the_complaint_the_mediator_is_named_with_the_end_of_the_right() -> None:
    text = written(LetterKind.EXHAUSTED, on=date(2027, 12, 1))
    assert "a pris fin le jeudi 18 novembre 2027" in text
    assert "TSA 50110" in text


def test_a_transfer_names_the_insurer_when_it_is_known() -> None:
    assert "traitée par Assureur Exemple" in written(LetterKind.TRANSFER, handling_party=Party.INSURER)
    unknown = written(LetterKind.TRANSFER, handling_party=Party.INSURER, insurer="inconnue")
    assert "traitée par votre compagnie d'assurance" in unknown
    assert "inconnue" not in unknown


def test_the_invitation_to_write_says_how_and_what() -> None:
    text = written(LetterKind.WRITTEN_INVITATION, channel=Channel.PHONE, mediation_opens_on=None)
    for said in (
        FIRM.email,
        "2 rue Nicolas Bourbon",
        "numéro de police",
        "récapitulatif",
        "démarches déjà entreprises",
    ):
        assert said in text


def test_a_representative_is_written_to_on_behalf_of_the_complainant() -> None:
    agent = Recipient(
        name="Claire Petit",
        organisation="Cabinet Petit",
        language=Language.FR,
        email="c.petit@example.org",
        on_behalf_of="Anne Martin",
        their_reference="2026/44",
    )
    letter = compose(order(LetterKind.STATUS).model_copy(update={"recipient": agent}), FIRM, ON)
    text = plain(letter.text)
    assert "Cabinet Petit Claire Petit c.petit@example.org" in text
    assert "Vos références : 2026/44" in text
    assert "la réclamation de votre mandant, Anne Martin" in text


def test_letters_owed_together_read_as_one() -> None:
    letter = compose(
        order(LetterKind.STATUS, LetterKind.TWO_MONTHS, LetterKind.CONTACT_CHANGE), FIRM, date(2027, 1, 18)
    )
    text = plain(letter.text)
    for once in (
        "Madame, Monsieur, Nous avons reçu",
        "Objet : Point de situation",
        "TSA 50110",
        "Nous attendons le rapport de l'expert.",
        "au plus tard le lundi 1er février 2027",
        "Nous vous informons par ailleurs que votre dossier est désormais suivi par Hélène Sauvageot.",
        "deux mois à compter de l'envoi de votre réclamation",
    ):
        assert text.count(once) == 1
    assert text.index("Voici où en est") < text.index("Vous étiez en droit") < text.index("par ailleurs")


@pytest.mark.parametrize("first", LetterKind)
@pytest.mark.parametrize("second", LetterKind)
@pytest.mark.parametrize("language", Language)
def test_any_two_letters_can_be_one(first: LetterKind, second: LetterKind, language: Language) -> None:
    text = plain(compose(order(first, second, language=language), FIRM, ON).text)
    assert text.count("TSA 50110") == 1
    assert text.count(plain(SALUTATIONS[language])) == (2 if language is Language.FR else 1)  # and the closing


# What people type


def check_harmless(letter: ComposedLetter) -> None:
    expected = {tag for tag, _ in Tags(compose(order(LetterKind.RESOLUTION), FIRM, ON).html).found}
    for tag, attributes in Tags(letter.html).found:
        assert tag in expected
        assert not [name for name, _ in attributes if name.startswith("on")]
    for form in (letter.html, letter.text, letter.subject):
        assert not re.search(
            r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]", form
        )
    assert "\n" not in letter.subject


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_words_are_harmless_wherever_they_stand(hostile: str) -> None:
    recipient = Recipient.model_construct(
        name=hostile,
        language=Language.FR,
        email="anne@example.org",
        postal_address=hostile,
        organisation=hostile,
        on_behalf_of=hostile,
        their_reference=hostile,
    )
    stated = facts().model_copy(update={"policy_number": hostile, "reasons": hostile, "reference": hostile})
    base = order(LetterKind.RESOLUTION)
    letter = compose(base.model_copy(update={"recipient": recipient, "facts": stated}), FIRM, ON)
    check_harmless(letter)
    assert "49" not in letter.text  # no template in a value is ever carried out


@given(st.text(min_size=1, max_size=400))
@settings(max_examples=60)
def test_no_name_writes_into_a_letter(name: str) -> None:
    check_harmless(compose(order(LetterKind.RESOLUTION, name=name, reasons=f"x {name}"), FIRM, ON))


@given(st.text(max_size=600))
def test_a_cleaned_line_is_one_line_and_stays_as_it_is(text: str) -> None:
    line = one_line(text)
    assert len(line) <= LONGEST_LINE
    assert line.splitlines() in ([line], [])
    assert one_line(line) == line


def test_reasons_keep_their_paragraphs_and_are_never_cut() -> None:
    assert several_lines("un\r\ndeux\n\n\n\ntrois\x00\u202e") == "un\ndeux\n\ntrois"
    assert len(several_lines("mot " * 5000)) == 19_999


def test_a_name_of_many_words_does_not_bury_the_letter() -> None:
    text = compose(order(LetterKind.HOLDING, name="Anne " * 200), FIRM, ON).text
    assert max(len(line) for line in text.splitlines()) <= 38 + LONGEST_LINE
