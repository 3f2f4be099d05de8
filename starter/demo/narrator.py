"""Tells a complaint's life in plain words, from its own dossier alone: it knows no story, and expects nothing.

What is told is what the journal gained since the last look, and what that changed: the level, the clocks, what is owed.
"""

import asyncio
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from babel.numbers import format_currency
from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from activities.firm.schema import Firm
from starter.render.days import day, instant, long_day
from starter.render.owed import owed_next
from starter.render.story import told
from starter.render.words import Words, shown
from workflows.procedure.calendar import paris_date
from workflows.procedure.vocabulary import Language

View = Mapping[str, Any]
Line = tuple[str, str]
"""A text and its style."""

_BREATH_SECONDS = 0.1
"""Between two lines on a terminal, so that one sees a life pass; a file or a pipe gets them at once."""
_LONGEST_QUOTE = 400

_SENTENCES: dict[str, Line] = {
    "opened": (
        "{complainant} adresse une réclamation ({channel}) : “{summary}”",
        "{complainant} complains ({channel}): “{summary}”",
    ),
    "opened_by_phone": (
        "{complainant} se plaint au téléphone : “{summary}”",
        "{complainant} complains on the phone: “{summary}”",
    ),
    "opened_for": (
        "{representative} ({source}) réclame au nom de {complainant} ({channel}) : “{summary}”",
        "{representative} ({source}) complains for {complainant} ({channel}): “{summary}”",
    ),
    "contact_assigned": (
        "{contact} prend le dossier en charge, et reste l'interlocuteur du client jusqu'au bout",
        "{contact} takes charge, and stays the customer's point of contact to the end",
    ),
    "contact_missing": ("Personne ne peut prendre le dossier en charge", "Nobody can take charge"),
    "letter_sent": ("✉ Part pour {recipient}, par {channel} : {letter}", "✉ To {recipient}, by {channel}: {letter}"),
    "letter_queued": (
        "✉ Imprimé pour {recipient}, à mettre à la poste : {letter}",
        "✉ Printed for {recipient}, to be put in the post: {letter}",
    ),
    "letter_deferred": (
        "✉ Le service d'envoi ne peut pas prendre ce courrier, il est retenté : {letter}",
        "✉ The carrier cannot take this letter, it is tried again: {letter}",
    ),
    "letter_doubtful": (
        "✉ Le service d'envoi n'a pas répondu, ce courrier est peut-être parti : {letter}",
        "✉ The carrier gave no answer, this letter may have left: {letter}",
    ),
    "posted": ("{by} met à la poste : {posted}", "{by} puts in the post: {posted}"),
    "help_requested": (
        "Le cabinet demande l'aide de {insurer}, réponse attendue le {answer_by}",
        "The firm asks {insurer} for help, to be given by {answer_by}",
    ),
    "help_reminded": (
        "{insurer} n'a pas encore répondu : rappel",
        "{insurer} has not answered yet: it is reminded",
    ),
    "help_insisted": (
        "{insurer} se tait toujours : son responsable reçoit une relance",
        "{insurer} is still silent: its manager is written to",
    ),
    "help_withdrawn": (
        "L'aide de {insurer} n'est plus nécessaire : la demande est retirée",
        "The help of {insurer} is no longer needed: the request is taken back",
    ),
    "partner_informed": ("{insurer} en est informée (niveau {level})", "{insurer} is told of it (level {level})"),
    "dossier_handed_over": ("Le dossier est remis à {insurer}", "The dossier is handed over to {insurer}"),
    "partner_answered": ("{insurer} répond : “{answer}”", "{insurer} answers: “{answer}”"),
    "clock_warned": (
        "Dernier jour et rien ne part tout seul : {clock}. Le cabinet est prévenu",
        "The last day, and nothing leaves by itself: {clock}. Staff are warned",
    ),
    "clock_breached": (
        "Échéance manquée : {clock}, due le {due_on}. La direction est prévenue, la trace reste",
        "Deadline missed: {clock}, due on {due_on}. Management is told, and the record stays",
    ),
    "window_ended": (
        "Le délai pour saisir le médiateur est écoulé",
        "The time for turning to the mediator has passed",
    ),
    "written_complaint_received": (
        "{complainant} confirme par écrit ({channel}) : les délais réglementaires commencent",
        "{complainant} confirms in writing ({channel}): the regulatory clocks begin",
    ),
    "estimate_given": (
        "{by} prévoit une réponse pour le {expected_on} : “{situation}”",
        "{by} expects an answer by {expected_on}: “{situation}”",
    ),
    "results_known": (
        "{by} a les résultats de l'enquête : réclamation {decision}",
        "{by} has the results of the investigation: complaint {decision}",
    ),
    "response_given": (
        "{by} donne la réponse : réclamation {decision}. “{reasons}”",
        "{by} gives the answer: complaint {decision}. “{reasons}”",
    ),
    "customer_rejects": (
        "{complainant} conteste la réponse : “{reasons}”",
        "{complainant} contests the answer: “{reasons}”",
    ),
    "customer_accepts": ("{complainant} accepte la réponse", "{complainant} accepts the answer"),
    "mediator_seized": (
        "{complainant} saisit le médiateur : {mediator} le notifie (Partie destinataire : {addressed_to})",
        "{complainant} turns to the mediator: {mediator} gives notice (addressed to: {addressed_to})",
    ),
    "mediation_ended": ("{mediator} met fin à la médiation ({outcome})", "{mediator} ends the mediation ({outcome})"),
    "summons_served": (
        "Une assignation est remise (Partie assignée : {addressed_to}) : {court}",
        "A summons is served (on: {addressed_to}): {court}",
    ),
    "reply_filed": ("La réponse du cabinet est déposée {to}", "The firm's reply is filed {to}"),
    "litigation_ended": ("Le procès est fini : “{outcome_text}”", "The court case is over: “{outcome_text}”"),
}
"""What an entry of the journal is in plain words. An entry not named here is told as `complaints show` tells it."""

_LABELS: dict[str, Line] = {
    "level": (
        "Niveau {level} : {why}. Traité par {handling}{help}.",
        "Level {level}: {why}. Handled by {handling}{help}.",
    ),
    "helped": (", avec l'aide de {}", ", helped by {}"),
    "helped_where_needed": (", avec l'aide de {} si besoin", ", helped by {} where needed"),
    "round": ("Un deuxième tour commence : {}", "A second round begins: {}"),
    "due": ("À tenir : ", "To be kept: "),
    "due_by": ("{} pour le {}", "{} by {}"),
    "serves": ("au titre de : ", "serves: "),
    "by": ("{} (dernier jour : {})", "{} (last day: {})"),
    "informs": (" – il informe, sans valoir réponse", " – it informs, and is no answer"),
    "announces": ("annonce une réponse pour le {}", "announces an answer by {}"),
    "estimated": (" : la date donnée par son interlocuteur", ": the date given by the contact"),
    "announced_before": (" : la date déjà annoncée", ": the date announced before"),
    "by_default": (
        " : la date par défaut du cabinet, faute d'estimation ; {} reçoit un avis",
        ": the firm's default date, for want of an estimate; {} is told",
    ),
    "offer": ("avec une offre de {} – {}", "with an offer of {} – {}"),
    "kept": ("Tenu : {}", "Kept: {}"),
    "dropped": ("Ne court plus{} : {}", "No longer runs{}: {}"),
    "restored": ("Court de nouveau, avec sa première date : {}", "Runs again, with its first date: {}"),
    "nothing_leaves": ("Plus aucun courrier ne part tout seul.", "No letter leaves by itself any more."),
    "closed": ("Dossier clos : {}.", "Complaint closed: {}."),
    "on": ("{} (le {})", "{} ({})"),
    "overdue": (" (EN RETARD)", " (OVERDUE)"),
}

_HIDDEN = frozenset({"staff_told", "procedure_pinned", "help_step_due"})
"""What says nothing of its own: the call on the other Party that follows says it better."""
_STYLES = {
    "opened": "bold", "letter_sent": "green", "letter_queued": "green", "posted": "green", "clock_breached": "bold red",
    "clock_warned": "yellow", "letter_failed": "bold red", "contact_missing": "bold red", "help_reminded": "yellow",
    "help_insisted": "yellow", "mediator_seized": "bold", "summons_served": "bold", "customer_rejects": "bold",
}  # fmt: skip


class Narrator:
    """Tells on a console, in one language; the firm knows the names behind the ids."""

    def __init__(self, console: Console, language: Language, firm: Firm) -> None:
        self.console, self.words = console, Words(language)
        self._insurers = {insurer.id: insurer.name for insurer in firm.insurers}
        self._mediator = firm.mediator.name
        # Reasons stand in the dossier as staff read them.
        self._gives_reasons = language is firm.staff_language
        self._owed = self._when_told = ""

    def title(self, text: str) -> None:
        """Begin a chapter."""
        self.console.print()
        self.console.print(Rule(Text(text, style="bold cyan"), align="left", style="cyan"))
        self._owed = self._when_told = ""

    def say(self, text: str, style: str = "") -> None:
        """Say a sentence of the demonstration's own."""
        self.console.print(Text(text, style=style))

    async def tell(self, before: View | None, after: View, now: datetime) -> None:
        """Tell what happened between two looks at a dossier."""
        known = len(before["journal"]) if before else 0
        for entry in after["journal"][known:]:
            if entry["type"] in _HIDDEN:
                continue
            await self._put(entry["at"], after, self._headline(entry, after))
            for text, style in self._details(entry, after):
                await self._put(None, after, shown(text, style, _LONGEST_QUOTE))
        for text, style in self._consequences(before, after, now):
            await self._put(None, after, shown(f"→ {text}", style, _LONGEST_QUOTE))

    async def _put(self, at: str | None, dossier: View, what: Text) -> None:
        row = Table.grid(padding=(0, 2))
        row.add_column(width=6, justify="right", no_wrap=True)
        row.add_column(width=27, no_wrap=True)
        row.add_column(ratio=1)
        row.add_row(*self._when(at, dossier), what)
        self.console.print(row)
        if self.console.is_terminal:
            await asyncio.sleep(_BREATH_SECONDS)

    def _when(self, at: str | None, dossier: View) -> tuple[Text, Text]:
        if at is None:
            return Text(), Text()
        received, on = (paris_date(datetime.fromisoformat(when)) for when in (dossier["received_at"], at))
        when = instant(at, self.words)
        if when == self._when_told:
            return Text(), Text()
        self._when_told = when
        return Text(self._either("J", "D") + f"+{(on - received).days}", "cyan"), Text(when, "dim")

    # One entry ---------------------------------------------------------------------------------------------------

    def _headline(self, entry: View, dossier: View) -> Text:
        sentence = self._sentence(entry, dossier)
        if sentence not in _SENTENCES or entry["status"] != "accepted":
            return told(entry, self.words)
        said = self._either(*_SENTENCES[sentence]).format_map(_Fields(self._fields(entry, dossier)))
        return shown(said, _STYLES.get(sentence, ""), _LONGEST_QUOTE)

    def _sentence(self, entry: View, dossier: View) -> str:
        if entry["type"] == "opened":
            complaint = entry["data"]["complaint"]
            if complaint.get("representative"):
                return "opened_for"
            return "opened_by_phone" if complaint["channel"] == "phone" else "opened"
        if entry["type"] == "delivery_reported" and entry["data"]["status"] == "posted":
            return "posted"
        return str(entry["type"])

    def _fields(self, entry: View, dossier: View) -> Iterator[tuple[str, str]]:
        """Name everything a sentence about `entry` may speak of."""
        opening = dossier["journal"][0]["data"]["complaint"]
        data = {**entry.get("data", {}), **entry.get("data", {}).get("complaint", {})}
        yield from ((name, value) for name, value in data.items() if isinstance(value, str))
        agent = opening.get("representative")
        complainant = opening["complainant"].get("name") or self._either("Un anonyme", "Somebody")
        yield "complainant", complainant
        yield "representative", agent["name"] if agent else ""
        yield "recipient", agent["name"] if agent and agent.get("mandate") else complainant
        yield "by", entry["by"] or self._either("Le cabinet", "The firm")
        yield "insurer", self._insurer(dossier)
        yield "mediator", self._mediator
        yield "outcome_text", str(data.get("outcome", ""))
        yield "level", data.get("wish", {}).get("level", dossier["level"])
        for category in ("channel", "source", "decision", "outcome", "to"):
            if category in data:
                yield category, self.words(category, data[category])
        if "addressed_to" in data:
            yield "addressed_to", self.words("party", data["addressed_to"])
        if "contact" in data and isinstance(data["contact"], dict):
            yield "contact", data["contact"]["name"]
        if "expected_on" in data:
            yield "expected_on", long_day(data["expected_on"], self.words)
        if "sections" in data:
            yield "letter", self._letter(data["sections"])
        if "letter_id" in data:
            yield (
                "posted",
                ", ".join(
                    self._letter(letter["sections"])
                    for letter in dossier["letters"]
                    if letter["id"] == data["letter_id"]
                ),
            )
        if entry["type"] == "help_requested" and dossier["requests"]:
            yield "answer_by", long_day(dossier["requests"][-1]["due_on"], self.words)
        if data.get("clock"):
            yield "clock", self.words("clock", data["clock"].partition("/")[0])
            clock = _clock(dossier, data["clock"])
            yield "due_on", long_day(clock["due_on"], self.words) if clock else ""

    def _details(self, entry: View, dossier: View) -> Iterator[Line]:
        if not entry["type"].startswith("letter_"):
            return
        data = entry["data"]
        served = [clock for key in data.get("clocks", []) if (clock := _clock(dossier, key))]
        if served:
            yield self._label("serves") + ", ".join(self._served(clock, data) for clock in served), "dim"
        if data.get("announces"):
            yield self._label("announces", long_day(data["announces"], self.words)) + self._chosen(data, dossier), "dim"
        if "resolution" in data["sections"]:
            answers = [e["data"] for e in dossier["journal"] if e["type"] == "response_given"]
            offer = answers[-1].get("offer") if answers else None
            if offer:
                yield self._label("offer", self._money(offer), offer["terms"]), "dim"

    def _served(self, clock: View, letter: View) -> str:
        said = self._label("by", self.words("clock", clock["clock"]), day(clock["due_on"], self.words))
        # The law wants an answer within two months: a letter that says why there is none does not keep it.
        informs = clock["clock"] == "final_answer" and "resolution" not in letter["sections"]
        return said + (self._label("informs") if informs else "")

    def _chosen(self, letter: View, dossier: View) -> str:
        """Say where the date that a letter announces comes from."""
        if not letter.get("estimated", True):
            return self._label("by_default", (dossier["contact"] or {}).get("name", ""))
        given = {
            e["data"]["expected_on"] for e in dossier["journal"] if e["type"] == "estimate_given" and e.get("data")
        }
        return self._label("estimated" if letter["announces"] in given else "announced_before")

    # What it changed ---------------------------------------------------------------------------------------------

    def _consequences(self, before: View | None, after: View, now: datetime) -> Iterator[Line]:
        if before is None or (before["level"], before["handling_party"]) != (after["level"], after["handling_party"]):
            yield self._level(after), "bold magenta"
        if before and before["round"] != after["round"]:
            restarted = [c for c in after["clocks"][len(before["clocks"]) :] if c["kind"] == "commitment"]
            yield self._label("round", self._dated(restarted)), "magenta"
        yield from self._clocks(before["clocks"] if before else [], after["clocks"])
        if before and after["stage"] == "litigation" != before["stage"]:
            yield self._label("nothing_leaves"), "magenta"
        if after["stage"] == "closed":
            if before is None or before["stage"] != "closed":
                yield self._label("closed", self.words("closed_by", after["closed_by"])), "bold"
            return
        items = owed_next(after, self.words)
        owed = " · ".join(
            self._label("due_by", item.what, item.by_when) + (self._label("overdue") if item.late else "")
            for item in items
        )
        if owed != self._owed:
            self._owed = owed
            if owed:
                yield self._label("due") + owed, "blue"

    def _level(self, dossier: View) -> str:
        help_ = ""
        if dossier["supporting_party"]:
            how = "helped_where_needed" if dossier["level"] == "3" else "helped"
            help_ = self._label(how, self._party(dossier["supporting_party"], dossier))
        return self._either(*_LABELS["level"]).format(
            level=dossier["level"], why=self.words("level", dossier["level"]),
            handling=self._party(dossier["handling_party"], dossier), help=help_,
        )  # fmt: skip

    def _clocks(self, before: list[View], after: list[View]) -> Iterator[Line]:
        # A clock that is new may be kept already. The right to the mediator is the customer's, and nothing of ours.
        states = [*(clock["state"] for clock in before), *["running"] * (len(after) - len(before))]
        changed = [
            (state, clock)
            for state, clock in zip(states, after, strict=True)
            if state != clock["state"] and clock["clock"] != "mediation_window"
        ]
        kept = [clock for _, clock in changed if clock["state"] == "kept"]
        if kept:
            yield self._label("kept", self._named(kept)), "green"
        dropped: dict[str, list[View]] = {}
        for _, clock in changed:
            if clock["state"] == "dropped":
                dropped.setdefault(clock.get("reason") or "", []).append(clock)
        for reason, clocks in dropped.items():
            why = f" ({reason})" if reason and self._gives_reasons else ""
            yield self._label("dropped", why, self._named(clocks)), "magenta"
        restored = [clock for was, clock in changed if was == "dropped" and clock["state"] == "running"]
        if restored:
            yield self._label("restored", self._dated(restored)), "magenta"

    # Words -------------------------------------------------------------------------------------------------------

    def _named(self, clocks: list[View]) -> str:
        return ", ".join(dict.fromkeys(self.words("clock", clock["clock"]) for clock in clocks))

    def _dated(self, clocks: list[View]) -> str:
        return ", ".join(
            self._label("on", self.words("clock", clock["clock"]), day(clock["due_on"], self.words)) for clock in clocks
        )

    def _letter(self, kinds: list[str]) -> str:
        return " + ".join(self.words("letter", kind) for kind in kinds)

    def _party(self, party: str, dossier: View) -> str:
        named = self._insurers.get(dossier["insurer"] or "")
        said = self.words("party", party)
        return f"{said} ({named})" if party == "insurer" and named else said

    def _insurer(self, dossier: View) -> str:
        return self._insurers.get(dossier["insurer"] or "") or self._either("La compagnie", "The insurer")

    def _money(self, offer: View) -> str:
        locale = self._either("fr_FR", "en_GB")
        return format_currency(Decimal(offer["amount"]), offer.get("currency", "EUR"), locale=locale)

    def _label(self, code: str, *values: object) -> str:
        return self._either(*_LABELS[code]).format(*values)

    def _either(self, french: str, english: str) -> str:
        return self.words.choose(french, english)


class _Fields(dict[str, str]):
    """What a sentence speaks of; what the dossier does not say is left blank rather than stopping the story."""

    def __missing__(self, name: str) -> str:
        return "…"


def _clock(dossier: View, key: str) -> View | None:
    """Find a clock of the dossier by the key the journal gives it: name, round, number."""
    name, _, rest = key.partition("/")
    round_, _, number = rest.partition("/")
    of_the_round = [c for c in dossier["clocks"] if c["clock"] == name and str(c["round"]) == round_]
    position = int(number) - 1 if number.isdigit() else 0
    return of_the_round[position] if 0 <= position < len(of_the_round) else None
