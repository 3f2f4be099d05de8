"""The image's lock: every package that is in the image, with the hashes it is checked against."""

import re
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import Marker, default_environment

ROOT = Path(__file__).resolve().parents[2]
IMAGE_LOCK = ROOT / "deploy" / "container" / "requirements.lock"

_PIN = re.compile(r"^(?P<name>[a-z0-9][a-z0-9._-]*)==(?P<version>[^\s;]+)(?: ; (?P<marker>[^\\]+?))? \\$")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True)
class Locked:
    """One package at one version."""

    name: str
    version: str
    marker: str | None
    """On which machines it is installed; None: on all."""
    hashes: frozenset[str]

    @property
    def is_for_this_machine(self) -> bool:
        """Whether it is installed here; what is not (Windows only) has no metadata to read."""
        environment = {name: str(value) for name, value in default_environment().items()}
        return self.marker is None or Marker(self.marker).evaluate(environment)


def read_lock(file: Path = IMAGE_LOCK) -> list[Locked]:
    """Give the packages of a lock, in its order.

    Raises:
        ValueError: a line is neither a pin, nor a hash, nor a comment; or a pin has no hash.

    """
    pins: list[tuple[re.Match[str], set[str]]] = []
    for line in file.read_text("utf-8").splitlines():
        if pin := _PIN.match(line):
            pins.append((pin, set()))
        elif (digest := _HASH.search(line)) and pins:
            pins[-1][1].add(digest[1])
        elif line and not line.startswith("#"):
            raise ValueError(f"{file.name}: not a pin with its hashes: {line}")
    found = [Locked(pin["name"], pin["version"], pin["marker"], frozenset(hashes)) for pin, hashes in pins]
    if bare := [each.name for each in found if not each.hashes]:
        raise ValueError(f"{file.name}: without any hash: {', '.join(bare)}")
    return found
