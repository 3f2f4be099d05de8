"""Signing in at the firm's provider: OpenID Connect, by code with PKCE, bound to the browser.

Who a person is, the provider says; what they may do stands in their account here, found by the provider's subject, the
first time by a verified e-mail address. Nobody gets an account by signing in.
"""

import asyncio
import base64
import hashlib
import json
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote

import httpx
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from activities.access.accounts import Account, Accounts
from activities.access.sessions import Sessions
from starter.http.api.bounded import away, bounded
from starter.http.problems import Problem
from starter.http.staff.signing_in import HOME, Next, own_path, set_cookie, signed_in
from worker.settings import Settings

_COOKIE = "complaints_openid"
_LASTS_SECONDS = 600
_ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
"""Signatures by a key of the provider's own; never none, never by a shared secret."""
_LEEWAY_SECONDS = 60
_KNOWN_FOR_SECONDS = 3600.0
_SCOPE = "openid email"
_PATIENCE_SECONDS = 10.0


@dataclass(frozen=True)
class Provider:
    """What the provider says of itself (OpenID Connect Discovery), and its keys."""

    authorize: str
    token: str
    keys: KeySet
    read_at: float


@dataclass(frozen=True)
class Person:
    """Who the provider says it is."""

    subject: str
    email: str | None
    """Only where the provider has verified it."""


class OpenId:
    """Signs people in at one provider."""

    def __init__(self, issuer: str, client_id: str, client_secret: str, redirect: str) -> None:
        self._issuer, self._client_id, self._secret = issuer.rstrip("/"), client_id, client_secret
        self._redirect = redirect
        self._known: Provider | None = None

    async def begin(self, state: str, nonce: str, verifier: str) -> str:
        """Give the address at the provider where the person signs in. Raises httpx.HTTPError, ValueError."""
        provider = await self._provider()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code", "client_id": self._client_id, "redirect_uri": self._redirect, "scope": _SCOPE,
            "state": state, "nonce": nonce, "code_challenge": challenge, "code_challenge_method": "S256",
        }  # fmt: skip
        return str(httpx.URL(provider.authorize).copy_merge_params(asked))

    async def finish(self, code: str, nonce: str, verifier: str) -> Person:
        """Redeem the code the provider sent, and say who it is.

        Raises:
            Problem: 403, the provider's answer proves nobody.
            httpx.HTTPError, ValueError: the provider does not answer, or no sense.

        """
        provider = await self._provider()
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": self._redirect, "code_verifier": verifier,
        }  # fmt: skip
        # RFC 6749, 2.3.1: each part is encoded as in a form before it is put into the header.
        proof = httpx.BasicAuth(quote(self._client_id, safe=""), quote(self._secret, safe=""))
        async with httpx.AsyncClient(timeout=_PATIENCE_SECONDS) as client:
            answer = await client.post(provider.token, data=form, auth=proof)
        if answer.is_client_error:
            raise _proves_nobody()
        token: dict[str, Any] = answer.raise_for_status().json()
        return await self._person(str(token.get("id_token", "")), nonce)

    async def _person(self, token: str, nonce: str) -> Person:
        claims = None
        for fresh in (False, True):  # a key that is not known may be new
            try:
                keys = (await self._provider(fresh=fresh)).keys
                claims = jwt.decode(token, keys, algorithms=_ALGORITHMS).claims
                break
            except (JoseError, ValueError):
                continue
        if claims is None:
            raise _proves_nobody()
        try:
            jwt.JWTClaimsRegistry(
                leeway=_LEEWAY_SECONDS,
                iss={"essential": True, "value": self._issuer},
                aud={"essential": True, "value": self._client_id},
                nonce={"essential": True, "value": nonce},
                sub={"essential": True},
                exp={"essential": True},
            ).validate(claims)
        except JoseError:
            raise _proves_nobody() from None
        verified = claims.get("email_verified") is True
        return Person(str(claims["sub"]), str(claims["email"]) if verified and claims.get("email") else None)

    async def _provider(self, *, fresh: bool = False) -> Provider:
        if self._known and not fresh and time.monotonic() - self._known.read_at < _KNOWN_FOR_SECONDS:
            return self._known
        async with httpx.AsyncClient(timeout=_PATIENCE_SECONDS) as client:
            told: dict[str, Any] = (await _asked(client, f"{self._issuer}/.well-known/openid-configuration")).json()
            if told.get("issuer", "").rstrip("/") != self._issuer:
                raise ValueError("the provider names another issuer")
            keys = KeySet.import_key_set((await _asked(client, str(told["jwks_uri"]))).json())
        self._known = Provider(str(told["authorization_endpoint"]), str(told["token_endpoint"]), keys, time.monotonic())
        return self._known


async def _asked(client: httpx.AsyncClient, url: str) -> httpx.Response:
    return (await client.get(url)).raise_for_status()


def openid_of(settings: Settings) -> OpenId | None:
    """Give the provider of the settings; None: people sign in with a password here."""
    if not settings.oidc_issuer or not settings.oidc_client_id or settings.oidc_client_secret is None:
        return None
    base = (settings.public_url or "").rstrip("/")
    secret = settings.oidc_client_secret.get_secret_value()
    return OpenId(settings.oidc_issuer, settings.oidc_client_id, secret, f"{base}/staff/openid/back")


def openid_routes(openid: OpenId, accounts: Accounts, sessions: Sessions) -> APIRouter:
    """Give the two routes: to the provider, and back."""
    router = APIRouter(include_in_schema=False)

    @router.get("/staff/openid")
    async def leave(request: Request, after: Next = HOME) -> Response:
        bound = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
        try:
            url = await openid.begin(bound["state"], bound["nonce"], bound["verifier"])
        except (httpx.HTTPError, ValueError, KeyError):
            raise away("the firm's sign-in provider does not answer") from None
        response = RedirectResponse(url, HTTPStatus.SEE_OTHER)
        set_cookie(request, response, _COOKIE, json.dumps(bound | {"after": own_path(after)}), _LASTS_SECONDS)
        return response

    @router.get("/staff/openid/back")
    async def back(
        request: Request,
        state: Annotated[str, Query(max_length=200)] = "",
        code: Annotated[str, Query(max_length=4000)] = "",
    ) -> Response:
        bound = _bound(request)
        if not bound or not code or not secrets.compare_digest(state.encode(), bound["state"].encode()):
            raise _proves_nobody()
        try:
            person = await openid.finish(code, bound["nonce"], bound["verifier"])
        except (httpx.HTTPError, ValueError, KeyError):
            raise away("the firm's sign-in provider does not answer") from None
        async with bounded():
            account = await asyncio.to_thread(accounts.of_person, person.subject, person.email)
            said = await asyncio.to_thread(_opened, sessions, account)
        if said is None:
            raise Problem(HTTPStatus.FORBIDDEN, "there is no account here for this person: ask for one")
        response = signed_in(request, said, own_path(bound["after"]))
        response.delete_cookie(_COOKIE, path="/")
        return response

    return router


def _opened(sessions: Sessions, account: Account | None) -> str | None:
    return sessions.open(account.id, datetime.now(UTC)) if account and account.disabled_at is None else None


def _bound(request: Request) -> dict[str, str] | None:
    """Give what this browser left with; None: it did not leave from here."""
    try:
        found = json.loads(request.cookies.get(_COOKIE, ""))
    except ValueError:
        return None
    wanted = ("state", "nonce", "verifier", "after")
    whole = isinstance(found, dict) and all(isinstance(found.get(name), str) for name in wanted)
    return found if whole else None


def _proves_nobody() -> Problem:
    return Problem(HTTPStatus.FORBIDDEN, "the sign-in provider's answer proves nobody: sign in again")
