"""One complaint at a glance, for somebody who sees it for the first time: from the JSON of the query `dossier`."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from starter.render.days import day, explained, instant
from starter.render.facts import contact, parties, received
from starter.render.owed import owed_next
from starter.render.story import render_story
from starter.render.words import Words, shown
from workflows.procedure.calendar import paris_date
from workflows.procedure.vocabulary import Language

View = Mapping[str, Any]

_CLOCK_STYLES = {"running": "", "kept": "green", "breached": "bold red", "dropped": "dim"}
_LETTER_STYLES = {"failed": "red", "bounced": "red", "blocked": "red", "returned": "red", "queued": "yellow"}


def render_dossier(dossier: View, language: Language, *, everything: bool = False) -> RenderableType:
    """Show where it stands, what is owed next, what a person should do, and how it came to this."""
    words = Words(language)
    return Group(*_sections(dossier, words, everything=everything))


def _sections(dossier: View, words: Words, *, everything: bool) -> Iterator[RenderableType]:
    yield _title(dossier, words)
    yield _head(dossier, words)
    steps = dossier["next_steps"]
    if steps:
        yield _heading(words.choose("À faire", "To do"))
        yield from (Text.assemble("→ ", shown(step, longest=500)) for step in steps)
    yield _heading(words.choose("Ce qui est dû", "What is owed next"))
    yield _owed(dossier, words)
    yield _heading(words.choose("Échéances", "Clocks"))
    yield _clocks(dossier, words)
    if dossier["letters"]:
        yield _heading(words.choose("Courriers", "Letters"))
        yield _letters(dossier, words)
    # A dossier of an earlier release does not say.
    if len(dossier.get("handling", [])) > 1:
        yield _heading(words.choose("Qui l'a traitée", "Who handled it"))
        yield from (_handling(each, words) for each in dossier["handling"])
    if dossier["requests"]:
        yield _heading(words.choose("Demandes à l'autre Partie", "Requests to the other Party"))
        yield from (_request(request, words) for request in dossier["requests"])
    refusals = [entry for entry in dossier["journal"] if entry["status"] == "refused"]
    if refusals:
        yield _heading(words.choose("Refus", "Refusals"))
        yield from (_refusal(entry, words) for entry in refusals)
    yield _heading(words.choose("Histoire", "Story"))
    yield render_story(dossier["journal"], words, everything=everything)


def _heading(text: str) -> Text:
    return Text(f"\n{text}", style="bold underline")


def _title(dossier: View, words: Words) -> Text:
    title = shown(dossier["reference"], "bold")
    title.append(words.choose("  niveau ", "  level ") + dossier["level"], style="bold")
    title.append(f" — {_why_this_level(dossier, words)}")
    if dossier["overdue"]:
        title.append(words.choose("  EN RETARD", "  OVERDUE"), style="bold red")
    return title


def _why_this_level(dossier: View, words: Words) -> str:
    why = words("level", dossier["level"])
    if dossier["level"] == "2b":
        sources = ", ".join(words("source", source) for source in dossier["sources"] if source != "customer")
        return f"{why} ({sources})"
    return why


def _head(dossier: View, words: Words) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(ratio=1)
    for label, value in _facts(dossier, words):
        table.add_row(Text(label), value)
    return table


def _facts(dossier: View, words: Words) -> Iterator[tuple[str, Text]]:
    stage = words("stage", dossier["stage"])
    if dossier["closed_by"]:
        stage += f" ({words('closed_by', dossier['closed_by'])})"
    yield words.choose("état", "stage"), shown(f"{stage}, {words.choose('tour', 'round')} {dossier['round']}")
    yield words.choose("réclamant", "complainant"), shown(_complainant(dossier, words))
    yield words.choose("traité par", "handled by"), shown(parties(dossier, words))
    yield words.choose("interlocuteur", "contact"), shown(contact(dossier, words))
    yield words.choose("reçue", "received"), shown(received(dossier, words))
    if summary := _opening(dossier).get("summary"):
        yield words.choose("objet", "about"), shown(summary)


def _opening(dossier: View) -> View:
    for entry in dossier["journal"]:
        if entry["type"] == "opened":
            complaint: View = entry["data"]["complaint"]
            return complaint
    return {}


def _complainant(dossier: View, words: Words) -> str:
    """Name who complains and who speaks for them, as the opening and later details say."""
    opening = _opening(dossier)
    person, agent = opening.get("complainant", {}), opening.get("representative")
    for entry in dossier["journal"]:
        if entry["type"] in ("details_given", "source_joined") and entry["status"] == "accepted":
            data = entry.get("data", {})
            person, agent = data.get("complainant", person), data.get("representative", agent)
    name = person.get("name") or words.choose("anonyme", "anonymous")
    if not agent:
        return str(name)
    mandate = "" if agent.get("mandate") else words.choose(" (sans mandat)", " (no mandate)")
    return f"{name}, {words.choose('représenté par', 'represented by')} {agent['name']}{mandate}"


def _owed(dossier: View, words: Words) -> RenderableType:
    items = owed_next(dossier, words)
    if not items:
        return Text(words.choose("Rien n'est dû.", "Nothing is owed."))
    table = _table(words.choose("quoi|à qui|dernier jour|départ|pourquoi", "what|to whom|last day|leaves|why"))
    for item in items:
        style = "bold red" if item.late else "bold"
        table.add_row(
            shown(item.what, style), shown(item.to_whom), shown(item.by_when, style), shown(item.by_itself),
            shown(item.why, "dim", longest=500),
        )  # fmt: skip
    return table


def _clocks(dossier: View, words: Words) -> Table:
    table = _table(words.choose("échéance|tour|dernier jour|état|décompte", "clock|round|last day|state|how counted"))
    for clock in dossier["clocks"]:
        table.add_row(
            shown(words("clock", clock["clock"])),
            shown(clock["round"]),
            shown(day(clock["due_on"], words)),
            shown(_state(clock, words), _CLOCK_STYLES.get(clock["state"], "")),
            shown(explained(clock, words), "dim", longest=500),
        )
    return table


def _state(clock: View, words: Words) -> str:
    category = "window_state" if clock["clock"] == "mediation_window" else "clock_state"
    said = words(category, clock["state"])
    if clock.get("reason"):
        said += f" ({clock['reason']})"
    if clock.get("settled_at"):
        on = day(paris_date(datetime.fromisoformat(clock["settled_at"])), words)
        said += words.choose(", faite le {}", ", done on {}").format(on) if clock["state"] == "breached" else f", {on}"
    return said + (words.choose(", enregistrée après coup", ", recorded late") if clock.get("recorded_late") else "")


def _letters(dossier: View, words: Words) -> Table:
    table = _table(words.choose("courrier|état|quand|moyen|sert", "letter|status|when|channel|serves"))
    for letter in dossier["letters"]:
        status = words("letter_status", letter["status"])
        problem = letter.get("problem")
        table.add_row(
            shown(" + ".join(words("letter", kind) for kind in letter["sections"])),
            shown(f"{status}{words.choose(' : ', ': ')}{problem}" if problem else status, _style_of(letter)),
            shown(instant(letter["sent_at"] or letter["prepared_at"], words)),
            shown(words("channel", letter["channel"])),
            shown(", ".join(words("clock", name) for name in letter["serves"]) or words.nobody),
        )
    return table


def _style_of(letter: View) -> str:
    return _LETTER_STYLES.get(letter["status"], "")


def _handling(handling: View, words: Words) -> Text:
    line = shown(instant(handling["since"], words)).append(words.choose("  niveau ", "  level ") + handling["level"])
    line.append(" — ").append_text(shown(words("party", handling["handled_by"]), "bold"))
    if handling["helped_by"]:
        line.append(words.choose(", aidé par ", ", helped by ") + words("party", handling["helped_by"]))
    return line.append_text(shown(f" ({words('event', handling['because'])})", "dim"))


def _request(request: View, words: Words) -> Text:
    line = shown(f"{request['number']}. {words('party', request['party'])}", "bold")
    asked = words.choose("Demandé le {}, réponse attendue le {} : {}.", "Asked on {}, answer expected by {}: {}.")
    asked_on, due_on = instant(request["asked_at"], words), day(request["due_on"], words)
    status = words("request_status", request["status"])
    line.append(" — ").append_text(shown(request["about"]))
    line.append(" ").append_text(shown(asked.format(asked_on, due_on, status)))
    if request.get("answer"):
        line.append(" ").append_text(shown(request["answer"], longest=500))
    return line


def _refusal(entry: View, words: Words) -> Text:
    line = shown(f"{instant(entry['at'], words)} {words('event', entry['type'])}", "red")
    return line.append(words.choose(" : ", ": ")).append_text(shown(entry["reason"], longest=1_000))


def _table(headings: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings.split("|"):
        table.add_column(heading)
    return table
