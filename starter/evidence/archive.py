"""The archive: its files, and the ZIP they go into. The same evidence gives the same bytes, on any machine."""

import hashlib
import io
import zipfile
from collections.abc import Mapping

from starter.evidence.papers import papers
from starter.evidence.printing import printed
from starter.evidence.readme import readme
from starter.evidence.received import files_of_mail, named
from starter.evidence.record import Evidence, as_json, events_file, procedures_file
from starter.render.words import Words
from workflows.procedure.vocabulary import Language

SUMS = "SHA256SUMS"
DOSSIER, PAGES, PROCEDURES = "dossier.json", "dossier.pdf", "procedures.json"
EVENTS = {Language.FR: "evenements.json", Language.EN: "events.json"}
README = {Language.FR: "LISEZMOI.txt", Language.EN: "README.txt"}

_NO_TIME = (1980, 1, 1, 0, 0, 0)
"""The first day a ZIP can name: what the files say of time stands in them."""
_UNIX, _READABLE = 3, 0o644 << 16


def files_of(evidence: Evidence) -> dict[str, bytes]:
    """Make the files of the archive, by their names in it; in them stands nothing of the machine or of the hour.

    Raises:
        typst.TypstError: the pages cannot be set.

    """
    language, enclosed = evidence.export.language, papers(evidence)
    names = {(paper.letter_id, paper.attempt.number): paper.name for paper in enclosed}
    files = {
        PAGES: printed(evidence, enclosed),
        DOSSIER: as_json(evidence.view),
        EVENTS[language]: events_file(evidence, names),
        PROCEDURES: procedures_file(evidence),
        README[language]: readme(evidence),
    }
    for paper in enclosed:
        files[paper.name] = paper.content
        if paper.pdf_name and paper.pdf:
            files[paper.pdf_name] = paper.pdf
    words = Words(language)
    for mail, called in named(evidence.mails, words):
        files |= files_of_mail(mail, called, words)
    return files | {SUMS: sums(files)}


def sums(files: Mapping[str, bytes]) -> bytes:
    """Write the hashes of files as `sha256sum -c` reads them."""
    return "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)).encode()


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Put files into a ZIP. They are stored as they are: what a compression gives depends on its release."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _NO_TIME)
            entry.create_system, entry.external_attr = _UNIX, _READABLE
            archive.writestr(entry, files[name])
    return held.getvalue()
