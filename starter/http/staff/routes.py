"""The staff pages, put together."""

from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from starlette.staticfiles import StaticFiles

from activities.access.accounts import Accounts
from activities.access.sessions import Sessions
from activities.firm.schema import Firm
from activities.register.database import Register
from starter.http.problems import Problem
from starter.http.staff.showing import Pages
from starter.http.staff.signing_in import HOME, SIGN_IN, sign_in_routes
from starter.http.staff.visitors import SignInNeeded, Visitors

_PREFIX = "/staff/"
_STATIC = Path(__file__).parent / "static"


class StaffPages:
    """All pages for people, under `/staff/`."""

    def __init__(self, register: Register, firm_source: Callable[[], Firm]) -> None:
        self._pages = Pages(firm_source().name)
        self._accounts, self._sessions = Accounts(register), Sessions(register)
        self._visitors = Visitors(self._sessions)

    def add_to(self, app: FastAPI) -> None:
        """Add the pages to the door; whoever is not signed in is led to where one does."""

        @app.exception_handler(SignInNeeded)
        async def lead_to_sign_in(request: Request, _: SignInNeeded) -> Response:
            wanted = request.url.path if request.method == "GET" else HOME
            return RedirectResponse(f"{SIGN_IN}?next={quote(wanted)}", HTTPStatus.SEE_OTHER)

        app.include_router(_entrance())
        app.include_router(sign_in_routes(self._pages, self._accounts, self._sessions, self._visitors))
        app.mount("/staff/static", StaticFiles(directory=_STATIC), name="static")

    def problem(self, request: Request, problem: Problem) -> Response | None:
        """Show a refusal as a page, where a person asked for one; None elsewhere."""
        if not request.url.path.startswith(_PREFIX):
            return None
        return self._pages.show(request, "problem.html.j2", status=problem.status, problem=problem)


def _entrance() -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    @router.get("/staff")
    async def entrance() -> Response:
        return RedirectResponse(HOME, HTTPStatus.SEE_OTHER)

    return router
