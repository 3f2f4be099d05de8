"""Lists of complaints out of the register, on both databases: each once, in pages that neither repeat nor skip."""

from datetime import timedelta

from activities.register.database import Register
from activities.register.dossiers import Dossiers
from activities.register.listing import Listing, Place, Wanted
from tests.register.lives import ordinary, renamed, state
from tests.rehearsal import MONDAY, Rehearsal, complaint, paris
from workflows.procedure.vocabulary import Level, Stage


def references(listing: Listing, wanted: Wanted, limit: int) -> list[str]:
    found: list[str] = []
    after: Place | None = None
    while page := listing.page(wanted, after, limit):
        assert len(page) <= limit
        found += [each.reference for each in page]
        after = Place(page[-1].received_at, page[-1].reference)
    return found


def test_pages_of_any_size_give_each_complaint_once_in_the_order_of_receipt(register: Register) -> None:
    dossiers, listing = Dossiers(register), Listing(register)
    late, early = state(Rehearsal()), state(Rehearsal(complaint(received_at=paris(MONDAY, 8).isoformat())))
    for name in ("D", "B", "C"):
        dossiers.record(renamed(late, f"REC-2026-{name}"))
    dossiers.record(renamed(early, "REC-2026-Z"))
    wanted = ["REC-2026-Z", "REC-2026-B", "REC-2026-C", "REC-2026-D"]
    assert [references(listing, Wanted(), limit) for limit in (1, 2, 3, 4, 9)] == [wanted] * 5


def test_every_condition_narrows_the_list(register: Register) -> None:
    dossiers, listing = Dossiers(register), Listing(register)
    closed, second = ordinary()[-1], Rehearsal(complaint(previous_response_on="2026-11-20"))
    dossiers.record(renamed(closed, "REC-2026-CLOSED"))
    dossiers.record(renamed(state(second), "REC-2026-SECOND"))
    contact = second.dossier.case.contact
    assert contact is not None
    for wanted, found in (
        (Wanted(open=True), ["REC-2026-SECOND"]),
        (Wanted(open=False), ["REC-2026-CLOSED"]),
        (Wanted(stage=Stage.CLOSED), ["REC-2026-CLOSED"]),
        (Wanted(level=Level.TWO_A, open=True), ["REC-2026-SECOND"]),
        (Wanted(level=Level.FOUR), []),
        (Wanted(contact=contact.id, open=True), ["REC-2026-SECOND"]),
        (Wanted(contact="c-999"), []),
        (Wanted(overdue=True), []),
        (Wanted(received_from=paris(MONDAY, 9), received_before=paris(MONDAY, 10), open=True), ["REC-2026-SECOND"]),
        (Wanted(received_before=paris(MONDAY, 9)), []),
        (Wanted(received_from=paris(MONDAY, 10)), []),
    ):
        assert references(listing, wanted, 5) == found, wanted


def test_what_is_overdue_comes_before_what_comes_due(register: Register) -> None:
    dossiers, listing = Dossiers(register), Listing(register)
    dossiers.record(renamed(state(Rehearsal()), "REC-2026-NEAR"))
    late = Rehearsal()
    late.hear("results_known", decision="rejected", reasons="Hors délai")
    late.until(MONDAY + timedelta(days=20))
    assert late.dossier.case.overdue
    dossiers.record(renamed(state(late), "REC-2026-LATE"))
    dossiers.record(renamed(ordinary()[-1], "REC-2026-CLOSED"))
    first, last = paris(MONDAY), paris(MONDAY + timedelta(days=60))
    assert [each.reference for each in listing.due(last, None, 9)] == ["REC-2026-LATE", "REC-2026-NEAR"]
    assert [each.reference for each in listing.due(first, None, 9)] == ["REC-2026-LATE"]
    assert [each.reference for each in listing.due(last, None, 1)] == ["REC-2026-LATE"]
    assert listing.due(last, "c-999", 9) == []
