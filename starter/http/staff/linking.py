"""Sentences of the rules name events by their ids; on a page each id becomes the link to its form, in words."""

import re
from urllib.parse import quote

from markupsafe import Markup, escape

from starter.http.staff.visitors import Visitor
from starter.render.words import Words
from workflows.procedure.events import EVENTS

_ANSWER = "response_given"
_IDS = re.compile(r"\b(" + "|".join(sorted(EVENTS, key=len, reverse=True)) + r")\b")


def linked(sentence: str, reference: str, visitor: Visitor) -> Markup:
    """Give a sentence with its events as links, where the visitor may send them."""
    words = Words(visitor.language)

    def link(found: re.Match[str]) -> str:
        kind, name = found[0], words.choose("« {} »", "“{}”").format(words("event", found[0]))
        if not visitor.caller.may_send(kind):
            return str(escape(name))
        place = "answer" if kind == _ANSWER else f"events/{kind}"
        return f'<a href="/staff/complaints/{quote(reference, safe="")}/{place}">{escape(name)}</a>'

    return Markup(_IDS.sub(link, str(escape(sentence))))  # noqa: S704 -- escaped before anything is put in
