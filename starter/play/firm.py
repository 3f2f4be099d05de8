"""The firm's file of a play: the firm's own, and the respondents of a register that it does not know as insurers."""

from collections.abc import Iterable
from pathlib import Path

from activities.firm.load import load_firm


def known_insurers(firm_file: Path) -> set[str]:
    """Give the ids of the firm's insurers. Raises FirmFileError."""
    return {insurer.id for insurer in load_firm(firm_file).insurers}


def with_insurers(firm_file: Path, added: Iterable[str], folder: Path) -> Path:
    """Copy the firm's file into `folder` with more insurers, by their ids: else none could be asked for help."""
    tables = "".join(
        f'\n[[insurers]]\nid = "{insurer}"\nname = "{insurer}"\nemail = "{insurer}@example.org"\n'
        f'manager_email = "{insurer}@example.org"\n'
        for insurer in sorted(added)
    )
    copy = folder / "firm.toml"
    copy.write_text(firm_file.read_text(encoding="utf-8") + "\n" + tables, encoding="utf-8")
    return copy
