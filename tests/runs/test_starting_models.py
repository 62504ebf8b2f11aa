"""A published equation and a mapped model, from the library to the verdict as a worker does it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from medtune.cohort.demo import two_hospitals
from medtune.cohort.roles import Cleaning, Event, Roles
from medtune.cohort.table import make_cohort
from medtune.foundation.records import from_json, to_json, to_plain
from medtune.foundation.settings import Feed, Settings, Starting, Validation
from medtune.models.equation import published_model
from medtune.models.files import load_model
from medtune.models.formula_reading import read_formula
from medtune.models.formula_tables import Published
from medtune.models.mapped import mapped
from medtune.models.model_library import Library
from medtune.runs.fine_tuning import fine_tune
from medtune.runs.questions import keep_equation
from medtune.runs.starting import missing_choice
from medtune.runs.training import train_source

QUICK = Settings(validation=Validation(repeats=1, resamples=200))
EQUATION = read_formula("-5 + 0.06*age + 0.5*(sex=male) + 0.8*log(creatinine)")


def patients(n=260, seed=2):
    rng = np.random.default_rng(seed)
    age, sex = rng.normal(65, 10, n).round(), rng.choice(["M", "F"], n)
    creatinine = rng.lognormal(0.1, 0.4, n)
    eta = -4 + 0.06 * age + 0.5 * (sex == "M") + 0.8 * np.log(creatinine) + 0.2
    table = pd.DataFrame(
        {
            "Age": age,
            "gender": sex,
            "crea_umol": (88.4017 * creatinine).round(1),
            "crp": rng.lognormal(2, 1, n),
            "died": (rng.random(n) < 1 / (1 + np.exp(-eta))).astype(int),
        }
    )
    return make_cohort(
        table, Roles("died", Event(values=("1",)), ("Age", "gender", "crea_umol", "crp")), Cleaning(), "here"
    )


FEEDS = (
    Feed("age", "Age"),
    Feed("sex", "gender", codes=(("M", "male"), ("F", "female"))),
    Feed("creatinine", "crea_umol", "creatinine: umol/L to mg/dL"),
)


@pytest.fixture(scope="module")
def run():
    cohort = patients()
    base = mapped(published_model(EQUATION, "Paper"), FEEDS, cohort.columns)
    return fine_tune(cohort, base, QUICK)


def test_a_mapped_equation_is_tuned_and_its_own_predictors_are_not_called_new(run):
    assert run.verdict.state in ("better", "probably better")
    new = set(run.models["revision"].estimator.without)
    assert new == {"crp"}
    assert run.result.candidate("extension").offered
    notes = " ".join(map(str, run.result.notes))
    assert "creatinine: umol/L to mg/dL" in notes


def test_the_tuned_model_keeps_the_mapping_and_says_it(run, tmp_path):
    from medtune.models.files import save_model

    cohort = patients(seed=9)
    kept = load_model(save_model(run.models["averaged"], tmp_path / "m.skops"))
    np.testing.assert_array_equal(kept.risk(cohort.frame), run.models["averaged"].risk(cohort.frame))
    assert any("recoded" in str(note) for note in kept.passport.notes)
    assert {column.name for column in kept.columns} == {"Age", "gender", "crea_umol", "crp"}


def test_a_renamed_and_rescaled_table_gives_the_run_that_the_original_names_give():
    source, local = two_hospitals()
    model = train_source(source, "Source")
    as_it_is = fine_tune(local, model, QUICK)
    names = {name: f"{name}_here" for name in local.roles.predictors}
    frame = local.frame.rename(columns=names)
    frame["creatinine_umol_l_here"] /= 88.40169731258840
    roles = Roles(local.roles.outcome, local.roles.event, tuple(names.values()), *(
        getattr(local.roles, role) for role in ("patient", "site", "date")))  # fmt: skip
    other = make_cohort(frame, roles, local.cleaning, "renamed")
    units = {"creatinine_umol_l": "creatinine: mg/dL to umol/L"}
    feeds = tuple(Feed(name, here, units.get(name, "")) for name, here in names.items())
    run = fine_tune(other, mapped(model, feeds, other.columns), QUICK)
    np.testing.assert_allclose(run.risks["original"], as_it_is.risks["original"], atol=1e-9)
    # The source's spread came along, in local names and units: the prior is the same.
    np.testing.assert_allclose(run.risks["averaged"], as_it_is.risks["averaged"], atol=1e-7)
    assert not [note for note in run.result.notes if "outside" in str(note) and "creatinine" in str(note)]


def test_an_equation_enters_the_library_and_is_like_any_other_model(tmp_path):
    published = Published(EQUATION, "Paper", "death")
    payload = {"published": to_plain(published), "keep": str(tmp_path / "m.skops")}
    passport = keep_equation(payload)
    kept = Library(tmp_path).add_file(tmp_path / "m.skops", passport)
    model = Library(tmp_path).open(kept.id)
    row = pd.DataFrame({"age": [60.0], "sex": ["male"], "creatinine": [1.0]})
    assert model.risk(row)[0] == pytest.approx(1 / (1 + np.exp(5 - 3.6 - 0.5)))
    assert from_json(Published, to_json(published)) == published


def test_a_model_with_too_few_columns_here_is_not_started(tmp_path):
    payload = {"published": to_plain(Published(EQUATION, "Paper")), "keep": str(tmp_path / "m.skops")}
    library = Library(tmp_path)
    kept = library.add_file(tmp_path / "m.skops", keep_equation(payload))
    cohort = patients()

    def missing(*feeds):
        return missing_choice(cohort, Settings(starting=Starting("model", kept.id, "Paper", mapping=feeds)), library)

    assert missing(*FEEDS) is None
    assert "needs .age. for everybody" in str(missing()).replace("'", ".")
    assert "More than half" in str(missing(FEEDS[0], Feed("sex"), Feed("creatinine")))
