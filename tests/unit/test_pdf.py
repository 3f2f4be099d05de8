"""The letter on paper: the address in the window whatever it is, the right signs, the same bytes each time."""

import ctypes
import hashlib
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activities.firm.load import load_firm
from activities.notify import pdf
from activities.notify.letters import compose
from activities.notify.pdf import PrintError, Unaddressable
from workflows.procedure.events import Offer
from workflows.procedure.orders import Contact, LetterFacts, LetterOrder, Recipient
from workflows.procedure.vocabulary import Channel, Decision, Language, LetterKind, Party

FIRM = load_firm(Path(__file__).parents[2] / "deploy/firm/123-courtage.toml")
ON = date(2026, 12, 7)
CONTACT = Contact(id="c-001", name="Hélène Sauvageot", phone="01 99 00 12 01", email="helene@courtage.example")
ADDRESS = "Résidence du Sacré-Cœur\n3 bis rue de l'Œillet\n10000 Troyes"
HOSTILE = (
    "A" * 500,
    "mot " * 300,
    "\n".join(f"ligne {n} " + "W" * 60 for n in range(30)),
    '#panic("x") #{1 + 1} $x^2$ \\ *gras* _i_ <b> @ref // rien `#` [x] "\'',
    "<script>alert(1)</script>",
    "Anne\u202enitraM\u202c\u2066",
    "ע" * 120 + "\nالعربية الفصحى " * 9,
    "\ud800\x00\x1b[31mAnne\u2028Martin",
    "é̂" * 300,
    "Ελληνικά Кириллица Việt Nguyễn Łódź हिन्दी",
)


def order(kind: LetterKind = LetterKind.RESOLUTION, language: Language = Language.FR, **changed: Any) -> LetterOrder:
    to: dict[str, Any] = {"name": "Anne Martin", "postal_address": ADDRESS} | {
        name: changed.pop(name) for name in ("name", "postal_address", "organisation") if name in changed
    }
    facts: dict[str, Any] = {
        "reference": "REC-2026-7F3K9Q",
        "received_on": date(2026, 11, 20),
        "channel": Channel.EMAIL,
        "consumer": True,
        "handling_party": Party.BROKER,
        "insurer": "assureur-exemple",
        "expected_on": date(2027, 2, 1),
        "decision": Decision.PARTLY_UPHELD,
        "reasons": "La vétusté a été surestimée : le cœur du litige n'était pas là.",
        "offer": Offer(amount=Decimal("1250"), terms="Versement sous quinze jours."),
        "two_months_on": date(2027, 1, 18),
        "mediation_opens_on": date(2027, 1, 18),
        "mediation_closes_on": date(2027, 11, 18),
    }
    return LetterOrder(
        letter_id=f"REC-2026-7F3K9Q/1/{kind}/1",
        kind=kind,
        sections=(kind,),
        serves=(),
        due_on=ON,
        channel=changed.pop("by", Channel.POST),
        # As it comes from a history: nothing has looked at it since.
        recipient=Recipient.model_construct(
            **({"organisation": None} | to),
            language=language,
            email=None,
            on_behalf_of=None,
            their_reference=None,
        ),
        contact=CONTACT,
        facts=LetterFacts.model_validate(facts | changed),
    )


def letter(*args: Any, **kwargs: Any) -> bytes:
    return compose(order(*args, **kwargs), FIRM, ON).pdf


class Box(NamedTuple):
    """What stands where on a page, in millimetres from its top left."""

    what: str
    left: float
    top: float
    right: float
    bottom: float

    def within(self, left: float, top: float, right: float, bottom: float) -> bool:
        return self.left >= left and self.top >= top and self.right <= right and self.bottom <= bottom

    def touches(self, left: float, top: float, right: float, bottom: float) -> bool:
        return self.left < right and self.right > left and self.top < bottom and self.bottom > top


def box(what: str, page: pypdfium2.PdfPage, points: tuple[float, float, float, float]) -> Box:
    left, bottom, right, top = points
    height, mm = page.get_height(), 25.4 / 72
    return Box(what, left * mm, (height - top) * mm, right * mm, (height - bottom) * mm)


def signs(page: pypdfium2.PdfPage) -> Iterator[Box]:
    text = page.get_textpage()
    for number in range(text.count_chars()):
        sign = text.get_text_range(number, 1)
        if sign.strip("\u200b\ufeff \r\n\xa0"):
            yield box(sign, page, text.get_charbox(number))


def drawn(page: pypdfium2.PdfPage) -> Iterator[Box]:
    for thing in page.get_objects():
        if thing.type != pdfium.FPDF_PAGEOBJ_TEXT:
            yield box(str(thing.type), page, thing.get_bounds())


def words(page: pypdfium2.PdfPage) -> str:
    return " ".join(page.get_textpage().get_text_range().replace("\ufffe", "").split())


def check_the_window(content: bytes) -> list[Box]:
    """Hold the first page against the envelope, and give the signs of the address."""
    page = pypdfium2.PdfDocument(content)[0]
    assert (round(page.get_width() * 25.4 / 72), round(page.get_height() * 25.4 / 72)) == (210, 297)
    shown = [sign for sign in signs(page) if sign.touches(90, 34, 200, 90)]
    assert shown
    for sign in shown:
        assert sign.within(105, 48, 190, 79), sign
    assert not [thing for thing in drawn(page) if thing.touches(90, 34, 200, 90)]
    return shown


def rows(shown: list[Box]) -> int:
    """Count the lines of an address, by the feet of its letters."""
    count, last = 0, -1.0
    for bottom in sorted(sign.bottom for sign in shown if sign.what.isascii() and sign.what.isupper()):
        if bottom > last + 1:
            count += 1
        last = bottom
    return count


# The window


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", LetterKind)
def test_the_address_and_nothing_else_is_in_the_window(kind: LetterKind, language: Language) -> None:
    shown = check_the_window(letter(kind, language))
    said = "".join(sign.what for sign in shown)
    assert said == "AnneMartinRésidenceduSacré-Cœur3bisruedel'Œillet10000Troyes"


@pytest.mark.parametrize(
    ("kind", "hostile"), [(kind, HOSTILE[0]) for kind in LetterKind] + [(LetterKind.HOLDING, text) for text in HOSTILE]
)
def test_no_address_leaves_the_window(kind: LetterKind, hostile: str) -> None:
    shown = check_the_window(letter(kind, name=hostile, organisation=hostile, postal_address=hostile))
    assert rows(shown) <= 6


@given(st.text(min_size=1, max_size=300), st.text(min_size=1, max_size=600))
@settings(max_examples=40)
def test_no_name_typed_leaves_the_window(name: str, address: str) -> None:
    check_the_window(letter(LetterKind.HOLDING, name=f"A {name}", postal_address=address, by=Channel.EMAIL))


def test_an_address_of_eight_lines_is_whole_on_six() -> None:
    lines = ["Escalier C", "Étage 4", "Bâtiment B", "Les Lilas", "3 rue X", "BP 12", "10000 Troyes Cedex"]
    shown = check_the_window(letter(postal_address="\n".join(lines)))
    said = "".join(sign.what for sign in shown)
    assert said == "AnneMartin" + "EscalierC,Étage4,BâtimentB" + "LesLilas3rueXBP1210000TroyesCedex"
    assert rows(shown) == 6


def test_a_long_line_is_made_smaller_before_it_is_cut() -> None:
    company = "Société coopérative agricole des producteurs réunis de la vallée de l'Aube et de ses affluents"
    shown = check_the_window(letter(organisation=company))
    assert "".join(sign.what for sign in shown).startswith(company.replace(" ", ""))


# What is said


def test_accents_ligatures_and_the_euro_are_right() -> None:
    text = " ".join(words(page) for page in pypdfium2.PdfDocument(letter()))
    for said in (
        "Réponse à votre réclamation",
        "Bar-sur-Aube, le lundi 7 décembre 2026",
        "le cœur du litige n’était pas là",
        "par Assureur Exemple : 1 250,00 €.",
        "La Médiation de l'Assurance TSA 50110 75441 Paris Cedex 09",
        "Hélène Sauvageot Votre interlocuteur, Service Réclamation 123 Courtage",
    ):
        assert said in text
    english = " ".join(words(page) for page in pypdfium2.PdfDocument(letter(language=Language.EN)))
    assert "by Assureur Exemple: €1,250.00." in english


def test_quotes_are_those_of_the_language() -> None:
    said = 'Vous écrivez "trop tard", à tort.'
    french = words(pypdfium2.PdfDocument(letter(reasons=said))[0])
    assert "« trop tard »" in french
    assert "“trop tard”" in words(pypdfium2.PdfDocument(letter(language=Language.EN, reasons=said))[0])


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_people_type_is_text_never_layout(hostile: str) -> None:
    content = letter(reasons=f"Voici {hostile}", name=hostile)
    text = " ".join(words(page) for page in pypdfium2.PdfDocument(content))
    assert "Hélène Sauvageot" in text
    if hostile.startswith("#"):
        assert "#panic(« x ») #{1 + 1} $x^2$ \\ *gras* _i_ <b> @ref // rien `#` [x]" in text


@pytest.mark.parametrize("kind", LetterKind)
def test_every_font_is_in_the_file(kind: LetterKind) -> None:
    found = set()
    for page in pypdfium2.PdfDocument(letter(kind, reasons="Ελληνικά עברית العربية हिन्दी")):
        for thing in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT]):
            font = pdfium.FPDFTextObj_GetFont(thing)
            name = ctypes.create_string_buffer(200)
            pdfium.FPDFFont_GetBaseFontName(font, name, len(name))
            found.add(name.value.decode())
            assert pdfium.FPDFFont_GetIsEmbedded(font) == 1, name.value
    assert any("LibertinusSerif" in name for name in found)


def test_it_is_fit_for_archives_and_for_readers_who_do_not_see() -> None:
    content = letter()
    for said in (b"<pdfaid:part>2</", b"<pdfaid:conformance>B</", b"<pdfuaid:part>1</"):
        assert said in content
    document = pypdfium2.PdfDocument(content)
    metadata = document.get_metadata_dict()
    assert (metadata["Title"], metadata["Author"]) == ("Réponse à votre réclamation", "123 Courtage")
    assert "20261207" in metadata["CreationDate"]
    assert document.is_tagged()


# What no font has


def test_an_address_that_cannot_be_printed_is_not_posted() -> None:
    with pytest.raises(Unaddressable) as unaddressable:
        letter(postal_address="北京市朝阳区\n100020")
    assert "北" not in str(unaddressable.value)


def test_elsewhere_a_square_stands_for_what_cannot_be_printed() -> None:
    composed = compose(order(name="王伟", reasons="D'accord 😀 ไทย", by=Channel.EMAIL), FIRM, ON)
    assert "王伟" in composed.html
    assert "😀" in composed.text
    text = words(pypdfium2.PdfDocument(composed.pdf)[0])
    assert "□□" in text
    assert "D’accord □ □□□" in text
    check_the_window(composed.pdf)


# Pages


@pytest.mark.parametrize("length", [0, 60, 90, 120, 150, 200, 400, 700, 3000])
def test_no_block_is_torn_and_no_signature_stands_alone(length: int) -> None:
    pages = [words(page) for page in pypdfium2.PdfDocument(letter(reasons="Raison. " + "mot " * length))]
    last = pages[-1]
    for said in ("75441 Paris Cedex 09", "Le recours au médiateur ne vous prive pas", "salutations distinguées"):
        assert said in last
    assert last.index("salutations distinguées") < last.index("Votre interlocuteur, Service Réclamation")
    assert any("Pour toute question" in page and "01 99 00 12 01" in page for page in pages)


def test_pages_are_numbered_from_the_second_on() -> None:
    one = pypdfium2.PdfDocument(letter(LetterKind.HOLDING))
    assert len(one) == 1
    assert "1/1" not in words(one[0])
    many = [words(page) for page in pypdfium2.PdfDocument(letter(reasons="mot " * 2500))]
    assert len(many) > 2
    assert f"1/{len(many)}" not in many[0]
    assert all(f"{n}/{len(many)}" in page for n, page in enumerate(many[1:], start=2))
    assert all("REC-2026-7F3K9Q" in page for page in many)


@pytest.mark.parametrize("kind", sorted(set(LetterKind) - {LetterKind.RESOLUTION, LetterKind.WRITTEN_INVITATION}))
@pytest.mark.parametrize("language", Language)
def test_an_ordinary_letter_is_one_page(kind: LetterKind, language: Language) -> None:
    assert len(pypdfium2.PdfDocument(letter(kind, language=language))) == 1


def test_the_sheet_says_where_to_fold_it() -> None:
    page = pypdfium2.PdfDocument(letter())[0]
    marks = [mark for mark in drawn(page) if mark.right < 12]
    assert [round(mark.top) for mark in marks] == [99, 198]


# Again


def test_the_same_letter_gives_the_same_bytes_in_another_process() -> None:
    here = hashlib.sha256(letter()).hexdigest()
    program = "import hashlib; from tests.unit.test_pdf import letter; print(hashlib.sha256(letter()).hexdigest())"
    for seed in ("1", "2"):
        there = subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo", "PATH": "/usr/bin:/bin"},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=True,
        )
        assert there.stdout.strip() == here


def test_a_broken_layout_is_named_without_the_letters_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "letter.typ"
    slip = "#place(top + lef,"
    broken.write_text(pdf.PRINT.read_text().replace("#place(\n  top + left,", slip))
    monkeypatch.setattr(pdf, "PRINT", broken)
    with pytest.raises(PrintError) as error:
        letter()
    assert error.value.name == "letter.typ"
    assert broken.read_text().splitlines()[(error.value.lineno or 0) - 1] == slip
