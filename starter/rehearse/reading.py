"""Reads what became of a complaint from its dossier, and from what lies in the outbox of its rehearsal."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from email import message_from_bytes, policy
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from activities.notify.layout import TEXT_WIDTH
from activities.notify.outbox import Outbox, Proof
from starter.rehearse.lived import Charge, LivedClock, LivedComplaint, LivedLetter, LivedMessage
from starter.rehearse.plan import Sent
from workflows.procedure import acts
from workflows.procedure.calendar import paris_date
from workflows.procedure.dossier import Carried, Dossier
from workflows.procedure.events import EVENTS
from workflows.procedure.orders import Contact
from workflows.procedure.records import Entry, Letter
from workflows.procedure.vocabulary import EntryStatus

_PARTNERS, _STAFF = "partners", "staff"
_ENDS_A_LINE = frozenset({"p", "br", "li", "h1", "h2", "div", "header", "footer", "aside", "section", "strong"})
_BEGINS_A_LINE = ("- ", "    ")
_NOT_SHOWN = frozenset({"style", "title", "script"})


def read_life(
    carried: Carried,
    outbox: Path,
    sent: Sequence[Sent],
    opening_attributes: Mapping[str, str],
    last_attributes: Mapping[str, str],
    followed_to: date | None,
) -> LivedComplaint:
    """Read a complaint that was lived to its end, or to `followed_to`; `sent`: the events it was to hear."""
    dossier = Dossier.resume(carried)
    proofs = {proof.key: proof for proof in Outbox(outbox).proofs(carried.reference)}
    breached = {entry.data["clock"] for entry in _acts(dossier, acts.CLOCK_BREACHED)}
    return LivedComplaint(
        reference=carried.reference,
        followed_to=followed_to,
        closed_on=paris_date(dossier.journal[-1].recorded_at) if dossier.case.closed_by else None,
        clocks=tuple(
            LivedClock(
                key=clock.key,
                clock=clock.clock,
                starts_on=clock.starts_on,
                due_on=clock.due_on,
                act_at=clock.act_at,
                state=clock.state,
                breached=clock.key in breached,
            )
            for clock in dossier.case.clocks
        ),
        letters=tuple(_letter(letter, proofs.get(letter.id), outbox) for letter in dossier.case.letters),
        messages=tuple(_messages(proofs.values(), outbox)),
        charges=tuple(_charges(dossier)),
        opening_attributes=opening_attributes,
        last_attributes=last_attributes,
        unheard=dict(_unheard(dossier.journal, sent)),
    )


def _acts(dossier: Dossier, kind: str) -> Iterator[Entry]:
    return (entry for entry in dossier.journal if entry.type == kind and entry.status is EntryStatus.ACCEPTED)


def _letter(letter: Letter, proof: Proof | None, outbox: Path) -> LivedLetter:
    return LivedLetter(
        key=letter.id,
        kind=letter.kind,
        sections=tuple(letter.sections),
        language=letter.language,
        on=paris_date(letter.prepared_at),
        channel=letter.channel,
        status=letter.status,
        template=letter.template,
        contact=letter.contact,
        text=_words(proof, outbox)[1] if proof else letter.problem or "",
    )


def _messages(proofs: Iterable[Proof], outbox: Path) -> Iterator[LivedMessage]:
    seen: Counter[str] = Counter()
    for proof in sorted(proofs, key=lambda each: (each.at, each.key)):
        tray = proof.file.split("/")[1] if proof.file.count("/") > 1 else ""
        if tray not in (_STAFF, _PARTNERS):
            continue
        matter = _matter(proof.key)
        seen[matter] += 1
        to, text = _words(proof, outbox)
        yield LivedMessage(
            key=f"{matter}/{seen[matter]}", to_partner=tray == _PARTNERS, on=paris_date(proof.at), to=to, text=text
        )


def _matter(key: str) -> str:
    """Name what a message is about: without the number of the journal's line that caused it, which says nothing."""
    return "/".join(part for part in key.split("/") if not part.startswith("#"))


def _charges(dossier: Dossier) -> Iterator[Charge]:
    for entry in _acts(dossier, acts.CONTACT_ASSIGNED):
        contact = Contact.model_validate(entry.data["contact"])
        yield Charge(on=paris_date(entry.at), contact=contact.id, name=contact.name)


def _unheard(journal: Iterable[Entry], sent: Iterable[Sent]) -> Iterator[tuple[str, str]]:
    """Name the events that were not accepted: refused, or sent after the end."""
    heard, refused = set[str](), dict[tuple[str, Any], str]()
    for entry in journal:
        if entry.type not in EVENTS:
            continue
        if entry.status is EntryStatus.REFUSED:
            # A refused message is kept under an id of the complaint's own, with what it said.
            refused[(entry.type, entry.data.get("id"))] = entry.reason or ""
        else:
            heard.add(entry.id)
    for each in sent:
        if each.id not in heard:
            yield each.id, refused.get((each.kind, each.id), "")


def _words(proof: Proof, outbox: Path) -> tuple[tuple[str, ...], str]:
    """Give the addresses something was sent to, and its subject and words as plain text."""
    file = outbox / proof.file
    if file.suffix == ".eml":
        message = message_from_bytes(file.read_bytes(), policy=policy.default)
        body = message.get_body(("plain",))
        text = _unwrapped(str(body.get_content())) if body else ""
        to = tuple(address.addr_spec for address in message["To"].addresses)
    else:
        # For the post there is a printed page and the same page for a browser.
        text, to = _text_of_page(file.with_suffix(".html").read_text(encoding="utf-8")), ()
    return to, f"{proof.subject}\n\n{text.strip()}\n"


def _text_of_page(page: str) -> str:
    reader = _PageText()
    reader.feed(page)
    reader.close()
    said = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    return "\n".join(line for line in said if line)


def _unwrapped(text: str) -> str:
    """Undo the wrapping of a plain text: a word more or less then changes its own paragraph only."""
    lines: list[str] = []
    width = 0
    for line in text.splitlines():
        word = line.split(maxsplit=1)[0] if line.strip() else ""
        if word and width and width + 1 + len(word) > TEXT_WIDTH and not line.startswith(_BEGINS_A_LINE):
            lines[-1] += f" {line.strip()}"
        else:
            lines.append(line)
        width = len(line)
    return "\n".join(lines)


class _PageText(HTMLParser):
    """The words of a page that a reader sees, a line to each paragraph."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in _NOT_SHOWN
        if tag in _ENDS_A_LINE:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in _NOT_SHOWN
        if tag in _ENDS_A_LINE:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data.replace("\n", " "))
