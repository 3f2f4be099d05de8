"""The carrier of today: what leaves is laid as files into a folder for each complaint, each thing once.

The proof decides. What is to leave is first laid aside under a name made of its key and its content; then its proof is
created, which can succeed only once; then it is put where people see it, under the name the proof gives. Wherever a
process is killed, the next attempt goes on from there: nothing is lost, and nothing is there twice.
"""

import fcntl
import hashlib
import os
import re
import secrets
from datetime import UTC, datetime
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict

from activities.notify.carrier import Acceptance
from activities.notify.letters import environment
from activities.notify.mail import Outgoing, Tray
from activities.notify.names import folder_name, key_name
from workflows.procedure.calendar import paris_date

PAGES = Path(__file__).parent / "templates" / "pages"

_PROOFS = ".proofs"
_DIGITS = 16
_AT = re.compile(r'<tr id="[^"]*" data-at="([^"]+)"')


class Proof(BaseModel):
    """That something left: when (UTC, the complaint's time), as which file, with which bytes, made of which words."""

    model_config = ConfigDict(frozen=True)

    key: str
    at: AwareDatetime
    file: str
    """Where it lies, from the outbox's folder on."""
    subject: str
    message_id: str
    """Empty for the post."""
    sha256: str
    template: str
    printed: bool = False
    """Whether the letter lies beside as it is printed."""


class Outbox:
    """A folder in which each complaint has its own; threads and processes may share it.

    `durable`: what leaves is on the disk before its proof, and that before anything else, so that a power cut takes
    back nothing that was said to be sent. A rehearsal does without.
    """

    def __init__(self, root: Path, *, durable: bool = True) -> None:
        self.root = root
        self._durable = durable

    name = "outbox"
    repeats_safely = True

    def send(self, outgoing: Outgoing, at: datetime, attempt: int) -> Acceptance:
        """Carry an e-mail, as any carrier does (`activities.notify.carrier.Carrier`); raises as `deliver` does."""
        proof = self.deliver(outgoing, at)
        return Acceptance(at=proof.at, provider_id=proof.message_id or proof.file)

    def deliver(self, outgoing: Outgoing, at: datetime) -> Proof:
        """Let `outgoing` leave at `at` (aware), unless it has: then nothing is written, and that proof is given.

        Raises:
            UnusableAddress: it cannot be sent to anybody.
            OSError: the folder cannot be written to.

        """
        folder = self.root / folder_name(outgoing.reference)
        name = key_name(outgoing.key, outgoing.reference)
        record = folder / _PROOFS / f"{name}.json"
        proof = _read(record)
        if proof is None:
            proof = self._claim(record, outgoing, at)
        self._publish(folder, name, proof)
        self._list(folder, outgoing.reference, proof)
        return proof

    def proofs(self, reference: str) -> list[Proof]:
        """List what left for a complaint, in the order of time."""
        found = (_read(path) for path in (self.root / folder_name(reference) / _PROOFS).glob("*.json"))
        return sorted((proof for proof in found if proof), key=lambda proof: (proof.at, proof.key))

    def _claim(self, record: Path, outgoing: Outgoing, at: datetime) -> Proof:
        posted = outgoing.tray is Tray.POST
        page = outgoing.html.encode()
        # The first is what leaves, and what the proof is of.
        contents = {} if posted else {".eml": outgoing.as_message(at)}
        contents |= {".pdf": outgoing.pdf} if outgoing.pdf else {}
        contents |= {".html": page}
        digest = hashlib.sha256(next(iter(contents.values()))).hexdigest()
        visible = f"{paris_date(at)}_{record.stem}{next(iter(contents))}"
        proof = Proof(
            key=outgoing.key,
            at=at.astimezone(UTC),
            file="/".join(filter(None, (folder_name(outgoing.reference), outgoing.tray, visible))),
            subject=outgoing.subject,
            message_id="" if posted else outgoing.message_id,
            sha256=digest,
            template=outgoing.template,
            printed=outgoing.pdf is not None,
        )
        (self.root / proof.file).parent.mkdir(parents=True, exist_ok=True)
        record.parent.mkdir(exist_ok=True)
        for suffix, content in contents.items():
            # What is beside it only shows the same again.
            durable = self._durable and suffix == next(iter(contents))
            os.replace(_written(record, content, durable), _aside(record, digest, suffix))
        written = _written(record, proof.model_dump_json(indent=1).encode(), self._durable)
        try:
            os.link(written, record)  # fails when the name is taken: of two attempts, one is the sending
        except FileExistsError:
            first = Proof.model_validate_json(record.read_bytes())
            if first.sha256 != digest:
                for suffix in contents:
                    _aside(record, digest, suffix).unlink(missing_ok=True)
            return first
        finally:
            written.unlink()
        for other in record.parent.glob(f"{record.stem}~{'[0-9a-f]' * _DIGITS}.*"):
            if other not in (_aside(record, digest, suffix) for suffix in contents):
                other.unlink(missing_ok=True)  # laid aside by an attempt that was killed
        return proof

    def _publish(self, folder: Path, name: str, proof: Proof) -> None:
        for suffix in (".html", ".eml", ".pdf"):
            aside = _aside(folder / _PROOFS / f"{name}.json", proof.sha256, suffix)
            try:
                os.replace(aside, (self.root / proof.file).with_suffix(suffix))
            except FileNotFoundError:
                continue  # put there before, by this attempt or another

    def _list(self, folder: Path, reference: str, proof: Proof) -> None:
        """Write into the list of a complaint's letters whatever it lacks, which is what has just left."""
        with (folder / "index.html").open("ab+") as page:
            fcntl.flock(page, fcntl.LOCK_EX)  # until it is closed
            page.seek(0)
            listed = page.read().decode()
            lacking = [path for path in (folder / _PROOFS).glob("*.json") if f'<tr id="{path.stem}"' not in listed]
            if not lacking:
                return
            new = _entry(proof)
            if listed and [path.stem for path in lacking] == [new["name"]] and str(new["at"]) >= _last(listed):
                page.write(_shown("entry.html.j2", entry=new))
                return
            page.truncate(0)
            page.write(_shown("index.html.j2", reference=reference))
            page.write(b"".join(_shown("entry.html.j2", entry=_entry(each)) for each in self.proofs(reference)))


def _aside(record: Path, digest: str, suffix: str) -> Path:
    return record.with_name(f"{record.stem}~{digest[:_DIGITS]}{suffix}")


def _written(near: Path, content: bytes, durable: bool) -> Path:
    """Write a file nobody looks at yet, whole, beside `near`."""
    path = near.with_name(f"{near.stem}.{secrets.token_hex(8)}.tmp")
    with path.open("xb") as file:
        file.write(content)
        if durable:
            file.flush()
            os.fsync(file.fileno())
    return path


def _read(record: Path) -> Proof | None:
    try:
        return Proof.model_validate_json(record.read_bytes())
    except FileNotFoundError:
        return None


def _shown(template: str, **told: object) -> bytes:
    return environment(PAGES).get_template(template).render(told).encode("utf-8", "replace")


def _last(listed: str) -> str:
    return max(_AT.findall(listed), default="")


def _entry(proof: Proof) -> dict[str, object]:
    _, *tray, file = proof.file.split("/")
    within = "/".join([*tray, file])
    return {
        "name": file.partition("_")[2].rpartition(".")[0],
        "at": proof.at.isoformat(timespec="microseconds"),
        "on": paris_date(proof.at),
        "tray": "".join(tray),
        "subject": proof.subject,
        "page": str(Path(within).with_suffix(".html").as_posix()),
        "file": within,
        "pdf": str(Path(within).with_suffix(".pdf").as_posix()) if proof.printed else "",
        "template": proof.template,
        "sha256": proof.sha256,
    }
