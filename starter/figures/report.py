"""The yearly figures as one page of HTML that needs nothing else: its charts stand within it, and it prints well."""

from activities.notify.clean import one_line
from starter.figures.charts import charts
from starter.figures.drawing import environment
from starter.figures.figures import Figures
from starter.figures.names import Names
from starter.figures.sections import sections
from starter.render.figures import title

_LONGEST_TEXT = 2_000


def report(figures: Figures, names: Names) -> str:
    """Write the page."""
    words = names.words
    lessons = [
        (lesson.reference, names.cause(lesson.cause) if lesson.cause else words.nobody,
         one_line(lesson.root_cause or words.nobody, _LONGEST_TEXT),
         one_line(lesson.corrective_action or words.nobody, _LONGEST_TEXT))
        for lesson in figures.year.lessons
    ]  # fmt: skip
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            language=words.language.value,
            title=title(figures, names),
            intro=words.choose(
                "Établi d'après le registre des réclamations, année civile, dates de Paris.",
                "Drawn from the complaints register; civil year, dates in Paris.",
            ),
            year=figures.year.year,
            before=figures.before.year,
            sections=sections(figures, names),
            charts={chart.name: chart for chart in charts(figures, names)},
            lessons_title=words.choose("Causes profondes et actions correctives", "Root causes and corrective actions"),
            lessons_headings=words.choose(
                "Référence|Cause|Cause profonde|Action corrective", "Reference|Cause|Root cause|Corrective action"
            ).split("|"),
            lessons=lessons,
            no_lessons=words.choose("Aucune n'est enregistrée.", "None is recorded."),
        )
    )
