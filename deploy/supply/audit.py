"""Asks whether the image's packages have known vulnerabilities: `make audit`, by pip-audit.

pip-audit alone ends well when a database knows none of the packages, as behind a proxy that answers "not found" to
everything. Here a package that nobody vouched for is a failure, and so is a database that does not answer.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from typing import Any

from deploy.supply.lock import IMAGE_LOCK, read_lock

FOUND, NOT_ASKED = 1, 2
"""How it ends: vulnerabilities are known; or nobody can say, since not every package was looked up."""
_SHOWN = 5


def audit(options: Sequence[str] = (), patience_seconds: float = 300) -> tuple[int, str]:
    """Give how it ended and what to tell; `options` are pip-audit's own, such as `-s osv`."""
    with tempfile.TemporaryDirectory() as cache:  # each audit asks anew
        command = [
            sys.executable, "-m", "pip_audit", "--requirement", str(IMAGE_LOCK), "--require-hashes", "--disable-pip",
            "--format", "json", "--progress-spinner", "off", "--cache-dir", cache, *options,
        ]  # fmt: skip
        try:
            done = subprocess.run(  # noqa: S603 -- our own command
                command, capture_output=True, text=True, check=False, timeout=patience_seconds
            )
        except subprocess.TimeoutExpired:
            return NOT_ASKED, _not_audited(f"no end within {patience_seconds:.0f} seconds")
    try:
        answered: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        return NOT_ASKED, _not_audited(_last_line(done.stderr))
    known = {(each["name"], each["version"]): each["vulns"] for each in answered if "vulns" in each}
    wanted = [(each.name, each.version) for each in read_lock() if each.is_for_this_machine]
    unknown = [f"{name} {version}" for name, version in wanted if (name, version) not in known]
    found = [f"{name} {version}: {_told(each)}" for (name, version), vulns in known.items() for each in vulns]
    if found:
        # What is known is worth acting on, even where not all is.
        rest = [_not_audited(_unanswered(unknown, len(wanted)))] if unknown else []
        return FOUND, "\n".join([f"{len(found)} known vulnerabilities:", *found, *rest])
    if unknown:
        return NOT_ASKED, _not_audited(_unanswered(unknown, len(wanted)))
    return 0, f"{len(known)} packages of the image: no known vulnerability."


def _told(vulnerability: dict[str, Any]) -> str:
    repaired = ", ".join(vulnerability["fix_versions"]) or "no version yet"
    return f"{vulnerability['id']}, repaired in {repaired}"


def _unanswered(unknown: list[str], of: int) -> str:
    more = f" and {len(unknown) - _SHOWN} more" if len(unknown) > _SHOWN else ""
    return f"the database knows nothing of {len(unknown)} packages of {of}: {', '.join(unknown[:_SHOWN])}{more}"


def _not_audited(why: str) -> str:
    return (
        f"Not audited: {why}.\nThe vulnerability database could not be asked about every package, so nothing is said "
        "of the image's safety. Repeat it where the internet can be reached, or name a mirror of OSV: "
        "make audit AUDIT='-s osv --osv-url https://…/v1/query'"
    )


def _last_line(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1].rstrip(".") if lines else "pip-audit said nothing"


def main() -> int:
    """Tell the answer, and end as it is."""
    status, told = audit(sys.argv[1:])
    sys.stdout.write(f"{told}\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
