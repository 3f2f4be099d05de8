"""What can be done at once: letters, calls on the other Party, words to staff, a person to put in charge."""

from datetime import datetime, timedelta

from workflows.procedure.calendar import paris_date
from workflows.procedure.case import Case
from workflows.procedure.orders import Notice
from workflows.procedure.owed import PARAGRAPHS, may_be_tried
from workflows.procedure.records import ContactWish, PartnerWish


def notices(case: Case, now: datetime) -> list[Notice]:
    """List what staff are to be told now."""
    return list(case.notices.values()) if may_be_tried(case.notices_again_at, now) else []


def contact(case: Case, now: datetime) -> ContactWish | None:
    """Give the wish for a person in charge that can be seen to now, if there is one."""
    wish = case.contact_wish
    return wish if wish and may_be_tried(wish.again_at, now) else None


def calls(case: Case, now: datetime) -> list[PartnerWish]:
    """List the calls on the other Party that can be made now."""
    return [wish for wish in case.partner_wishes if not wish.blocked and may_be_tried(wish.again_at, now)]


DAYS_AHEAD = timedelta(days=400)
"""The days a complaint knows reach at least this far, so that a date can always be counted."""


def pin_reason(case: Case, now: datetime) -> str | None:
    """Say why the procedure is to be pinned again: a new `round`, a changed `calendar`, or known `days` running out."""
    if case.closed_by or case.pin_wish:
        return None if case.closed_by else case.pin_wish
    running_out = paris_date(now) + DAYS_AHEAD > case.procedure.calendar.last
    return "days" if running_out and not case.calendar_too_short else None


def anything(case: Case, now: datetime) -> bool:
    """Whether something can be done at once: a letter, a call, a word to staff, a person to put in charge."""
    return bool(
        any(paragraph(case, now) for paragraph in PARAGRAPHS)
        or notices(case, now)
        or pin_reason(case, now)
        or calls(case, now)
        or contact(case, now)
    )
