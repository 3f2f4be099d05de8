"""Makes the staff pages: templates, words in French or English, dates, and the headers that every page bears."""

from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from starter.http.staff.visitors import Visitor, language_of
from starter.render import days
from starter.render.words import Words
from workflows.procedure.vocabulary import Language

_TEMPLATES = Path(__file__).parent / "templates"
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
    """Shows pages. In templates: `t(french, english)`, `label(kind, id)`, `day`, `instant`, `explained(clock)`."""

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
    words = Words(language)
    return {
        "lang": language.value,
        "t": words.choose,
        "label": words,
        "day": lambda when: days.day(when, words),
        "instant": lambda when: days.instant(when, words),
        "explained": lambda clock: days.explained(clock, words),
    }
