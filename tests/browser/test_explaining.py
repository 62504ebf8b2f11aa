"""Explain, What changed, One patient, Hard patients and Score, as a reader meets them; they share the demo's run."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser import steps, walk

SLOW = 120_000  # ms; the first question wakes the warm process


def tab(page: Page, name: str) -> None:
    page.get_by_test_id("stMain").get_by_role("tab", name=name, exact=True).click()
    steps.idle(page, SLOW)
    steps.no_trouble(page)


def plot(page: Page, key: str) -> None:
    expect(page.locator(f".st-key-{key} svg.main-svg").first).to_be_visible(timeout=SLOW)


def test_explain_shows_columns_patients_and_the_model_on_paper(page, demo_server):
    steps.open_page(page, f"{demo_server.url}/explain")
    walk.arrive(page, "Explain")
    for key in ("importance", "beeswarm", "dependence"):
        plot(page, key)
    steps.expect_text(page, "every column acts by itself", SLOW)
    tab(page, "One patient")
    plot(page, "waterfall")
    plot(page, "path")
    tab(page, "On paper")
    steps.expect_text(page, "Points to add up", SLOW)
    steps.expect_text(page, re.compile(r"On 300 patients .* log-loss"))
    plot(page, "nomogram")
    with page.expect_download(timeout=steps.PATIENCE) as coming:
        page.get_by_role("button", name="The page to print (HTML)").click()
    text = coming.value.path().read_text(encoding="utf-8")
    assert "<svg" in text
    assert "Sum of points" in text
    assert "<script" not in text


def test_what_changed_names_those_who_change_side_and_compares_the_models(page, demo_server):
    steps.open_page(page, f"{demo_server.url}/changes")
    walk.arrive(page, "What changed")
    expect(page.locator("p.answer").first).to_contain_text(re.compile(r"\d+ of 300 patients change side"))
    plot(page, "movement")
    tab(page, "The model")
    plot(page, "effect")
    steps.expect_text(page, "Log-odds per unit")


def test_a_value_changed_in_the_form_moves_the_risk_of_one_patient(page, demo_server):
    steps.open_page(page, f"{demo_server.url}/patient")
    walk.arrive(page, "One patient")
    steps.expect_text(page, "Estimated risk", SLOW)
    plot(page, "patient_parts")
    before = walk.answer(page)
    field = page.get_by_test_id("stNumberInputField").and_(page.get_by_label("age_years"))
    field.fill("95")
    field.press("Enter")
    expect(page.locator("p.answer").first).not_to_have_text(before, timeout=SLOW)
    plot(page, "patient_curve")
    steps.press(page, "Back to the values of this patient")
    expect(page.locator("p.answer").first).to_have_text(before, timeout=SLOW)


def test_hard_patients_are_listed_with_their_like_and_where_errors_gather(page, demo_server):
    steps.open_page(page, f"{demo_server.url}/review")
    walk.arrive(page, "Hard patients")
    steps.expect_text(page, "The model is most wrong about patient", SLOW)
    steps.expect_text(page, "Similar patients with the other outcome")
    steps.expect_text(page, "Where errors gather")
    steps.no_trouble(page)
    with page.expect_download(timeout=SLOW) as coming:
        page.get_by_role("button", name="Report of this review (HTML)").click()
    text = coming.value.path().read_text(encoding="utf-8")
    assert "Nobody has been marked yet" in text
    assert text.count("<tr>") > 100
