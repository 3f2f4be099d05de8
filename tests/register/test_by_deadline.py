"""Complaints by what falls due, page after page: each once and in order, overdue or not due at all."""

from datetime import UTC, datetime, timedelta

import pytest

from activities.register.database import Register
from activities.register.listing import DueAt, Listing, Wanted
from activities.register.tables import DossierRow

NOW = datetime(2026, 12, 7, 15, 0, tzinfo=UTC)


def kept(register: Register, reference: str, *, overdue: bool = False, deadline: datetime | None = None) -> None:
    with register.session() as session:
        session.add(
            DossierRow(
                reference=reference, revision=1, level="1", stage="investigating", round=1, handling_party="broker",
                supporting_party=None, insurer=None, contact="c-001", received_at=NOW, next_deadline=deadline,
                overdue=overdue, needs_attention=False, refused=0, closed_by=None, view={}, procedures=[],
                written_at=NOW,
            )
        )  # fmt: skip


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 20])
def test_each_complaint_is_shown_once_in_order_on_pages_of_any_length(register: Register, limit: int) -> None:
    days = [NOW + timedelta(days=day) for day in range(4)]
    wanted = []
    for number, (overdue, deadline) in enumerate([
        *((True, day) for day in days), (True, days[3]), (True, None), (True, None),
        *((False, day) for day in days), (False, days[3]), (False, None), (False, None), (False, None),
    ]):  # fmt: skip
        kept(register, f"REC-{number:02}", overdue=overdue, deadline=deadline)
        wanted.append(f"REC-{number:02}")
    listing, shown = Listing(register), []
    after: DueAt | None = None
    for _ in range(len(wanted) + 1):
        page = listing.by_deadline(Wanted(), after, limit)
        shown += [row.reference for row in page]
        if len(page) < limit:
            break
        after = DueAt.of(page[-1])
    assert shown == wanted
