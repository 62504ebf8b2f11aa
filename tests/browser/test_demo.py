"""The demo: a verdict in one click, every page filled, on a laptop and on a phone; nothing is lost by a reload."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps, walk

# What shows that a page is filled, rather than empty with a way to fill it.
FILLED = {
    "Data": "Hospital B",
    "Prepare": "What will happen",
    "Fine-tune": "Will compare",
    "Results": "Methods compared on the same patients",
    "Explain": "Which columns matter",
    "Score": "columns this model needs",
    "Models": "Northgate mortality model",
    "Runs": "One run is kept",
}
WINDOWS = {"laptop": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
SIDEWAYS = (
    "[document.documentElement, document.querySelector('[data-testid=stMain]')].map(e => e.scrollWidth - e.clientWidth)"
)


def strip(page: Page) -> str:
    """The line on top of the page: patients, starting model, run."""
    return page.get_by_test_id("stMain").get_by_role("status").first.inner_text()


@pytest.mark.parametrize("window", WINDOWS)
def test_every_page_is_filled_and_fits_the_window(page, demo_server, window):
    page.set_viewport_size(WINDOWS[window])
    steps.open_page(page, demo_server.url)
    for title, sign in FILLED.items():
        walk.visit(page, title)
        steps.expect_text(page, sign)
        assert "Hospital B (synthetic), n = 304" in strip(page)
        assert max(page.evaluate(SIDEWAYS)) <= 0, f"{title} scrolls sideways"


def test_the_demo_ends_in_a_verdict_with_its_evidence(page, demo_server):
    steps.open_page(page, f"{demo_server.url}/results")
    walk.arrive(page, "Results")
    assert walk.answer(page) in walk.VERDICTS
    expect(page.get_by_test_id("stMain")).to_contain_text(re.compile(r"On 300 local patients .* log-loss by 0\.\d"))
    for plot in ("line", "roc", "calibration", "confusion", "gains"):
        expect(page.locator(f".st-key-{plot} svg.main-svg").first).to_be_visible()


def test_after_a_reload_patients_run_and_results_are_found_again(page, demo_server):
    steps.open_page(page, f"{demo_server.url}/results")
    before, verdict = strip(page), walk.answer(page)
    steps.reload(page)
    assert walk.answer(page) == verdict
    assert strip(page).split("finished")[0] == before.split("finished")[0]
    walk.visit(page, "Data")
    assert "304 patients" in walk.answer(page)


def cells(page: Page) -> tuple[float, ...]:
    """The four counts of the confusion matrix, row by row."""
    words = page.locator(".st-key-confusion text").all_text_contents()
    numbers = [re.sub(r"[\s\u2009\u202f]", "", word) for word in words]
    return tuple(float(number) for number in numbers if re.fullmatch(r"\d+(\.\d+)?", number))


def test_the_confusion_matrix_follows_the_threshold(page, demo_server):
    steps.open_page(page, f"{demo_server.url}/results")
    first = cells(page)
    accuracy = page.get_by_role("row").filter(has_text=re.compile(r"^\s*Accuracy")).inner_text()
    steps.slide(page, "A patient is flagged from this risk on", 20)
    expect(page.get_by_role("row").filter(has_text=re.compile(r"^\s*Accuracy"))).not_to_have_text(accuracy)
    steps.idle(page)
    then = cells(page)
    assert len(first) == len(then) == 4
    assert then[0] < first[0], "a higher threshold flags fewer patients with the event"
    assert then[2] < first[2], "and fewer without it"
    assert (then[0] + then[1], then[2] + then[3]) == (first[0] + first[1], first[2] + first[3]) == (57, 243)
