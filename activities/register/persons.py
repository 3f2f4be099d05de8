"""The words a complaint is found by: of who complains and who speaks for them, capitals and accents aside."""

import unicodedata

from workflows.procedure.dossier import Dossier


def folded(text: str) -> str:
    """Give `text` without capitals and accents: what people type and what was written down meet there."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in plain if not unicodedata.combining(each))


def name_of(dossier: Dossier) -> str | None:
    """Name who complains; None: nobody is named."""
    return dossier.case.complainant.name


def words_of(dossier: Dossier) -> str:
    """Give all that the complaint is found by, a line each."""
    case = dossier.case
    person, speaker = case.complainant, case.representative
    said = [dossier.reference, person.name, person.email, person.phone, case.policy_number, case.insurer]
    if speaker:
        said += [speaker.name, speaker.organisation, speaker.email, speaker.reference]
    return folded("\n".join(each for each in said if each))
