"""Treatments in a browser: the made-up trial from the first page to one patient."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.server import Server

PATIENCE = 60_000


def test_the_made_up_trial_leads_from_one_click_to_one_patient(page: Page, server: Server) -> None:
    page.goto(server.url)
    page.get_by_role("button", name="Try it on a trial").click(timeout=PATIENCE)
    expect(page.get_by_role("heading", name="Treatments", exact=True)).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("drug A").first).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("Adjusted for the predictors")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("tab", name="One patient").click()
    expect(page.get_by_text("patients like this one").first).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_test_id("stException")).to_have_count(0)
