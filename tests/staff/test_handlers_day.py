"""A handler's day in a real browser: sign in, estimate, results, compose, read, have approved; every page usable."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Page, expect

from activities.access.roles import Role
from activities.mailbox.mailbox import Mailbox
from activities.mailbox.post import File, Incoming
from tests.browser import NARROW, WIDE, assert_usable, browsing, needs_browser
from tests.staff.conftest import PASSWORD, Office

pytestmark = [needs_browser, pytest.mark.slow]
_PATIENCE = 120


async def _signs_in(page: Page, office: Office, login: str) -> None:
    await page.goto(f"{office.url}/")
    await page.get_by_label("Adresse électronique").fill(login)
    await page.get_by_label("Mot de passe").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("réclamations")


async def test_a_day(office: Office) -> None:
    """The answer of a sensitive complaint leaves once a second person has read it."""
    handler, manager = office.person("c-003", Role.HANDLER), office.person("c-001", Role.MANAGER)
    told = await office.complaint(source="lawyer")
    week = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    async with asyncio.timeout(_PATIENCE), browsing() as page, browsing(NARROW) as of_manager:
        await _signs_in(page, office, handler)
        await page.goto(f"{office.url}/staff/complaints?whose=all")
        await page.get_by_role("link", name=told.reference).click()

        await page.get_by_role("link", name="Date prévue", exact=True).click()
        await page.get_by_label("Date prévue").fill(week)
        await page.get_by_label("Où en est le dossier").fill("Nous attendons le rapport de l'expert.")
        await page.get_by_role("button", name="Enregistrer").click()
        await expect(page.get_by_role("status")).to_contain_text("Enregistré")

        # Something happens elsewhere: the page shows it without a reload.
        await told.submit("note_added", id="elsewhere", by="c-001", text="Le client a rappelé ce matin.")
        await expect(page.locator(".journal")).to_contain_text("Le client a rappelé ce matin.", timeout=20_000)

        await page.get_by_role("link", name="Résultats connus", exact=True).click()
        await page.get_by_label("Décision").select_option("partly_upheld")
        await page.get_by_label("Motifs").fill("La vétusté a été surestimée.")
        await page.get_by_role("button", name="Enregistrer").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("résultats connus")

        await page.get_by_role("link", name="Répondre au client", exact=True).click()
        await page.get_by_label("Décision").select_option("partly_upheld")
        await page.get_by_label("Motifs").fill("La vétusté a été surestimée de moitié.")
        await page.get_by_label("Montant").fill("1 250,50")
        await page.get_by_label("Modalités").fill("Par virement sous huit jours.")
        await page.get_by_role("button", name="Enregistrer et relire la lettre").click()
        letter = page.frame_locator("iframe.letter")
        await expect(letter.locator("body")).to_contain_text("surestimée de moitié")
        await expect(letter.locator("body")).to_contain_text("1 250,50")
        await assert_usable(page)
        await page.get_by_role("button", name="Demander l'approbation").click()
        await expect(page.get_by_text("En attente d'une autre personne.")).to_be_visible()
        assert await told.entries("response_given") == []

        await _signs_in(of_manager, office, manager)
        await of_manager.get_by_role("link", name="À approuver").click()
        await of_manager.get_by_role("link", name=told.reference).click()
        await assert_usable(of_manager)
        await of_manager.get_by_role("button", name="Approuver et envoyer").click()
        await expect(of_manager.get_by_role("heading", level=1)).to_contain_text("réponse donnée")

        await told.settled()
        await page.goto(f"{office.url}/staff/complaints/{told.reference}")
        await expect(page.get_by_role("link", name="lettre de résolution").first).to_be_visible()
        await page.get_by_role("button", name="Se déconnecter").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Connexion")
    (given,) = await told.entries("response_given")
    assert (given["by"], given["data"]["approved_by"]) == ("c-003", "c-001")
    assert "resolution" in await told.kinds()


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("language", ["fr", "en"])
async def test_every_page_is_usable(office: Office, width: int, language: str) -> None:
    login = office.person("c-001", Role.MANAGER, Role.HANDLER)
    told = await office.complaint(source="lawyer")
    async with asyncio.timeout(_PATIENCE), browsing(width) as page:
        await page.goto(f"{office.url}/staff/language/{language}?next=/staff/sign-in")
        await assert_usable(page)
        await page.locator("#login").fill(login)
        await page.locator("#password").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/staff/complaints")
        complaint = f"/staff/complaints/{told.reference}"
        for path in (
            "/staff/complaints?whose=all", complaint, f"{complaint}/answer", "/staff/new", "/staff/approvals",
            "/staff/team", f"{complaint}/events/details_given", "/staff/mailbox", f"/staff/mailbox/{_message(office)}",
        ):  # fmt: skip
            await page.goto(office.url + path)
            assert await page.locator("html").get_attribute("lang") == language
            await assert_usable(page)


async def test_the_keyboard_alone_reaches_a_complaint_and_records_a_note(office: Office) -> None:
    login = office.person("c-001", Role.MANAGER)
    told = await office.complaint()
    async with asyncio.timeout(_PATIENCE), browsing() as page:
        await _signs_in(page, office, login)
        await page.goto(f"{office.url}/staff/complaints?whose=all")
        await page.keyboard.press("Tab")
        await expect(page.locator(":focus")).to_have_text("Aller au contenu")
        await _tab_to(page, told.reference)
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"**/{told.reference}")
        await _tab_to(page, "Note")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/note_added")
        await page.locator("#text").focus()
        await page.keyboard.type("Au clavier.")
        await _tab_to(page, "Enregistrer")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/*done=*")
    assert (await told.entries("note_added"))[-1]["by"] == "c-001"


def _message(office: Office) -> str:
    files = (
        File("un-nom-de-fichier-plutôt-long-pour-une-photo.jpg", "image/jpeg", b"MZ"),
        File("notes.txt", "text/plain", b"x"),
    )
    incoming = Incoming(
        sender="paul.dubois@example.org", subject="Dégât des eaux", text="Bonjour,\n\nRien.", files=files
    )
    Mailbox(office.register).keep("0" * 64, incoming, "", b"", datetime.now(UTC))
    return "0" * 64


async def _tab_to(page: Page, text: str) -> None:
    for _ in range(120):
        await page.keyboard.press("Tab")
        if (await page.locator(":focus").inner_text()).strip() == text:
            return
    raise AssertionError(f"the keyboard does not reach {text}")
