"""Charts and report: pictures that say in words what they show, one page that needs nothing else, no markup let in."""

import re
from collections.abc import Iterator
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from starter.figures.charts import charts
from starter.figures.counting import figures_of
from starter.figures.drawing import DARK, HATCHED, LIGHT, MIDDLE, PALE, Chart, Series, ranked, stacked
from starter.figures.figures import Figures
from starter.figures.names import Names
from starter.figures.report import report
from starter.render.words import Words
from tests.figures.test_lines import answer, line, told
from tests.rehearsal import FIRM, MONDAY
from workflows.procedure.vocabulary import Language

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "<script>alert('x')</script> & \"co\""


def names(language: Language) -> Names:
    return Names(Words(language), FIRM())


@pytest.fixture(scope="module")
def figures() -> Figures:
    said = {"cause": "delay", "root_cause": HOSTILE, "corrective_action": "Un remplaçant"}
    lines = [
        line(told((5, "response_given", answer()), (9, "complaint_classified", said), insurer="x", product=HOSTILE)),
        line(told((40, "response_given", answer()))),
        line(told((80, "response_given", answer()), source="lawyer")),
    ]
    return figures_of(lines, MONDAY.year)


def drawn(chart: Chart) -> ElementTree.Element:
    return ElementTree.fromstring(chart.svg())  # noqa: S314


def texts(picture: ElementTree.Element) -> Iterator[str]:
    yield from (element.text or "" for element in picture.iter(f"{SVG}text"))


@pytest.mark.parametrize(
    ("language", "titles", "described"),
    [
        (
            Language.FR,
            [
                "Délai de la première réponse écrite, 2026",
                "Causes des réclamations, 2026",
                "Niveau à l'ouverture, 2026",
            ],
            "4e trim.: 10 jours au plus 1, 2 mois au plus 1, plus de 2 mois 1",
        ),
        (
            Language.EN,
            ["Time to the first written answer, 2026", "Causes of complaints, 2026", "Level at opening, 2026"],
            "Q4: within 10 days 1, within 2 months 1, over 2 months 1",
        ),
    ],
)
def test_each_chart_has_a_title_a_source_and_says_in_words_what_it_shows(
    figures: Figures, language: Language, titles: list[str], described: str
) -> None:
    pictures = [drawn(chart) for chart in charts(figures, names(language))]
    assert [picture.findtext(f"{SVG}title") for picture in pictures] == titles
    for picture in pictures:
        assert (picture.get("role"), picture.get("lang")) == ("img", language.value)
        ids = {element.get("id") for element in picture.iter()}
        assert set((picture.get("aria-labelledby") or "").split()) <= ids
        assert any("123 Courtage, 2026." in said for said in texts(picture))
    assert described in (pictures[0].findtext(f"{SVG}desc") or "")


def test_the_parts_of_a_column_are_told_apart_in_grey() -> None:
    def grey(colour: str) -> float:
        red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    shades = [grey(tone.fill) for tone in (DARK, MIDDLE, LIGHT, PALE)]
    assert all(lighter - darker > 0.12 for darker, lighter in pairwise(shades)), shades
    assert HATCHED.hatched
    for tone in (DARK, MIDDLE, LIGHT, PALE, HATCHED):
        assert abs(grey(tone.fill) - grey(tone.ink)) > 0.4, "its number can be read"


def blank(name: str = "c") -> Chart:
    return Chart(name, "Title", "Subtitle", "Described", "Source", "en", 0)


@pytest.mark.parametrize("highest", [0, 1, 3, 4, 5, 8, 19, 40, 99, 401, 4_816])
def test_columns_stay_within_their_picture_whatever_their_height(highest: int) -> None:
    chart = stacked(blank(), ["a", "b"], [Series("x", PALE, [highest, 0]), Series("y", DARK, [highest // 2, 1])])
    ticks = [int(label.text) for label in chart.labels if label.anchor == "end"]
    assert ticks[0] == 0
    assert ticks[-1] >= highest + highest // 2
    assert 2 <= len(ticks) <= 7
    below_the_legend = [label.y for label in chart.labels if label.style in ("total", "count")]
    assert min(below_the_legend) > 80
    assert all(0 <= label.y <= chart.height and 0 <= label.x <= chart.width for label in chart.labels)


def test_a_long_name_is_cut_and_a_nought_has_a_hairline() -> None:
    chart = ranked(blank(), [("n" * 80, 0, 7), ("b", 12, 0)], "2026", "2025")
    assert max(len(label.text) for label in chart.labels if label.style == "name") == 38
    assert all(rect.width >= 1 and rect.x + rect.width < chart.width for rect in chart.rects)


def test_the_report_is_one_page_that_needs_nothing_else(figures: Figures) -> None:
    page = report(figures, names(Language.FR))
    assert page.count("<svg") == 3
    assert re.findall(r"""(?:src|href)\s*=|url\((?!#)|@import|https?://(?!www\.w3\.org/2000/svg)""", page) == []
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert all(said in page for said in ("Réclamations 2026", "Un remplaçant", "Délai de traitement", "2025"))


def test_no_markup_comes_in_by_what_people_wrote(figures: Figures) -> None:
    for language in Language:
        page = report(figures, names(language))
        assert "<script" not in page
        assert "&lt;script&gt;" in page


def test_an_empty_year_has_its_report_and_its_charts() -> None:
    nothing = figures_of([], 2020)
    for language in Language:
        assert "2020" in report(nothing, names(language))
        assert all(drawn(chart) is not None for chart in charts(nothing, names(language)))
