"""What changed, One patient and Hard patients of an outcome of three classes, in a real browser."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

import medtune
from medtune.foundation.settings import Settings, Starting, Validation
from medtune.models.model_library import Library
from medtune.runs.record import START
from medtune.runs.store import Store
from medtune.runs.worker import perform
from tests.browser import steps, walk
from tests.runs.test_class_tuning import STAGES, cohort

SLOW = 120_000  # ms; the first question wakes the warm process
QUICK = Settings(validation=Validation(folds=2, repeats=1, resamples=100))
PATIENTS = 120


@pytest.fixture
def classes(server):
    """The shared dashboard with a run of three stages in view; what it has open otherwise is put back."""
    store, kept = Store(server.home), {}
    model = medtune.fine_tune(cohort(200, 1), settings=QUICK).model
    passport = Library(store.place).add(model)
    settings = replace(QUICK, starting=Starting("model", passport.id, passport.name))
    local = store.add_cohort(cohort(PATIENTS, 2, shift=-1.2))
    run = store.new_run("fine_tune", "Stages", local, settings.to_json(), passport.name)
    (run.path / START).write_bytes(Library(store.place).path(passport.id).read_bytes())
    assert perform(run.path).state == "finished"
    for key, value in {"cohort_id": local, "run_id": run.id, "settings": settings}.items():
        kept[key] = store.recall(key)
        store.remember(key, value)
    yield server.url
    for key, value in kept.items():
        store.forget(key) if value is None else store.remember(key, value)


def test_a_run_of_classes_leads_from_who_changes_to_one_patient_and_to_the_hard_ones(page: Page, classes):
    steps.open_page(page, f"{classes}/changes")
    walk.arrive(page, "What changed", SLOW)
    expect(page.locator("p.answer").first).to_contain_text(
        re.compile(rf"The most likely class of \d+ of {PATIENTS} patients changes"), timeout=SLOW
    )
    the_curve_of_a_class_has_a_band(page)
    page.get_by_role("tab", name="Who changes side").click()
    steps.idle(page, SLOW)
    page.locator(".st-key-movement .scatterlayer path.point").last.click(force=True)
    walk.arrive(page, "One patient", SLOW)
    a_changed_value_moves_the_risks_of_all_classes(page)
    walk.visit(page, "Hard patients")
    steps.expect_text(page, re.compile(rf"recorded as ‘({'|'.join(STAGES)})’ with an estimated risk of"), SLOW)
    steps.expect_text(page, "Similar patients of another class", SLOW)
    steps.expect_text(page, "Where errors gather")
    steps.no_trouble(page)


def the_curve_of_a_class_has_a_band(page: Page) -> None:
    """The tab of the model compares it on one class, each curve with its uncertainty."""
    page.get_by_role("tab", name="The model").click()
    steps.expect_text(page, "Log-odds of none against mild, per unit", SLOW)
    plot = page.locator(".st-key-effect svg.main-svg").first
    expect(plot).to_be_visible(timeout=SLOW)
    expect(plot.locator("path.js-fill")).to_have_count(1)
    steps.expect_text(page, "Band: 95% interval of the update")
    steps.no_trouble(page)


def a_changed_value_moves_the_risks_of_all_classes(page: Page) -> None:
    """The form of the patient who was clicked, with another value in it."""
    expect(page.locator("p.answer").first).to_contain_text("Most likely class", timeout=SLOW)
    before = risks(page)
    assert abs(sum(before) - 100) < 0.3
    field = page.get_by_test_id("stNumberInputField").and_(page.get_by_label("lactate"))
    field.fill("9")
    field.press("Enter")
    expect(page.locator("p.answer").first).to_contain_text("Most likely class ‘severe’", timeout=SLOW)
    steps.idle(page, SLOW)
    after = risks(page)
    assert after[2] > before[2]
    assert after[0] < before[0]
    expect(page.locator(".st-key-patient_parts svg.main-svg").first).to_be_visible(timeout=SLOW)
    steps.no_trouble(page)


def risks(page: Page) -> list[float]:
    """The estimated risk of each class, %."""
    rows = page.locator("table.figures").first.locator("tbody tr")
    return [float(re.match(r"[\d.]+", rows.nth(at).locator("td").nth(1).inner_text())[0]) for at in range(len(STAGES))]
