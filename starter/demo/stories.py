"""Five lives of complaints, one for each level. They only say what people do; what follows is the procedure's."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import time
from typing import Any

from starter.demo.driver import Life
from workflows.procedure.calendar import paris_date
from workflows.procedure.vocabulary import LetterKind


@dataclass(frozen=True)
class Story:
    """A life, and what it shows."""

    reference: str
    french: str
    english: str
    live: Callable[[Life], Awaitable[None]]


def _person(name: str, **more: Any) -> dict[str, Any]:
    mail = name.lower().replace(" ", ".").replace("é", "e")
    return {"name": name, "email": f"{mail}@example.org", **more}


async def by_phone(life: Life) -> None:
    """Level 1: a call, the invitation to write, nobody gives a date; then an offer, accepted."""
    await life.opens(
        channel="phone", insurer="assureur-exemple", product="auto", policy_number="AUTO-2024-118",
        complainant=_person("Anne Martin", phone="06 00 00 00 18"),
        summary="Mon véhicule volé est indemnisé 1 480 € de moins que sa valeur.",
    )  # fmt: skip
    await life.day(5)
    today = paris_date(await life.now()).isoformat()
    await life.says("written_complaint_received", received_on=today, channel="email")
    await life.until_letter(LetterKind.HOLDING)
    await life.later(14)
    why = "La vétusté retenue pour votre véhicule a été surestimée."
    offer = {"amount": "1250.00", "terms": "Virement sous dix jours, après renvoi de l'accord signé."}
    await life.says("results_known", decision="partly_upheld", reasons=why, offer=offer)
    await life.later(2)
    await life.says("response_given", decision="partly_upheld", reasons=why, offer=offer)
    await life.later(6)
    await life.says("customer_accepts")


async def by_post(life: Life) -> None:
    """Levels 1, then 2a: two rounds by post, with the insurer's help in the second; then only the mediator is left."""
    await life.opens(
        channel="post", insurer="mutuelle-du-vallon", product="habitation", policy_number="HAB-2019-5520",
        complainant={"name": "Lucien Morel", "postal_address": "4 rue des Tanneurs\n10200 Bar-sur-Aube\nFrance"},
        summary="Le dégât des eaux de ma cuisine n'est pas pris en charge.",
    )  # fmt: skip
    await life.posts()
    await life.day(9)
    await life.says(
        "response_given", decision="rejected", reasons="Une fuite lente et ancienne n'est pas un accident du contrat."
    )
    await life.posts()
    await life.later(12)
    await life.says("customer_rejects", reasons="Le plombier atteste d'une rupture soudaine.")
    await life.later(6)
    await life.says(
        "partner_answered", party="insurer", answer="Nous missionnons un expert ; rapport sous six semaines."
    )
    expected_on = await life.business_day(90)
    await life.says(
        "estimate_given", expected_on=expected_on.isoformat(), situation="Nous attendons le rapport de l'expert."
    )
    await life.until_letter(LetterKind.HOLDING)
    await life.posts()
    await life.later(20)
    await life.says(
        "response_given", decision="rejected", reasons="L'expert conclut à une corrosion de plusieurs années."
    )
    await life.posts()
    await life.later(10)
    await life.says("customer_rejects", reasons="Je maintiens ma demande.")
    await life.posts()
    await life.until_the_end()


async def by_a_lawyer(life: Life) -> None:
    """Level 2b: a lawyer writes, and the insurer whose help is asked for stays silent."""
    await life.opens(
        channel="email", source="lawyer", insurer="prevoyance-des-trois-rives", product="prevoyance",
        policy_number="PREV-2021-077", complainant=_person("Nadia Rahmani", kind="beneficiary"),
        representative={"name": "Maître Claire Petit", "organisation": "Cabinet Petit & Associés",
                        "email": "c.petit@cabinet-petit.example.org", "reference": "2026/0441", "mandate": True},
        summary="Le capital décès dû à ma cliente est refusé sans motif.",
    )  # fmt: skip
    await life.until_entry("help_insisted")
    await life.later(3)
    await life.says(
        "partner_answered", party="insurer", answer="Le questionnaire médical était complet : la garantie est acquise."
    )
    await life.later(2)
    why = "Le refus reposait sur une erreur de lecture du questionnaire médical : la garantie est acquise."
    offer = {"amount": "20000.00", "terms": "Capital décès, versé sous quinze jours."}
    await life.says("response_given", decision="upheld", reasons=why, offer=offer)
    await life.later(5)
    await life.says("customer_accepts")


async def through_the_mediator(life: Life) -> None:
    """Level 3, in English: the mediator is seized too early and the complaint comes back; later, an opinion."""
    await life.opens(
        channel="web", insurer="lointaine-assurances", product="travel", policy_number="TRIP-2026-309",
        complainant=_person("Emily Carter", language="en"),
        summary="My trip was cancelled by the airline and my claim is ignored.",
    )  # fmt: skip
    await life.day(4)
    await life.says("mediator_seized", addressed_to="broker", mediator_reference="LMA-2026-1042")
    await life.later(4)
    await life.says("mediation_ended", outcome="premature")
    await life.until_letter(LetterKind.HOLDING)
    await life.later(15)
    await life.says(
        "response_given", decision="rejected", reasons="The policy covers illness, not a cancellation by the carrier."
    )
    await life.day(75)
    await life.says("mediator_seized", addressed_to="broker", mediator_reference="LMA-2027-0088")
    await life.later(20)
    await life.says("reply_filed", to="mediator")
    await life.later(60)
    await life.says("mediation_ended", outcome="opinion", opinion_favours="complainant", accepted=True)


async def before_a_court(life: Life) -> None:
    """Level 4: a company gets letters but no answer, the two months pass, and it goes to court."""
    await life.opens(
        channel="email", insurer="assureur-exemple", product="rc-pro", policy_number="PRO-2023-902",
        complainant={"name": "Menuiserie Lambert SARL", "email": "direction@menuiserie-lambert.example.org",
                     "consumer": False},
        summary="La garantie de notre chantier est refusée depuis le printemps.",
    )  # fmt: skip
    await life.until_entry("clock_breached")
    await life.later(12)
    await life.says("summons_served", addressed_to="broker", court="Tribunal judiciaire de Troyes")
    await life.later(9, at=time(16))
    await life.says("reply_filed", to="court")
    await life.later(200)
    await life.says("litigation_ended", outcome="Transaction homologuée par le juge")


STORIES = (
    Story(
        "DEMO-1",
        "Niveau 1 — un appel, une offre, un accord",
        "Level 1 — a call, an offer, an agreement",
        by_phone,
    ),
    Story(
        "DEMO-2A",
        "Niveaux 1 puis 2a — deux refus, par la poste",
        "Levels 1, then 2a — two rejections, by post",
        by_post,
    ),
    Story(
        "DEMO-2B",
        "Niveau 2b — une avocate, et une compagnie qui se tait",
        "Level 2b — a lawyer, and a silent insurer",
        by_a_lawyer,
    ),
    Story(
        "DEMO-3",
        "Niveau 3 — le médiateur, trop tôt puis pour de bon (client anglophone)",
        "Level 3 — the mediator, too early, then for good (English-speaking customer)",
        through_the_mediator,
    ),
    Story(
        "DEMO-4",
        "Niveau 4 — deux mois sans réponse, puis le tribunal",
        "Level 4 — two months without an answer, then the court",
        before_a_court,
    ),
)
