"""Makes the staff pages: templates, words in French or English, dates, and the headers that every page bears."""

from datetime import date, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

from babel.dates import format_date, format_datetime
from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from starter.http.staff.visitors import Visitor, language_of
from starter.render.words import Words
from workflows.procedure.calendar import PARIS
from workflows.procedure.vocabulary import Language

_TEMPLATES = Path(__file__).parent / "templates"
_LOCALES = {Language.FR: "fr_FR", Language.EN: "en_GB"}
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "frame-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "private, no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""Nothing from elsewhere, nothing inside another site's page, nothing kept by the browser."""


class Pages:
    """Shows pages. In templates: `t(french, english)`, `label(kind, id)`, `day(date)`, `instant(datetime)`."""

    def __init__(self, firm_name: str) -> None:
        self._firm_name = firm_name
        self._environment = Environment(
            loader=FileSystemLoader(_TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def show(
        self,
        request: Request,
        template: str,
        visitor: Visitor | None = None,
        *,
        status: HTTPStatus = HTTPStatus.OK,
        **context: Any,
    ) -> HTMLResponse:
        """Answer with a page; `visitor`: who reads it, None before anybody has signed in."""
        language = visitor.language if visitor else language_of(request)
        body = self._environment.get_template(template).render(
            request=request, visitor=visitor, firm_name=self._firm_name, **_words(language), **context
        )
        return HTMLResponse(body, status, dict(HEADERS))


def _words(language: Language) -> dict[str, Any]:
    words, locale = Words(language), _LOCALES[language]

    def day(value: date | str, form: str = "medium") -> str:
        return format_date(date.fromisoformat(value) if isinstance(value, str) else value, form, locale)

    def instant(value: datetime | str, form: str = "medium") -> str:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        return format_datetime(moment.astimezone(PARIS), form, locale=locale)

    return {"lang": language.value, "t": words.choose, "label": words, "day": day, "instant": instant}
