"""Writes letters again from their orders, by the firm's file and the templates as they are now."""

from datetime import datetime
from pathlib import Path

from activities.firm.schema import Firm
from activities.notify.deliver import content_of
from activities.notify.letters import TEMPLATES
from activities.notify.outgoing import compose_outgoing
from activities.register.restoring import Recompose
from workflows.procedure.orders import LetterOrder


def by_the_present_words(firm: Firm, templates: Path = TEMPLATES) -> Recompose:
    """Give what `rebuild` writes letters with."""

    def recompose(order: LetterOrder, at: datetime) -> tuple[bytes, str]:
        return content_of(compose_outgoing(firm, order.facts.reference, order, at, templates), at)

    return recompose
