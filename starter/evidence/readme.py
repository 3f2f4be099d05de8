"""The few lines in the archive that say what each file is, and how to verify it."""

from starter.evidence.papers import missing
from starter.evidence.received import not_read
from starter.evidence.record import Evidence
from starter.render.days import instant
from starter.render.words import Words
from workflows.procedure.vocabulary import Language

_FRENCH = """\
Dossier de réclamation {reference}
{firm}
État au {as_of} ({revision} lignes de journal, lues dans {source}). Heures de Paris.

Ce que contient l'archive
  dossier.pdf        le dossier à lire : parties, échéances, courriers, réponses, chronologie
  lettres/           chaque courrier tel qu'il est parti (.eml : le message ; .pdf : la page imprimée) ;
                     à côté d'un message, le PDF qui y est joint, lisible sans logiciel de messagerie
{received}  dossier.json       l'état du dossier, pour une machine
  evenements.json    le journal entier, les tentatives d'envoi, les avis du transporteur
  procedures.json    les procédures du cabinet (délais, jours fermés) d'après lesquelles les dates ont été comptées
  SHA256SUMS         l'empreinte SHA-256 de chaque fichier
{missing}
Comment vérifier
  1. Dans un dossier où l'archive est décompressée : sha256sum -c SHA256SUMS
     (macOS : shasum -a 256 -c SHA256SUMS ; Windows : certutil -hashfile FICHIER SHA256).
  2. L'empreinte d'un courrier de lettres/ est celle que le registre a notée avant de le confier au transporteur :
     « sha256 » de l'envoi et de la ligne du journal (letter_sent, letter_queued), dans evenements.json.
     Le PDF à côté d'un message en est extrait ; c'est le message qui fait foi.
  3. complaints dossier verify ARCHIVE.zip refait ces contrôles, recalcule le dossier à partir du journal et des
     procédures, et le compare à dossier.json et à dossier.pdf.
  Ces contrôles montrent que l'archive est cohérente et entière. Que c'est bien celle qui a été remise se prouve par
  l'empreinte de l'archive elle-même, communiquée avec elle par une autre voie.
"""
_ENGLISH = """\
Complaint file {reference}
{firm}
As of {as_of} ({revision} lines of journal, read from {source}). Paris time.

What the archive holds
  dossier.pdf        the file to read: parties, deadlines, letters, answers, chronology
  letters/           each letter as it left (.eml: the message; .pdf: the printed page); beside a message, the PDF
                     attached to it, which needs no mail program
{received}  dossier.json       the state of the file, for a machine
  events.json        the whole journal, the attempts to send, what the carrier reported
  procedures.json    the firm's procedures (deadlines, closed days) by which the dates were counted
  SHA256SUMS         the SHA-256 hash of each file
{missing}
How to verify
  1. In a folder where the archive is unpacked: sha256sum -c SHA256SUMS
     (macOS: shasum -a 256 -c SHA256SUMS; Windows: certutil -hashfile FILE SHA256).
  2. The hash of a letter in letters/ is the one the register wrote down before it was handed to the carrier:
     "sha256" of the attempt and of the line of the journal (letter_sent, letter_queued), in events.json.
     The PDF beside a message is taken from it; the message is the evidence.
  3. complaints dossier verify ARCHIVE.zip does all this again, works the file out from the journal and the
     procedures, and compares it with dossier.json and dossier.pdf.
  These checks show that the archive is consistent and whole. That it is the one that was handed over is proved by the
  hash of the archive itself, given along with it by another way.
"""


def readme(evidence: Evidence) -> bytes:
    """Write them."""
    export = evidence.export
    words = Words(export.language)
    said = _FRENCH if export.language is Language.FR else _ENGLISH
    return said.format(
        reference=export.reference,
        firm=export.firm[0],
        as_of=instant(export.as_of, words),
        revision=export.revision,
        source=source(evidence, words),
        missing=_missing(evidence, words),
        received=_received(evidence, words),
    ).encode("utf-8", "backslashreplace")


def source(evidence: Evidence, words: Words) -> str:
    """Say where the state was read."""
    if evidence.export.source == "temporal":
        return words.choose("Temporal", "Temporal")
    return words.choose("le registre", "the register")


def _received(evidence: Evidence, words: Words) -> str:
    if evidence.mails is None:
        return f"  {not_read(words)}\n"
    if not evidence.mails:
        return ""
    return words.choose(
        """\
  recus/             chaque courriel du client tel qu'il est arrivé (.mime), son texte à lire (.txt) et ses pièces
                     jointes, sauf celles qu'il ne faut pas ouvrir, qui restent dans le message
""",
        """\
  received/          each of the customer's e-mails as it came (.mime), its text to read (.txt) and its attachments,
                     except those nobody should open, which stay within the message
""",
    )


def _missing(evidence: Evidence, words: Words) -> str:
    letters = evidence.letters
    lines = [f"  {place}. {words('letter', letters[place - 1].record.kind)}" for place in missing(evidence)]
    if not lines:
        return ""
    heading = words.choose(
        "Manquent (le registre n'a pas le contenu de ces courriers) :",
        "Missing (the register does not have the content of these letters):",
    )
    return "\n".join(["", heading, *lines, ""])
