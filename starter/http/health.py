"""`GET /health` and `GET /ready`: whether the process lives, and whether it can do its work."""

import asyncio
from datetime import timedelta
from http import HTTPStatus

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError
from temporalio.client import Client
from temporalio.service import RPCError

from activities.register.database import Register, RegisterNotReady
from starter.http.problems import Problem

_PATIENCE = timedelta(seconds=3)


class Health(BaseModel):
    """The answer of a process that is well."""

    status: str


def health_routes(client: Client, register: Register) -> APIRouter:
    """Give the two routes; `ready` asks Temporal and the register."""
    router = APIRouter()

    @router.get("/health")
    async def health() -> Health:
        return Health(status="alive")

    @router.get("/ready")
    async def ready() -> Health:
        missing = [name for name, there in (
            ("Temporal", await _temporal_answers(client)),
            ("the register", await asyncio.to_thread(_register_answers, register)),
        ) if not there]  # fmt: skip
        if missing:
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, f"not ready: {' and '.join(missing)}")
        return Health(status="ready")

    return router


async def _temporal_answers(client: Client) -> bool:
    try:
        return await client.service_client.check_health(timeout=_PATIENCE)
    except (RPCError, RuntimeError):  # the second, where a connection was never made
        return False


def _register_answers(register: Register) -> bool:
    try:
        register.require_current()
    except (SQLAlchemyError, RegisterNotReady):
        return False
    return True
