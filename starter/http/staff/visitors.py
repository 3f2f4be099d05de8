"""Who is at a staff page: the session of its cookie, what its person may do, and that a form came from our own page."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request

from activities.access.accounts import Account
from activities.access.roles import Caller, Right
from activities.access.sessions import Session, Sessions
from starter.http.api.bounded import bounded
from starter.http.problems import Problem
from workflows.procedure.vocabulary import Language

SESSION_COOKIE, LANGUAGE_COOKIE = "complaints_session", "complaints_language"
TOKEN_FIELD, TOKEN_HEADER = "token", "x-csrf-token"
_READS = ("GET", "HEAD")


class SignInNeeded(Exception):
    """Nobody is signed in: the page leads to where one signs in, and from there back."""


@dataclass(frozen=True)
class Visitor:
    """Somebody who is signed in. `token`: what each form of theirs bears."""

    account: Account
    token: str
    language: Language

    @property
    def caller(self) -> Caller:
        """What they may do."""
        return self.account.caller


class Visitors:
    """Lets people in by their session."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def needs(self, right: Right | None = None) -> Callable[..., Awaitable[Visitor]]:
        """Make what a page depends on that needs the right; None: any person who is signed in.

        A request that changes something must also come from a page of ours.
        """

        async def visitor(request: Request) -> Visitor:
            session = await self._session(request)
            if session is None:
                raise SignInNeeded
            if request.method not in _READS:
                require_own_page(request)
                await _require_token(request, session)
            if right is not None and not session.account.caller.may(right):
                raise Problem(HTTPStatus.FORBIDDEN, f"this needs the right `{right}`")
            return Visitor(session.account, session.token, language_of(request, session.account))

        return visitor

    async def may_still(self, request: Request, right: Right, insurer: str | None) -> bool:
        """Say whether a person who was let in before has the right now, on complaints that name this insurer.

        While the register is away they are believed.
        """
        try:
            session = await self._session(request, in_use=False)
        except Problem:
            return True
        return session is not None and session.account.caller.may(right) and session.account.caller.sees(insurer)

    async def _session(self, request: Request, *, in_use: bool = True) -> Session | None:
        said = request.cookies.get(SESSION_COOKIE)
        if not said:
            return None
        async with bounded():
            return await asyncio.to_thread(partial(self._sessions.known, in_use=in_use), said, datetime.now(UTC))


def language_of(request: Request, account: Account | None = None) -> Language:
    """Give the language of a page: what this browser chose, else the person's own."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    if chosen in set(Language):
        return Language(chosen)
    return account.language if account else Language.FR


def require_own_page(request: Request) -> None:
    """Refuse what another site sends in a person's name.

    Raises:
        Problem: 403, the browser says that it comes from elsewhere.

    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    elsewhere = site not in (None, "same-origin") or (
        origin is not None and urlsplit(origin).netloc != request.headers.get("host")
    )
    if elsewhere:
        raise Problem(HTTPStatus.FORBIDDEN, "this form was not sent from a page of ours")


async def _require_token(request: Request, session: Session) -> None:
    said: Any = request.headers.get(TOKEN_HEADER)
    if said is None:
        said = (await request.form()).get(TOKEN_FIELD)
    if not isinstance(said, str) or not secrets.compare_digest(said.encode(), session.token.encode()):
        raise Problem(HTTPStatus.FORBIDDEN, "this form is not of this session: reload its page")
