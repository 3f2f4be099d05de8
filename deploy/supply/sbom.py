"""The image's bill of materials in CycloneDX: `make sbom` writes it, by cyclonedx-py.

A list with hashes, no graph: a lock does not say which package asked for which.
"""

import subprocess
import sys
from pathlib import Path

from deploy.supply.lock import IMAGE_LOCK, ROOT

SBOM = ROOT / "dist" / "sbom.cdx.json"


def write(file: Path = SBOM) -> None:
    """Write it: the packages of the lock with their hashes. The same lock gives the same file.

    Raises:
        subprocess.CalledProcessError: it could not be made, or is not valid.

    """
    file.parent.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable, "-W", "ignore::UserWarning:cyclonedx.model.bom", "-m", "cyclonedx_py",
        "requirements", str(IMAGE_LOCK), "--pyproject", str(ROOT / "pyproject.toml"),
        "--output-reproducible", "--validate", "--of", "JSON", "-o", str(file),
    ]  # fmt: skip
    subprocess.run(command, check=True)  # noqa: S603 -- our own command


if __name__ == "__main__":
    write()
    sys.stdout.write(f"{SBOM.relative_to(ROOT)}\n")
