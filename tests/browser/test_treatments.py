"""Treatments in a browser: the made-up trial in one click, and a real trial with the wording that its design allows."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps, walk
from tests.browser.server import Server
from tests.sources import ROOT

FOLDER = ROOT.parent / "shared" / "data"
INDO, GUSTO = FOLDER / "indo_rct.csv", FOLDER / "gusto_tx.csv.gz"
PATIENCE = 60_000
LONG = 90_000  # ms; a comparison on a busy machine


def test_the_made_up_trial_leads_from_one_click_to_one_patient(page: Page, server: Server) -> None:
    page.goto(server.url)
    page.get_by_role("button", name="Try it on a trial").click(timeout=PATIENCE)
    expect(page.get_by_role("heading", name="Treatments", exact=True)).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("drug A").first).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("Adjusted for the predictors")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("tab", name="One patient").click()
    expect(page.get_by_text("patients like this one").first).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_test_id("stException")).to_have_count(0)


@pytest.mark.skipif(not INDO.exists(), reason="the public trial (shared/data/indo_rct.csv) is not here")
def test_a_real_trial_is_compared_and_worded_as_its_design_allows(page: Page, fresh_server: Server) -> None:
    steps.open_page(page, f"{fresh_server.url}/data")
    steps.upload(page, INDO)
    steps.expect_text(page, "602 rows")
    steps.choose(page, "Outcome", "outcome")
    use_with_treatment(page, "rx")
    by_chance = "“1_indomethacin” changes the event rate by −8.0 (−13.5 to −2.5) points against “0_placebo”."
    compare(page, "Yes, chance decided who got what", by_chance)
    page.get_by_role("tab", name="One patient").click()
    steps.expect_text(page, "For one patient nothing is shown: that takes 100 events under each option")
    steps.tick(page, "What is compared")
    compare(page, "No", re.compile("points: an association, not an effect"))
    steps.expect_text(page, "The treatment was not given by chance, or that is unknown")
    page.get_by_role("tab", name="Comparable groups").click()
    steps.expect_text(page, "Chance of an option below 5% or above 95%")
    steps.no_trouble(page)


@pytest.mark.skipif(not GUSTO.exists(), reason="the public trial (shared/data/gusto_tx.csv.gz) is not here")
def test_three_options_of_a_large_trial_are_compared_with_the_published_difference(
    page: Page, fresh_server: Server
) -> None:
    steps.open_page(page, f"{fresh_server.url}/data")
    steps.upload(page, GUSTO)
    steps.expect_text(page, re.compile(r"40\D830 rows"))
    steps.choose(page, "Outcome", "day30")
    use_with_treatment(page, "tx")
    steps.choose(page, "Compare the others with", re.compile(r"^SK \("))
    answer = "“tPA” changes the event rate by −1.0 (−1.5 to −0.4) points against “SK”; "
    compare(page, "Yes, chance decided who got what", answer + "of the others no difference is shown.")
    rows = page.get_by_test_id("stMain").get_by_role("row")
    for option in ("SK", "SK+tPA", "tPA"):
        expect(rows.filter(has=page.get_by_role("cell", name=option, exact=True))).to_have_count(1)
    page.get_by_role("tab", name="One patient").click()
    steps.expect_text(page, "patients like this one")
    steps.no_trouble(page)


def use_with_treatment(page: Page, column: str) -> None:
    """Say which column holds the treatment, take the patients into use, and open the page that compares."""
    treatment = page.get_by_test_id("stMain").get_by_role("combobox", name="Treatment, if compared")
    treatment.click()
    page.keyboard.type(column)  # which may stand too far down the list to be drawn
    page.keyboard.press("Enter")
    steps.idle(page)
    expect(treatment).to_have_value(column)
    steps.press(page, "Use these patients")
    steps.expect_text(page, "These patients are in use.")
    walk.visit(page, "Treatments")


def compare(page: Page, design: str, answer: str | re.Pattern) -> None:
    """Say how the treatments were given, compare them, and wait for the answer."""
    steps.tick(page, design)
    steps.press(page, "Compare the treatments")
    expect(page.get_by_test_id("stMain").locator("p.answer").first).to_have_text(answer, timeout=LONG)
    steps.idle(page)
    steps.no_trouble(page)
