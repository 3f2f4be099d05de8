"""The HTTP door, put together: what it takes, and how it refuses."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI
from sqlalchemy.exc import SQLAlchemyError
from temporalio.client import Client

from activities.access.api_keys import ApiKeys
from activities.access.sessions import Sessions
from activities.firm.load import FirmFile
from activities.mailbox.mailbox import Mailbox
from activities.notify.sendgrid.events import Verifier
from activities.register.database import Register
from activities.register.decodings import Decodings
from activities.register.dossiers import Dossiers
from activities.register.events import DeliveryEvents
from activities.register.partner_calls import PartnerCalls
from activities.register.watch import Watch
from starter.client import Complaints
from starter.http import codec
from starter.http.agenda import agenda_routes
from starter.http.api.routes import api_routes
from starter.http.changes import Changes
from starter.http.guarding import Guarding
from starter.http.health import health_routes
from starter.http.inbound import INBOUND, LARGEST, inbound_routes
from starter.http.partner_complaints import PartnerComplaints
from starter.http.partners import PartnersDoor
from starter.http.problems import answer_with_problems
from starter.http.sendgrid import EventsDoor
from starter.http.staff.routes import StaffPages
from starter.http.telling import Teller
from starter.http.tracing import Traced
from starter.mailbox import Post, look_again_from_time_to_time
from worker.conversion import key_ring
from worker.hosting import partner_keys
from worker.settings import Settings

TELLS_AGAIN_AFTER_SECONDS = 60.0
_log = logging.getLogger(__name__)


def create_app(client: Client, register: Register, settings: Settings) -> FastAPI:
    """Make the door. The caller closes `register` once the door is closed.

    Raises:
        FirmFileError: the firm's file is broken.
        CarrierMisconfigured: COMPLAINTS_SENDGRID_EVENT_KEY is no key.
        PartnerKeysError: a key that the firm's file names has no secret; the message names its id.
        EncryptionKeyError: the key that encrypts has no secret.

    """
    ring = key_ring(settings)
    firm, keys = FirmFile(settings.firm_file), partner_keys(settings)
    keys.require(firm())
    language = firm().staff_language
    events = DeliveryEvents(register, language)
    teller = Teller(Complaints(client, settings.task_queue), events)
    dossiers = Dossiers(register)
    of_partners = PartnerComplaints(Complaints(client, settings.task_queue, memory=dossiers.remembered), dossiers)
    verifier = Verifier(settings.sendgrid_event_key) if settings.sendgrid_event_key else None

    mailbox = Mailbox(register)
    post = Post(mailbox, Complaints(client, settings.task_queue, memory=dossiers.remembered), dossiers, firm)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        again = [
            asyncio.create_task(_tell_again(teller, events)),
            asyncio.create_task(look_again_from_time_to_time(post, TELLS_AGAIN_AFTER_SECONDS)),
        ]
        yield
        for task in again:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    # No page that describes the door to whoever knocks: the API describes itself to its callers.
    app = FastAPI(title="complaints", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.by_tls = (settings.public_url or "").startswith("https:")
    app.add_middleware(Guarding, larger={INBOUND: LARGEST + 1024, codec.PREFIX: codec.LARGEST})
    app.add_middleware(Traced)
    changes = Changes(dossiers)
    app.state.end_streams = changes.end
    staff = StaffPages(client, register, settings, firm, changes, mailbox, post)
    answer_with_problems(app, staff.problem)
    staff.add_to(app)
    app.include_router(health_routes(client, register))
    if ring:
        access = ApiKeys(register), Sessions(register)
        app.include_router(
            codec.CodecDoor(ring, *access, Decodings(register), client.namespace, settings.origin_of_the_ui).routes()
        )
    app.include_router(inbound_routes(post, settings.inbound_token))
    app.include_router(EventsDoor(verifier, events, teller).routes())
    app.include_router(PartnersDoor(firm, keys, PartnerCalls(register), of_partners).routes())
    app.include_router(agenda_routes(Watch(register), settings.agenda_token, language))
    app.include_router(api_routes(client, register, settings, firm, changes))
    return app


async def _tell_again(teller: Teller, events: DeliveryEvents) -> None:
    """Tell from time to time what could not be told: SendGrid repeats a call for a day only, or not at all."""
    while True:
        await asyncio.sleep(TELLS_AGAIN_AFTER_SECONDS)
        try:
            await teller.tell(await asyncio.to_thread(events.untold))
        except SQLAlchemyError as error:
            _log.warning("the register does not answer: %s", type(error).__name__)
