"""Signing in and out, and choosing a language: the pages that come before all others."""

import asyncio
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from activities.access.accounts import Accounts
from activities.access.sessions import LONGEST, Sessions
from starter.http.api.bounded import bounded
from starter.http.limits import Buckets, Rate
from starter.http.problems import Problem
from starter.http.staff.showing import Pages
from starter.http.staff.visitors import (
    LANGUAGE_COOKIE,
    SESSION_COOKIE,
    Visitor,
    Visitors,
    require_own_page,
)
from workflows.procedure.vocabulary import Language

HOME, SIGN_IN = "/staff/complaints", "/staff/sign-in"
_YEAR = timedelta(days=365)
_TRIES = Rate(burst=20, every=timedelta(seconds=3))
"""Of one address: whoever tries passwords out on many accounts is slowed down too."""

Next = Annotated[str, Query(alias="next", max_length=500)]


def sign_in_routes(
    pages: Pages, accounts: Accounts, sessions: Sessions, visitors: Visitors, *, passwords: bool, openid: bool
) -> APIRouter:
    """Give the routes; `passwords`, `openid`: the ways in there are."""
    router, tries = APIRouter(include_in_schema=False), Buckets(_TRIES)

    @router.get(SIGN_IN)
    async def ask(request: Request, after: Next = HOME) -> Response:
        return pages.show(
            request, "sign_in.html.j2", after=own_path(after), login="", wrong=False, passwords=passwords, openid=openid
        )

    @router.post(SIGN_IN)
    async def sign_in(
        request: Request,
        login: Annotated[str, Form(max_length=320)],
        password: Annotated[str, Form(max_length=1000)],
        after: Annotated[str, Form(alias="next", max_length=500)] = HOME,
    ) -> Response:
        require_own_page(request)
        if not passwords:
            raise Problem(HTTPStatus.NOT_FOUND, "people sign in at the firm's provider")
        wait = tries.wait_for(request.client.host if request.client else None)
        if wait is not None:
            raise Problem(HTTPStatus.TOO_MANY_REQUESTS, "too many tries", retry_after=wait + timedelta(seconds=1))
        now = datetime.now(UTC)
        async with bounded():
            account = await asyncio.to_thread(accounts.known, login, password, now)
            said = await asyncio.to_thread(sessions.open, account.id, now) if account else None
        if said is None:
            return pages.show(
                request,
                "sign_in.html.j2",
                status=HTTPStatus.UNAUTHORIZED,
                after=own_path(after),
                login=login,
                wrong=True,
                passwords=passwords,
                openid=openid,
            )
        return signed_in(request, said, own_path(after))

    @router.post("/staff/sign-out")
    async def sign_out(request: Request, _: Annotated[Visitor, Depends(visitors.needs())]) -> Response:
        async with bounded():
            await asyncio.to_thread(sessions.end, request.cookies[SESSION_COOKIE])
        response = RedirectResponse(SIGN_IN, HTTPStatus.SEE_OTHER)
        response.delete_cookie(SESSION_COOKIE, path="/")
        return response

    @router.get("/staff/language/{language}")
    async def speak(request: Request, language: Language, after: Next = HOME) -> Response:
        response = RedirectResponse(own_path(after), HTTPStatus.SEE_OTHER)
        set_cookie(request, response, LANGUAGE_COOKIE, language.value, _YEAR.total_seconds())
        return response

    return router


def signed_in(request: Request, said: str, after: str) -> Response:
    """Answer whoever has just signed in: their session's cookie, and the page they wanted."""
    response = RedirectResponse(after, HTTPStatus.SEE_OTHER)
    set_cookie(request, response, SESSION_COOKIE, said, LONGEST.total_seconds())
    return response


def set_cookie(request: Request, response: Response, name: str, said: str, seconds: float) -> None:
    """Set a cookie that no script reads and no other site sends along; by TLS only, where the page came by it."""
    response.set_cookie(
        name,
        said,
        max_age=int(seconds),
        path="/",
        secure=request.app.state.by_tls or request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def own_path(after: str) -> str:
    """Give a path of ours: an address of another site would lead people away from here."""
    return after if after.startswith("/staff/") and "\\" not in after else HOME
