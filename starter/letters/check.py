"""Tries every letter and says what is wrong with it, before a template that was edited is used."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from traceback import extract_tb

from jinja2 import TemplateError, TemplateNotFound, TemplateSyntaxError

from activities.firm.schema import Firm
from activities.notify import staff
from activities.notify.letters import ComposedLetter, compose
from activities.notify.lint import LetterIncomplete
from activities.notify.pdf import PrintError
from starter.letters.samples import sample
from starter.letters.trials import Trial, trials
from workflows.procedure.vocabulary import Channel, Language, LetterKind

_UNSEEN = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)  # control signs, and what turns the direction of writing
_TRACES = re.compile(r"\bNone\b|\{\{|\}\}|\{%|%\}|# |\| |  +[,.;]")
_SENTENCES = {
    "lacks": ("il y manque {}", "it lacks {}"),
    "template": ("le modèle ne peut pas être lu : {}", "the template cannot be read: {}"),
    "not_found": ("le modèle {} manque", "the template {} is missing"),
    "print": ("la mise en page échoue ({})", "the layout fails ({})"),
    "tag": ("un texte saisi est devenu du HTML", "what was typed became HTML"),
    "unseen": ("des caractères invisibles sont restés", "invisible characters were left"),
    "trace": ("il reste une trace du modèle : « {} »", "a trace of the template is left: “{}”"),
}


@dataclass(frozen=True)
class Found:
    """What a trial gave: `faults` are sentences, none for a letter that is as it should be."""

    trial: Trial
    faults: tuple[str, ...]


def check(firm: Firm, templates: Path, says: Language, kinds: Collection[LetterKind]) -> Iterator[Found]:
    """Try the letters `kinds` of `templates`; the faults are said in `says`."""
    # A letter's own markup, known from the trials before those with hostile words.
    usual = set[tuple[str, ...]]()
    for trial in trials(firm, kinds):
        try:
            letter = compose(trial.sample.order, firm, trial.sample.on, templates)
        except Exception as error:  # whatever an edited template can bring about
            why = why_not_written(error, says)
            if why is None:
                raise
            yield Found(trial, (why,))
            continue
        markup = _Markup.of(letter)
        usual |= set() if trial.typed else markup
        yield Found(trial, tuple(_faults(trial, letter, markup <= usual, says)))


def unusable(firm: Firm, templates: Path, says: Language) -> str | None:
    """Say why no letter could be made of `templates`, trying each once in both languages; None when all can."""
    for kind in LetterKind:
        for language in Language:
            tried = sample(kind, language, Channel.EMAIL, firm)
            try:
                compose(tried.order, firm, tried.on, templates)
            except Exception as error:  # whatever an edited template can bring about
                why = why_not_written(error, says)
                if why is None:
                    raise
                return f"{language}/{kind}.j2, {why}"
    return None


def why_not_written(error: Exception, says: Language) -> str | None:
    """Say why a letter cannot be written, with the place in the template; None for what is no fault of a template."""
    match error:
        case LetterIncomplete():
            return _say(says, "lacks", staff.fields(says, error.missing))
        case TemplateNotFound():
            return _say(says, "not_found", error.name)
        case PrintError():
            return _say(says, "print", f"{error.name}, {error.lineno}" if error.lineno else error)
    place = _place(error)
    if place is None and not isinstance(error, TemplateError):
        return None
    return _say(says, "template", f"{place or '?'}: {error}")


def _faults(trial: Trial, letter: ComposedLetter, is_usual: bool, says: Language) -> Iterator[str]:
    forms = (letter.html, letter.text, letter.subject)
    if not is_usual:
        yield _say(says, "tag")
    if any(_UNSEEN.search(form) for form in forms):
        yield _say(says, "unseen")
    trace = next(filter(None, (_TRACES.search(_words(form)) for form in forms)), None)
    if trace and not trial.typed:
        yield _say(says, "trace", trace[0].strip())


def _words(form: str) -> str:
    """Take the words of a form; what stands before the body of a page is no word of the letter."""
    return form.partition("<body")[2] or form


def _place(error: BaseException) -> str | None:
    """Find the line of the template at which an error arose."""
    if isinstance(error, TemplateSyntaxError):
        return f"{_short(error.filename or error.name or '')}:{error.lineno}"
    frames = [frame for frame in extract_tb(error.__traceback__) if frame.filename.endswith(".j2")]
    return f"{_short(frames[-1].filename)}:{frames[-1].lineno}" if frames else None


def _short(file: str) -> str:
    return "/".join(Path(file).parts[-2:])


def _say(says: Language, code: str, *values: object) -> str:
    french, english = _SENTENCES[code]
    return (french if says is Language.FR else english).format(*values)


class _Markup(HTMLParser):
    """The elements of a page with the names of their attributes, as a browser sees them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[tuple[str, ...]] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add((tag, *(name for name, _ in attrs)))

    @classmethod
    def of(cls, letter: ComposedLetter) -> set[tuple[str, ...]]:
        parser = cls()
        parser.feed(letter.html)
        return parser.found
