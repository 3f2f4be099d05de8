"""Keeps a partner to the complaints of its own insurer: any other is answered as one that does not exist."""

import asyncio

from activities.access.roles import Caller
from activities.register.dossiers import Dossiers
from starter.http.api.bounded import unknown


async def require_seen(caller: Caller, reference: str, dossiers: Dossiers) -> None:
    """Refuse a complaint that is not the caller's to see; one the register has not heard of yet is no partner's.

    Raises:
        Problem: 404.

    """
    if caller.insurer is None:
        return
    standing = await asyncio.to_thread(dossiers.standing, reference)
    if standing is None or not caller.sees(standing.insurer):
        raise unknown()
