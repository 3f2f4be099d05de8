"""Keys of systems and their intakes in the register, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from activities.access.api_keys import ApiKeys, BadKeyName, Scope
from activities.register.database import Register
from activities.register.idempotency import IdempotencyKeys, Reserved, intake_of
from activities.register.tables import Base

NOW = datetime(2026, 12, 7, 15, 0, tzinfo=UTC)
BODY = {"summary": "Indemnité vol refusée", "complainant": {"name": "Anne Martin"}}


def test_a_key_is_known_by_its_whole_text_only(register: Register) -> None:
    keys = ApiKeys(register)
    key, said = keys.create("crm-lyon", [Scope.READ, Scope.INTAKE, Scope.READ], NOW)
    other, other_said = keys.create("crm-lyon", [Scope.READ], NOW)
    assert keys.known(said, NOW) == key
    assert key.scopes == {Scope.READ, Scope.INTAKE}
    assert keys.known(other_said, NOW) == other
    swapped = f"ck_{key.id}_{other_said.rpartition('_')[2]}"
    for forged in ("", "ck__", said[:-1], said + "0", said.upper(), f" {said}", swapped, f"ck_{'0' * 12}_{'0' * 64}"):
        assert keys.known(forged, NOW) is None


def test_a_secret_is_nowhere_in_the_register(register: Register) -> None:
    _, said = ApiKeys(register).create("crm-lyon", [Scope.READ], NOW)
    secret = said.rpartition("_")[2]
    with register.reading() as session:
        rows = session.execute(sa.select(Base.metadata.tables["api_keys"])).all()
    assert len(rows) == 1
    assert secret not in repr(rows)


def test_an_expired_or_revoked_key_opens_nothing_and_its_successor_does(register: Register) -> None:
    keys = ApiKeys(register)
    old, old_said = keys.create("crm-lyon", [Scope.READ], NOW, NOW + timedelta(days=30))
    new, new_said = keys.create("crm-lyon", [Scope.READ], NOW + timedelta(days=29))
    assert keys.known(old_said, NOW + timedelta(days=30) - timedelta(seconds=1)) == old
    assert keys.known(old_said, NOW + timedelta(days=30)) is None
    assert keys.known(new_said, NOW + timedelta(days=30)) == new
    assert keys.revoke(new.id, NOW + timedelta(days=31))
    assert not keys.revoke(new.id, NOW + timedelta(days=32))
    assert not keys.revoke("0" * 12, NOW)
    assert keys.known(new_said, NOW + timedelta(days=32)) is None
    assert [(key.id, key.revoked_at) for key in keys.listed()] == [(old.id, None), (new.id, NOW + timedelta(days=31))]


@pytest.mark.parametrize("name", ["", "Anne Martin", "crm_lyon", "a" * 64, "-crm"])
def test_a_name_that_would_not_do_in_a_journal_is_refused(register: Register, name: str) -> None:
    with pytest.raises(BadKeyName):
        ApiKeys(register).create(name, [Scope.READ], NOW)


def test_of_many_at_the_same_moment_one_reserves_the_reference(register: Register) -> None:
    reservations, intake = IdempotencyKeys(register), intake_of("crm-lyon", "k-1", BODY)
    with ThreadPoolExecutor(8) as threads:
        found = set(threads.map(lambda n: reservations.reserve(intake, f"REC-2026-{n:06}", NOW), range(16)))
    assert len(found) == 1
    assert reservations.found(intake) in found


def test_a_key_is_its_senders_and_tells_another_body_from_the_same_written_otherwise(register: Register) -> None:
    reservations, intake = IdempotencyKeys(register), intake_of("crm-lyon", "k-1", BODY)
    reserved = reservations.reserve(intake, "REC-2026-AAAAAA", NOW)
    assert reserved == Reserved("REC-2026-AAAAAA", intake.body)
    assert intake_of("crm-lyon", "k-1", dict(reversed(BODY.items()))) == intake
    other_body = intake_of("crm-lyon", "k-1", {**BODY, "summary": "Autre"})
    assert reservations.reserve(other_body, "REC-2026-BBBBBB", NOW) == reserved
    assert other_body.body != reserved.body
    assert reservations.found(intake_of("crm-paris", "k-1", BODY)) is None
    assert "Martin" not in repr(intake)
