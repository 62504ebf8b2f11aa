"""The Fine-tune page: equations, scores on every scale, and how a model reads the table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from medtune.cohort.roles import Cleaning, Event, Roles
from medtune.cohort.table import make_cohort
from medtune.foundation.records import from_plain, to_plain
from medtune.foundation.settings import Settings
from medtune.models.formula_reading import read_formula
from medtune.models.formula_tables import Published
from medtune.models.model_library import Library
from medtune.runs.questions import keep_equation
from medtune.runs.store import Store

PAGE = "pages/tuning/fine_tune.py"
FORMULA = "-5 + 0.06*age + 0.5*(sex=male) + 0.8*log(creatinine_mg_dl)"
BOX = "Formula, or terms and coefficients from a table"


@pytest.fixture(scope="module")
def cohort():
    rng, n = np.random.default_rng(4), 240
    age, sex = rng.normal(65, 10, n).round(), rng.choice(["M", "F"], n)
    creatinine = rng.lognormal(0.1, 0.4, n)
    risk = 1 / (1 + np.exp(4 - 0.06 * age - 0.5 * (sex == "M") - 0.8 * np.log(creatinine)))
    table = pd.DataFrame(
        {
            "Age": age,
            "gender": sex,
            "creatinine_umol": (88.4017 * creatinine).round(1),
            "crp": rng.lognormal(2, 1, n).round(1),
            "vendor_percent": (100 * risk).round(2),
            "points": rng.integers(0, 30, n),
            "died": (rng.random(n) < risk).astype(int),
        }
    )
    roles = Roles("died", Event(values=("1",)), ("Age", "gender", "creatinine_umol", "crp"))
    return make_cohort(table, roles, Cleaning(), "here")


@pytest.fixture
def ready(cohort, new_session):
    store = Store()
    store.remember("cohort_id", store.add_cohort(cohort))
    return new_session().open(PAGE)


def chosen():
    return from_plain(Settings, Store().recall("settings", {})).starting


def start_from(ready, kind):
    ready.at.button_group[0].set_value(kind).run()
    return ready


def test_a_pasted_formula_is_shown_back_and_checked_on_an_example(ready, new_session):
    start_from(ready, "equation").widget("text_area", BOX).set_value(FORMULA).run()
    ready.press("Read it")
    assert ready.errors == ["Enter the equation, then press “Use this equation”."]
    assert "log-odds = \N{MINUS SIGN}5" in ready.text
    assert "+ 0.8 \N{MULTIPLICATION SIGN} ln(creatinine_mg_dl)" in ready.text
    assert "Type in a patient of the paper" in ready.text
    again = new_session().open(PAGE)
    assert "ln(creatinine_mg_dl)" in again.text
    assert again.widget("text_area", BOX).value == FORMULA


def test_an_equation_in_use_is_in_the_library_and_says_how_it_reads_the_table(ready):
    start_from(ready, "equation").widget("text_area", BOX).set_value(FORMULA).run()
    ready.press("Read it")
    ready.widget("text_input", "Name of the equation").set_value("Paper 2019").run()
    ready.press("Use this equation")
    assert ready.errors == []
    passport = Library(Store().place).passport(chosen().model)
    assert (passport.name, passport.method) == ("Paper 2019", "equation")
    feeds = {feed.predictor: feed for feed in chosen().mapping}
    assert feeds["creatinine_mg_dl"].conversion == "creatinine: umol/L to mg/dL"
    assert feeds["sex"].codes == (("M", "male"),)
    assert feeds["age"].column == "Age"
    assert "How this model reads your table" in [expander.label for expander in ready.at.expander]
    assert "3 of 3 predictors are fed by a column here." in ready.text
    assert "'crp'" in ready.text
    assert not ready.widget("button", "Start fine-tuning").disabled
    assert not ready.has("button", "Use this equation")


def test_what_cannot_be_read_is_said_and_nothing_is_lost(ready):
    start_from(ready, "equation").widget("text_area", BOX).set_value("0.1*foo(age)").run()
    ready.press("Read it")
    assert any("cannot be read from “foo(age)”" in error for error in ready.errors)
    assert ready.widget("text_area", BOX).value == "0.1*foo(age)"


def test_a_column_is_read_on_the_scale_of_its_range(ready):
    start_from(ready, "score_column")
    column = ready.widget("selectbox", "Column with the existing score")
    column.select("vendor_percent").run()
    assert (chosen().name, chosen().scale) == ("vendor_percent", "percent")
    assert ready.errors == []
    ready.widget("selectbox", "Column with the existing score").select("points").run()
    ready.widget("selectbox", "It holds").select("points").run()
    assert chosen().scale == "points"
    assert "Points have no risk of their own" in ready.text
    assert "Original is left out." in ready.text
    ready.widget("selectbox", "It holds").select("risk").run()
    assert any("does not hold risks between 0 and 1" in error for error in ready.errors)


@pytest.fixture
def kept(tmp_path):
    """An equation in the library whose predictors are mostly not here."""
    library = Library(Store().place)
    published = Published(read_formula("0.1*ferritin + 0.2*rdw + 0.01*age"), "Elsewhere")
    path = tmp_path / "m.skops"
    return library.add_file(path, keep_equation({"published": to_plain(published), "keep": str(path)}))


def test_a_model_whose_predictors_are_not_here_cannot_be_started(kept, ready):
    ready.widget("selectbox", "Model").select(kept.id).run()
    assert any("More than half of what the model reads has no column here" in error for error in ready.errors)
    assert "No column feeds 'ferritin'" in ready.text
    assert ready.widget("button", "Start fine-tuning").disabled
