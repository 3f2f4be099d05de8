"""The staff pages, put together."""

from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from starlette.staticfiles import StaticFiles
from temporalio.client import Client

from activities.access.accounts import Accounts
from activities.access.roles import Right
from activities.access.sessions import Sessions
from activities.firm.schema import Firm
from activities.mailbox.mailbox import Mailbox
from activities.pin import ProcedurePinner
from activities.register.database import Register
from activities.register.dossiers import Dossiers
from activities.register.listing import Listing
from activities.register.proposals import Proposals
from starter.client import Complaints
from starter.http.changes import Changes
from starter.http.problems import Problem
from starter.http.reading import Reader
from starter.http.staff.acts import act_routes
from starter.http.staff.answer import answer_routes
from starter.http.staff.complaint import complaint_routes
from starter.http.staff.complaints import list_routes
from starter.http.staff.desk import Desk
from starter.http.staff.mailbox import mailbox_routes
from starter.http.staff.openid import openid_of, openid_routes
from starter.http.staff.showing import Pages
from starter.http.staff.signing_in import HOME, SIGN_IN, sign_in_routes
from starter.http.staff.team import team_routes
from starter.http.staff.visitors import SignInNeeded, Visitors
from starter.mailbox import Post
from worker.settings import Settings

_PREFIX = "/staff/"
_STATIC = Path(__file__).parent / "static"


class StaffPages:
    """All pages for people, under `/staff/`."""

    def __init__(
        self,
        client: Client,
        register: Register,
        settings: Settings,
        firm: Callable[[], Firm],
        changes: Changes,
        mailbox: Mailbox,
        post: Post,
    ) -> None:
        self._post = post
        self._openid, self._passwords = openid_of(settings), settings.passwords
        self._pages, self._sessions, dossiers = Pages(firm().name), Sessions(register), Dossiers(register)
        complaints = Complaints(client, settings.task_queue, ProcedurePinner(firm).pin, dossiers.remembered)
        self._proposals = Proposals(register)
        self._desk = Desk(
            pages=self._pages,
            visitors=Visitors(self._sessions),
            accounts=Accounts(register),
            complaints=complaints,
            reader=Reader(complaints, dossiers),
            dossiers=dossiers,
            listing=Listing(register),
            changes=changes,
            mailbox=mailbox,
            firm=firm,
            settings=settings,
        )

    def add_to(self, app: FastAPI) -> None:
        """Add the pages to the door; whoever is not signed in is led to where one does."""

        @app.exception_handler(SignInNeeded)
        async def lead_to_sign_in(request: Request, _: SignInNeeded) -> Response:
            wanted = request.url.path if request.method == "GET" else HOME
            return RedirectResponse(f"{SIGN_IN}?next={quote(wanted)}", HTTPStatus.SEE_OTHER)

        app.include_router(_entrance())
        ways = {"passwords": self._passwords, "openid": self._openid is not None}
        app.include_router(
            sign_in_routes(self._pages, self._desk.accounts, self._sessions, self._desk.visitors, **ways)
        )
        if self._openid:
            app.include_router(openid_routes(self._openid, self._desk.accounts, self._sessions))
        app.include_router(_ui_gate(self._desk.visitors))
        app.include_router(list_routes(self._desk))
        app.include_router(answer_routes(self._desk, self._proposals))
        app.include_router(act_routes(self._desk))
        app.include_router(complaint_routes(self._desk))
        app.include_router(team_routes(self._desk))
        app.include_router(mailbox_routes(self._desk, self._post))
        app.mount("/staff/static", StaticFiles(directory=_STATIC), name="static")

    def problem(self, request: Request, problem: Problem) -> Response | None:
        """Show a refusal as a page, where a person asked for one; None elsewhere."""
        if not request.url.path.startswith(_PREFIX):
            return None
        return self._pages.show(request, "problem.html.j2", status=problem.status, problem=problem)


def _ui_gate(visitors: Visitors) -> APIRouter:
    """What a proxy asks before it shows the Temporal UI: whoever may decode may see it."""
    router = APIRouter(include_in_schema=False)

    @router.get("/staff/temporal", dependencies=[Depends(visitors.needs(Right.DECODE))])
    async def may_see_temporal() -> Response:
        return Response(status_code=HTTPStatus.NO_CONTENT)

    return router


def _entrance() -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    @router.get("/staff")
    async def entrance() -> Response:
        return RedirectResponse(HOME, HTTPStatus.SEE_OTHER)

    return router
