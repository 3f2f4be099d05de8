"""`GET /v1/agenda.ics`: the agenda as a calendar that people subscribe to, for whoever has its token."""

import asyncio
import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Header, Query, Response
from pydantic import SecretStr
from sqlalchemy.exc import OperationalError

from activities.register.watch import Watch
from starter.http.problems import Problem
from starter.render.icalendar import agenda_feed
from workflows.procedure.calendar import paris_date
from workflows.procedure.vocabulary import Language

_MEDIA_TYPE = "text/calendar; charset=utf-8"
_USUAL_DAYS, _MOST_DAYS = 90, 400
_RETRY = timedelta(seconds=60)


def agenda_routes(watch: Watch, token: SecretStr | None, language: Language) -> APIRouter:
    """Give the route; without a `token` there is none: every call is answered as if the page did not exist."""
    router = APIRouter()

    @router.get("/v1/agenda.ics")
    async def agenda(
        days: Annotated[int, Query(ge=0, le=_MOST_DAYS)] = _USUAL_DAYS,
        contact: Annotated[str | None, Query(pattern=r"^c-\d+$")] = None,
        token_said: Annotated[str, Query(alias="token")] = "",
        authorization: Annotated[str, Header()] = "",
        if_none_match: Annotated[str, Header()] = "",
    ) -> Response:
        """Answer with the deadlines of the next days; calendars that cannot send a header say `?token=…`."""
        if token is None:
            raise Problem(HTTPStatus.NOT_FOUND, HTTPStatus.NOT_FOUND.phrase)
        said = token_said or authorization.removeprefix("Bearer ")
        if not secrets.compare_digest(said.encode(), token.get_secret_value().encode()):
            raise Problem(HTTPStatus.FORBIDDEN, "the token is missing, or is not that of the agenda")
        today = paris_date(datetime.now(UTC))
        try:
            body = await asyncio.to_thread(agenda_feed, watch, today, days, language, contact)
        except OperationalError:
            raise Problem(
                HTTPStatus.SERVICE_UNAVAILABLE, "the register does not answer at the moment", retry_after=_RETRY
            ) from None
        tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers = {"ETag": tag, "Cache-Control": "private, max-age=300"}
        if tag in (each.strip().removeprefix("W/") for each in if_none_match.split(",")):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        return Response(body, media_type=_MEDIA_TYPE, headers=headers)

    return router
