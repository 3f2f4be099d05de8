"""The codec door: the Temporal UI and its command line have payloads decoded, and what they send encoded.

Temporal's protocol: POST {"payloads": […]} to `/codec/decode` or `/codec/encode`, answered in the same form. The header
`X-Namespace` says whose they are; the UI (2.54) puts no namespace into the address, whatever the setting says.
Whoever asks is signed in (the session's cookie, from the UI's own origin) or bears a key of the API; each call is
written into the audit before it is answered.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from google.protobuf import json_format
from temporalio.api.common.v1 import Payload, Payloads

from activities.access.api_keys import ApiKeys
from activities.access.roles import Caller, Right
from activities.access.sessions import Sessions
from activities.register.decodings import Decoding, Decodings
from starter.http.api.bounded import bounded
from starter.http.problems import Problem, answer_of
from starter.http.staff.visitors import SESSION_COOKIE
from worker.encryption.codec import REFERENCE, EncryptionCodec
from worker.encryption.keyring import KeyRing

PREFIX = "/codec"
LARGEST = 16 * 1024 * 1024
"""Bytes of a body: a page of the UI asks for a whole history at once."""
_BEARER = "bearer "
_log = logging.getLogger(__name__)
_Work = Callable[[EncryptionCodec, Sequence[Payload]], Awaitable[list[Payload]]]


class CodecDoor:
    """Decodes and encodes for those who may; knows no complaint."""

    def __init__(
        self, keys: KeyRing, api_keys: ApiKeys, sessions: Sessions, audit: Decodings, namespace: str, ui: str | None
    ) -> None:
        """Serve the payloads of `namespace`; `ui`: the origin of the Temporal UI, the only other one heard."""
        self._codec, self._namespace, self._ui = EncryptionCodec(keys), namespace, ui
        self._api_keys, self._sessions, self._audit = api_keys, sessions, audit

    def routes(self) -> APIRouter:
        """Make the routes."""
        router = APIRouter(include_in_schema=False)

        @router.options(PREFIX + "/{action}")
        async def preflight(request: Request) -> Response:
            self._require_origin(request)
            return Response(status_code=HTTPStatus.NO_CONTENT, headers=self._cors())

        @router.post(PREFIX + "/decode")
        async def decode(request: Request) -> Response:
            return await self._answer(request, "decode", _decoded)

        @router.post(PREFIX + "/encode")
        async def encode(request: Request) -> Response:
            return await self._answer(request, "encode", EncryptionCodec.encode)

        return router

    async def _answer(self, request: Request, action: str, work: _Work) -> Response:
        self._require_origin(request)
        try:
            done = Payloads(payloads=await self._done(request, action, work))
        except Problem as problem:
            # The page is to know why: without these headers its browser would say "blocked" and nothing more.
            refused = answer_of(problem)
            refused.headers.update(self._cors())
            return refused
        return Response(json_format.MessageToJson(done), media_type="application/json", headers=self._cors())

    async def _done(self, request: Request, action: str, work: _Work) -> list[Payload]:
        caller = await self._caller(request)
        if not caller.may(Right.DECODE):
            raise Problem(HTTPStatus.FORBIDDEN, f"this needs the right `{Right.DECODE}`")
        if request.headers.get("x-namespace", self._namespace) != self._namespace:
            raise Problem(HTTPStatus.NOT_FOUND, "this door serves another namespace")
        asked = await _payloads(request)
        references = sorted({reference for payload in asked if (reference := _reference(payload))})
        noted = Decoding(datetime.now(UTC), caller.name, action, tuple(references), len(asked))
        async with bounded():
            await asyncio.to_thread(self._audit.note, noted)
        _log.info("codec %s by %s: %d payloads of %s", action, caller.name, len(asked), ", ".join(references) or "-")
        return await work(self._codec, asked)

    def _require_origin(self, request: Request) -> None:
        origin = request.headers.get("origin")
        if origin is not None and origin != self._ui:
            raise Problem(HTTPStatus.FORBIDDEN, "payloads are not decoded for pages of another origin")

    async def _caller(self, request: Request) -> Caller:
        shown = request.headers.get("authorization", "")
        now, found = datetime.now(UTC), None
        async with bounded():
            if shown.lower().startswith(_BEARER):
                key = await asyncio.to_thread(self._api_keys.known, shown[len(_BEARER) :].strip(), now)
                found = key.caller if key else None
            # A page's requests bear an origin; the cookie alone, without one, is no page's.
            elif (said := request.cookies.get(SESSION_COOKIE)) and request.headers.get("origin"):
                session = await asyncio.to_thread(self._sessions.known, said, now)
                found = session.account.caller if session else None
        if found is None:
            raise Problem(
                HTTPStatus.UNAUTHORIZED, "sign in at the staff pages first, or send a key", challenge="Bearer"
            )
        return found

    def _cors(self) -> dict[str, str]:
        if self._ui is None:
            return {}
        return {
            "access-control-allow-origin": self._ui,
            "access-control-allow-credentials": "true",
            "access-control-allow-headers": "content-type, x-namespace, authorization",
            "access-control-allow-methods": "POST, OPTIONS",
            "vary": "origin",
        }


async def _decoded(codec: EncryptionCodec, payloads: Sequence[Payload]) -> list[Payload]:
    """Decrypt what our keys open; what is clear, or a stranger's, stays as it is."""
    return [codec.opened(payload) or payload for payload in payloads]


def _reference(payload: Payload) -> str:
    return payload.metadata.get(REFERENCE, b"").decode("utf-8", "replace")


async def _payloads(request: Request) -> list[Payload]:
    try:
        return list(json_format.Parse(await request.body(), Payloads(), ignore_unknown_fields=True).payloads)
    except (json_format.ParseError, UnicodeDecodeError, RecursionError):
        raise Problem(HTTPStatus.BAD_REQUEST, 'expected {"payloads": […]}, as the Temporal UI sends it') from None
