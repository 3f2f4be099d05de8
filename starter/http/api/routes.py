"""The API for systems, put together."""

from fastapi import APIRouter
from temporalio.client import Client

from activities.access.api_keys import ApiKeys
from activities.firm.load import FirmFile
from activities.pin import ProcedurePinner
from activities.register.database import Register
from activities.register.dossiers import Dossiers
from activities.register.idempotency import IdempotencyKeys
from activities.register.listing import Listing
from starter.client import Complaints
from starter.http.api.access import Guard
from starter.http.api.changes import change_routes
from starter.http.api.description import description_routes
from starter.http.api.dossiers import dossier_routes
from starter.http.api.events import event_routes
from starter.http.api.intake import intake_routes
from starter.http.api.letters import letter_routes
from starter.http.api.lists import list_routes
from starter.http.api.register import register_routes
from starter.http.changes import Changes
from worker.settings import Settings


def api_routes(client: Client, register: Register, settings: Settings, firm: FirmFile, changes: Changes) -> APIRouter:
    """Give the routes under `/v1` that a key of the register opens; without any key, they answer 401."""
    guard, dossiers, listing = Guard(ApiKeys(register)), Dossiers(register), Listing(register)
    pinner = ProcedurePinner(firm)
    complaints = Complaints(client, settings.task_queue, pinner.pin, dossiers.remembered)
    router = APIRouter()
    router.include_router(intake_routes(guard, complaints, IdempotencyKeys(register)))
    router.include_router(event_routes(guard, complaints, dossiers, firm))
    router.include_router(change_routes(guard, changes, dossiers))
    router.include_router(list_routes(guard, listing, pinner))
    router.include_router(letter_routes(guard, complaints, dossiers))
    router.include_router(dossier_routes(guard, complaints, dossiers))
    router.include_router(register_routes(guard, listing, dossiers))
    router.include_router(description_routes(guard, router.routes))
    return router
