"""Says in sentences, in French and English, what a rehearsal found."""

from collections.abc import Iterator

from starter.rehearse.changes import Changes, ClockTotal, Count, DayTotal, LetterTotal
from starter.rehearse.stage import FOLLOWED
from starter.render.days import day, shift
from starter.render.words import Words


def summary(changes: Changes, words: Words) -> list[str]:
    """Say what would change, the most general first; "nothing" is said too."""
    return [_whole(changes, words), *_parts(changes, words)]


def _whole(changes: Changes, words: Words) -> str:
    if not changes.rehearsed:
        return words.choose("Aucune réclamation n'a pu être répétée.", "No complaint could be rehearsed.")
    lived = _many(
        changes.rehearsed, words, ("réclamation vécue", "réclamations vécues"), ("complaint lived", "complaints lived")
    )
    if not changes.any:
        said = words.choose("Rien ne changerait : {} deux fois, sans différence.", "Nothing would change: {} twice.")
        return said.format(lived)
    said = words.choose("{} deux fois ; pour {}, quelque chose change.", "{} twice; something changes for {}.")
    return said.format(lived, len(changes.details))


def _parts(changes: Changes, words: Words) -> Iterator[str]:
    for clock in changes.clocks:
        yield from _clock(clock, words)
    for letter in changes.letters:
        yield from _letter(letter, words)
    yield from _more(
        changes.notices, words, ("avis au personnel", "avis au personnel"), ("notice to staff", "notices to staff")
    )
    yield from _more(
        changes.calls,
        words,
        ("message à l'autre Partie", "messages à l'autre Partie"),
        ("message to the other Party", "messages to the other Party"),
    )
    yield from _people(changes, words)
    yield from _busiest(changes, words)
    yield from _unheard(changes, words)
    if changes.unposted:
        yield _many(
            changes.unposted,
            words,
            (
                "lettre à poster que personne ne poste ici : l'échéance qu'elle tiendrait paraît manquée.",
                "lettres à poster que personne ne poste ici : les échéances qu'elles tiendraient paraissent manquées.",
            ),
            (
                "letter for the post that nobody posts here: the deadline it would keep shows as missed.",
                "letters for the post that nobody posts here: the deadlines they would keep show as missed.",
            ),
        )
    if changes.followed:
        said = words.choose(
            "{} sans réponse dans les données : suivies {} jours après le dernier événement, pas au-delà.",
            "{} without an answer in the data: followed for {} days after the last event, no further.",
        )
        yield said.format(_complaints(changes.followed, words), FOLLOWED.days)


def _clock(total: ClockTotal, words: Words) -> Iterator[str]:
    name = words("clock", total.clock)
    if total.moved:
        said = words.choose("{} : {}, échéance {}.", "{}: {}, due {}.")
        who = _complaints(total.moved, words)
        if total.dates > total.moved:
            who += f" ({total.dates} dates)"
        yield said.format(name, who, shift(total.earliest, total.latest, words))
    elif not total.breaches.more:
        said = words.choose("{} : {}, à une autre heure ou avec une autre issue.", "{}: {}, another hour or outcome.")
        yield said.format(name, _complaints(total.complaints, words))
    for sentence in _more(
        total.breaches,
        words,
        ("échéance manquée", "échéances manquées"),
        ("missed deadline", "missed deadlines"),
    ):
        yield f"{name}{words.choose(' : ', ': ')}{sentence}"


def _letter(total: LetterTotal, words: Words) -> Iterator[str]:
    name = words("letter", total.kind)
    said = list(_more(total.letters, words, ("lettre", "lettres"), ("letter", "letters")))
    if total.moved:
        left = words.choose("{} {}.", "{} {}.")
        letters = _many(total.moved, words, ("lettre part", "lettres partent"), ("letter leaves", "letters leave"))
        said.append(left.format(letters, shift(total.earliest, total.latest, words)))
    if total.in_other_words:
        said.append(
            _many(total.in_other_words, words, ("lettre", "lettres"), ("letter", "letters"))
            + words.choose(" avec d'autres mots.", " in other words.")
        )
    if total.another_way:
        said.append(
            _many(total.another_way, words, ("lettre", "lettres"), ("letter", "letters"))
            + words.choose(" par une autre voie.", " by another channel.")
        )
    for sentence in said:
        yield f"{name}{words.choose(' : ', ': ')}{sentence}"


def _people(changes: Changes, words: Words) -> Iterator[str]:
    others = sum(bool(each.charges_before or each.charges_after) for each in changes.details)
    if others:
        said = words.choose("{} : une autre personne en charge, ou à partir d'un autre jour.", "{}: another person in "
                            "charge, or from another day.")  # fmt: skip
        yield said.format(_complaints(others, words))


def _busiest(changes: Changes, words: Words) -> Iterator[str]:
    before, after = changes.busiest_day(after=False), changes.busiest_day(after=True)
    if before is None or after is None:
        return
    if (before.on, before.letters.before) != (after.on, after.letters.after):
        said = words.choose("jour le plus chargé : {} → {}.", "busiest day: {} → {}.")
        yield said.format(
            _letters_on(before, before.letters.before, words), _letters_on(after, after.letters.after, words)
        )


def _letters_on(total: DayTotal, letters: int, words: Words) -> str:
    said = _many(letters, words, ("lettre", "lettres"), ("letter", "letters"))
    return words.choose("{} le {}", "{} on {}").format(said, day(total.on, words))


def _unheard(changes: Changes, words: Words) -> Iterator[str]:
    found = [each for detail in changes.details for each in detail.unheard]
    refused = sum(each.after is not None for each in found)
    accepted = len(found) - refused
    if refused:
        yield _many(
            refused, words, ("événement ne serait plus accepté.", "événements ne seraient plus acceptés."),
            ("event would no longer be accepted.", "events would no longer be accepted."),
        )  # fmt: skip
    if accepted:
        yield _many(
            accepted, words, ("événement serait accepté désormais.", "événements seraient acceptés désormais."),
            ("event would now be accepted.", "events would now be accepted."),
        )  # fmt: skip


def _more(count: Count, words: Words, french: tuple[str, str], english: tuple[str, str]) -> Iterator[str]:
    if count.more:
        number, more = abs(count.more), count.more > 0
        what = words.choose(french[number > 1], english[number > 1])
        said = words.choose(
            f"{number} {what} de {'plus' if more else 'moins'}", f"{number} {'more' if more else 'fewer'} {what}"
        )
        yield f"{said} ({count.before} → {count.after})."


def _complaints(number: int, words: Words) -> str:
    return _many(number, words, ("réclamation", "réclamations"), ("complaint", "complaints"))


def _many(number: int, words: Words, french: tuple[str, str], english: tuple[str, str]) -> str:
    return f"{number} {words.choose(french[number > 1], english[number != 1])}"
