"""Every other way to bring a starting model, from upload to verdict, with patients that are there already."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from medtune.cohort.columns import propose_roles
from medtune.cohort.demo import two_hospitals
from medtune.cohort.table import make_cohort
from medtune.foundation.settings import Settings, Starting, Validation
from medtune.models.files import save_model
from medtune.models.model_library import Library
from medtune.runs.store import Store
from medtune.runs.training import train_source
from medtune.tuning.verdict import SCRATCH_STATES
from tests.browser import steps, walk
from tests.browser.conftest import watched
from tests.browser.server import Server
from tests.browser.test_starting_models import VERDICT, patients, verdict

# Little work: what is tested is the way to the verdict, not the verdict.
QUICK = Settings(validation=Validation(folds=2, repeats=1, resamples=100))
SCORES = {
    "vendor_percent": ("Risk in percent", "The tuned model is"),
    "vendor_log_odds": ("Log-odds", "The tuned model is"),
    "vendor_points": ("Points", "the points"),
}
EQUATIONS = {
    "a table that was copied": "term\tcoefficient\n(Intercept)\t-5\nAge\t0.06\ngender=M\t0.5",
    "JSON": json.dumps({"intercept": -5, "coefficients": {"Age": 0.06, "gender=M": 0.5}}),
}


def scored_patients():
    """The patients of the other flows, with the same score on three more scales."""
    table = patients()
    risk = (table["vendor_percent"] / 100).clip(0.001, 0.999)
    logit = np.log(risk / (1 - risk))
    return table.assign(
        vendor_risk=risk.round(4), vendor_log_odds=logit.round(3), vendor_points=(2 * logit + 12).round()
    )


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A dashboard with three cohorts, and a model made from one of them in its library."""
    with Server(tmp_path_factory.mktemp("starts")) as server:
        store = Store(server.home)
        table = scored_patients()
        here = make_cohort(table, propose_roles(table), name="here")
        source, local = two_hospitals()
        trained = train_source(source, "Northgate")
        passport = Library(store.place).add(trained)
        ids = {name: store.add_cohort(c) for name, c in (("here", here), ("source", source), ("local", local))}
        file = save_model(trained, server.home / "northgate.skops")
        yield server, ids, passport, file


@pytest.fixture
def fine_tune(page: Page, prepared, request):
    """Opens the Fine-tune page with the patients of this name in use and nothing else chosen."""
    server, ids, *_ = prepared
    store = Store(server.home)

    def open_with(name: str, settings: Settings = QUICK) -> Page:
        for key in ("run_id", "equation", "starting_from", "mappings", "table_id"):
            store.forget(key)
        store.remember("cohort_id", ids[name])
        store.remember("settings", settings)
        steps.open_page(page, f"{server.url}/fine_tune")
        return page

    for _ in watched(server, request):
        yield open_with


@pytest.mark.parametrize("column", SCORES)
def test_a_score_is_read_on_the_scale_it_has(fine_tune, column):
    scale, said = SCORES[column]
    page = fine_tune("here")
    steps.tick(page, "A score in a column")
    steps.choose(page, "Column with the existing score", column)
    expect(page.get_by_role("combobox", name="It holds")).to_have_value(scale)
    assert said in verdict(page)


def test_an_equation_is_pasted_as_it_stands_elsewhere(fine_tune):
    page = fine_tune("here")
    steps.tick(page, "A published equation")
    box = page.get_by_role("textbox", name="Formula, or terms")
    box.fill(EQUATIONS["a table that was copied"])
    box.blur()
    steps.idle(page)
    steps.press(page, "Read it")
    tuned_from_the_equation(page)


def test_an_equation_comes_from_a_file(fine_tune):
    page = fine_tune("here")
    steps.tick(page, "A published equation")
    steps.press(page, "From a file")
    buffer = EQUATIONS["JSON"].encode()
    page.locator('input[type="file"]').first.set_input_files(
        {"name": "equation.json", "mimeType": "application/json", "buffer": buffer}
    )
    steps.idle(page)
    page.keyboard.press("Escape")
    tuned_from_the_equation(page)


def test_an_equation_is_entered_row_by_row(fine_tune):
    page = fine_tune("here")
    steps.tick(page, "A published equation")
    intercept = page.get_by_role("spinbutton", name="Intercept")
    intercept.fill("-5")
    intercept.press("Enter")
    steps.idle(page)
    cells = page.get_by_test_id("stDataFrame").first
    cells.click(position={"x": 60, "y": 52})  # the row that adds one
    steps.idle(page)
    for words in ("0.06", "Age"):
        page.keyboard.type(words, delay=60)
        page.keyboard.press("Tab")
        steps.idle(page)
    steps.expect_text(page, "Check it on the published example")
    use_the_equation(page)
    assert re.search(VERDICT, verdict(page))


def tuned_from_the_equation(page: Page) -> None:
    """The equation is shown back, taken, fed by this table and tuned."""
    steps.expect_text(page, "Check it on the published example")
    use_the_equation(page)
    assert "The tuned model is" in verdict(page)


def use_the_equation(page: Page) -> None:
    """Press "Use this equation" and see that it is taken."""
    steps.press(page, "Use this equation")
    steps.expect_text(page, "is in the library, and fine-tuning starts from it.")


def test_a_model_that_medtune_saved_is_uploaded(fine_tune, prepared):
    page = fine_tune("local")
    steps.tick(page, "A model file")
    steps.upload(page, prepared[3])
    steps.expect_text(page, "Trained from scratch on 1 200 patients of Hospital A (synthetic).")
    assert re.search(VERDICT, verdict(page))


def test_the_patients_of_the_source_take_part_where_they_are_at_hand(fine_tune, prepared):
    _, ids, passport, _ = prepared
    page = fine_tune(
        "local", Settings(Starting("model", passport.id, "Northgate", source=ids["source"]), QUICK.validation)
    )
    steps.expect_text(page, "The model's passport names these patients.")
    verdict(page)
    steps.expect_text(page, "Pooled refit")
    page.get_by_role("tab", name="At the source").click()
    steps.expect_text(page, "A change above 0 is worse there.")


def test_nothing_is_a_start_too_and_a_search_ends_with_its_time(fine_tune):
    page = fine_tune("here")
    steps.tick(page, "Nothing")
    steps.tick(page, "Model from scratch")
    steps.choose(page, "Search for settings", "up to 10 tries")
    steps.choose(page, "Time for it in all", "30 s")
    assert walk.train(page, "Start training") in map(str, SCRATCH_STATES.values())
    steps.expect_text(page, "settings searched")


def test_a_long_search_is_cancelled(fine_tune):
    page = fine_tune("here")
    steps.tick(page, "Nothing")
    steps.tick(page, "Model from scratch")
    steps.choose(page, "Search for settings", "up to 200 tries")
    steps.choose(page, "Time for it in all", "60 min")
    steps.press(page, "Start training")
    expect(page.get_by_test_id("stProgress").first).to_be_visible(timeout=steps.PATIENCE)
    steps.press(page, "Cancel the run")
    steps.expect_text(page, "Cancelled; what was finished is kept.")
    expect(page.get_by_role("button", name="Start training")).to_be_enabled()


@pytest.fixture
def pipeline_file(tmp_path):
    """A scikit-learn pipeline of another hospital, saved as its makers would."""
    import skops.io
    from sklearn.compose import make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    table = patients()
    X = pd.DataFrame(
        {
            "age": table["Age"],
            "sex": table["gender"].map({"M": "male", "F": "female"}),
            "creatinine_mg_dl": table["creatinine_umol"] / 88.4,
        }
    )
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    prepare = make_column_transformer((numbers, ["age", "creatinine_mg_dl"]), (OneHotEncoder(drop="first"), ["sex"]))
    outcome = np.random.default_rng(8).random(len(X)) < 1 / (1 + np.exp(6 - 0.07 * X["age"]))
    path = tmp_path / "other hospital.skops"
    skops.io.dump(make_pipeline(prepare, LogisticRegression()).fit(X, outcome), path)
    return path


def test_a_saved_pipeline_is_uploaded_mapped_and_tuned(fine_tune, pipeline_file):
    page = fine_tune("here", Settings())
    steps.tick(page, "A model file")
    steps.upload(page, pipeline_file)
    steps.expect_text(page, "3 of 3 predictors are fed by a column here.")
    steps.expect_text(page, "How this model reads your table")
    said = verdict(page)
    assert re.search(VERDICT, said)
