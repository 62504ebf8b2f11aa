"""A run that takes minutes: it can be watched, left alone, found again and cancelled."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser import steps, walk


def fill(page, label: str, value: str) -> None:
    """Type a number."""
    box = page.get_by_role("spinbutton", name=label)
    box.fill(value)
    box.press("Enter")
    steps.idle(page)


def test_a_run_outlives_its_tab_and_can_be_cancelled(page, fresh_server, new_context):
    steps.open_page(page, f"{fresh_server.url}/data")
    page.get_by_role("tab", name="A demo").click()
    steps.press(page, "Two hospitals (synthetic): local patients")
    steps.press(page, "Use these patients")
    walk.visit(page, "Fine-tune")
    steps.tick(page, "Nothing")
    steps.tick(page, "Model from scratch")
    steps.choose(page, "Kind of model", "Random forest")
    fill(page, "Trees", "2000")
    steps.choose(page, "Repeats", "20")
    steps.press(page, "Start training")
    # 20 repeats of 5 folds
    expect(page.get_by_test_id("stProgress").first).to_contain_text("of 100", timeout=walk.LONG)
    page.context.close()

    later = new_context().new_page()
    steps.open_page(later, f"{fresh_server.url}/fine_tune")
    steps.expect_text(later, "The run goes on, whether or not this page stays open.")
    expect(later.get_by_test_id("stProgress").first).to_be_visible()
    steps.press(later, "Cancel the run")
    steps.expect_text(later, "Cancelled; what was finished is kept.")
    expect(later.get_by_test_id("stProgress")).to_have_count(0)
    expect(later.get_by_role("button", name="Start training")).to_be_enabled()
    expect(later.get_by_role("combobox", name="Repeats")).to_have_value("20")
