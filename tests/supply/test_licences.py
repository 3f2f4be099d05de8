"""Every package of the image has a licence that the firm may pass on, and the committed list says which."""

import pytest

from deploy.supply.licences import PAGE, is_allowed, licence_of, page
from deploy.supply.lock import Locked, read_lock


def test_the_committed_list_is_that_of_the_lock() -> None:
    assert PAGE.read_text("utf-8") == page(), "`make licences` writes it again"
    rows = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ")][1:]
    listed = [tuple(row.strip("| ").split(" | ")[:2]) for row in rows]
    assert listed == [(each.name, each.version) for each in read_lock()]


@pytest.mark.parametrize("package", read_lock(), ids=lambda each: str(each.name))
def test_no_licence_slips_in(package: Locked) -> None:
    assert is_allowed(package.name, licence_of(package)), licence_of(package)


@pytest.mark.parametrize(
    ("package", "licence", "allowed"),
    [
        ("new", "MIT", True),
        ("new", "GPL-3.0-only", False),
        ("new", "AGPL-3.0-or-later", False),
        ("new", "LGPL-3.0-only", False),
        ("psycopg", "LGPL-3.0-only", True),
        ("psycopg", "GPL-3.0-only", False),
        ("new", "MPL-2.0", False),
        ("certifi", "MPL-2.0", True),
        ("new", "GPL-2.0-only OR MIT", True),
        ("new", "MIT AND GPL-2.0-only", False),
        ("new", "(MIT OR GPL-2.0-only) AND BSD-3-Clause", False),  # not understood: somebody has to look
        ("new", "LicenseRef-Proprietary", False),
    ],
)
def test_what_is_allowed(package: str, licence: str, allowed: bool) -> None:
    assert is_allowed(package, licence) == allowed


def test_a_package_that_is_installed_at_another_version_is_not_vouched_for() -> None:
    with pytest.raises(LookupError, match="make setup"):
        licence_of(Locked("alembic", "0.0.1", None, frozenset()))
