"""How the HTTP door says no: problem details (RFC 9457), a sentence for whoever called, nothing of the inside."""

import logging
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

_log = logging.getLogger(__name__)
_MEDIA_TYPE = "application/problem+json"


class Problem(Exception):
    """A request cannot be done. `retry_after`: when it may be made again; `challenge`: how to say who one is."""

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        *,
        retry_after: timedelta | None = None,
        challenge: str | None = None,
    ) -> None:
        self.status, self.detail, self.retry_after, self.challenge = status, detail, retry_after, challenge
        super().__init__(detail)


class ProblemDetails(BaseModel):
    """The body of a refusal (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str


def answer_with_problems(app: FastAPI, page: Callable[[Request, Problem], Response | None]) -> None:
    """Have every refusal of `app` leave as problem details, its faults too; where `page` gives one, as a page."""

    def answer(request: Request, problem: Problem, headers: dict[str, str]) -> Response:
        shown = page(request, problem)
        if shown is None:
            return _response(problem.status, problem.detail, headers)
        shown.headers.update(headers)
        return shown

    @app.exception_handler(Problem)
    async def refused(request: Request, problem: Problem) -> Response:
        headers = {}
        if problem.retry_after is not None:
            headers["Retry-After"] = str(int(problem.retry_after.total_seconds()))
        if problem.challenge is not None:
            headers["WWW-Authenticate"] = problem.challenge
        return answer(request, problem, headers)

    @app.exception_handler(HTTPException)
    async def not_found(request: Request, error: HTTPException) -> Response:
        return answer(request, Problem(HTTPStatus(error.status_code), str(error.detail)), dict(error.headers or {}))

    @app.exception_handler(RequestValidationError)
    async def malformed(request: Request, error: RequestValidationError) -> Response:
        places = sorted({".".join(str(part) for part in each["loc"]) for each in error.errors()})
        return answer(request, Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"cannot be read: {', '.join(places)}"), {})

    @app.exception_handler(Exception)
    async def fault(request: Request, error: Exception) -> Response:
        _log.error("a request failed by a fault of ours: %s", type(error).__name__)
        ours = Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "a fault of this service; it has been noted")
        return answer(request, ours, {})


def answer_of(problem: Problem) -> JSONResponse:
    """Give the answer to a refusal outside of any route."""
    return _response(problem.status, problem.detail)


def _response(status: HTTPStatus, detail: str, headers: dict[str, str] | None = None) -> JSONResponse:
    details = ProblemDetails(title=status.phrase, status=status, detail=detail)
    return JSONResponse(details.model_dump(), status, headers, media_type=_MEDIA_TYPE)
