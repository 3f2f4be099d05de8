"""The order of a letter for a complaint that runs, as the rules themselves would give it now."""

from datetime import datetime

from starter.cli.common import Refusal
from workflows.procedure.dossier import Carried, Dossier
from workflows.procedure.one_letter import one_letter
from workflows.procedure.orders import LetterOrder
from workflows.procedure.owed import Owed
from workflows.procedure.vocabulary import LetterKind


def order_now(carried: Carried, kind: LetterKind, now: datetime) -> LetterOrder:
    """Give the order for a letter `kind` as it would be at `now` (aware), with what else is owed that day.

    Raises:
        Refusal: nobody is in charge, or there is no address.

    """
    plan = one_letter(Dossier.resume(carried).case, [Owed(kind)], now)
    if plan is None or plan.order is None:
        raise Refusal(plan.record.problem or "" if plan else "")
    return plan.order
