"""A model reads another hospital's table: other names, units and codes are guessed, applied, checked and saved."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from medtune.cohort.columns import Column, describe
from medtune.cohort.units import CONVERSIONS, quantity_of, read_name
from medtune.explanation.contributions import explain
from medtune.foundation.errors import ModelError
from medtune.foundation.records import from_json, to_json
from medtune.foundation.settings import Feed, Starting
from medtune.models.equation import published_model
from medtune.models.files import dump_model, load_model
from medtune.models.formula_reading import read_formula
from medtune.models.mapped import NOT_HERE, local_aggregates, mapped
from medtune.models.mapping import apply_mapping, changes_nothing, check_mapping, doubts_of, mostly_absent
from medtune.models.matching import match_names, propose_codes, propose_conversion, propose_mapping
from medtune.models.passport import aggregates


# What laboratories' tables and textbooks print, to the digits they print.
@pytest.mark.parametrize(
    ("key", "value", "expected", "digits"),
    [
        ("glucose: mg/dL to mmol/L", 100, 5.55, 2),
        ("cholesterol: mg/dL to mmol/L", 200, 5.17, 2),
        ("triglycerides: mg/dL to mmol/L", 150, 1.69, 2),
        ("creatinine: mg/dL to umol/L", 1, 88.4, 1),
        ("bilirubin: mg/dL to umol/L", 1, 17.1, 1),
        ("urea: mg/dL as nitrogen (BUN) to mmol/L", 20, 7.14, 2),
        ("urea: mg/dL to mmol/L", 40, 6.66, 2),
        ("urea: mg/dL as nitrogen (BUN) to mg/dL", 10, 21.4, 1),
        ("uric acid: mg/dL to umol/L", 6, 357, 0),
        ("calcium: mg/dL to mmol/L", 10, 2.495, 3),
        ("haemoglobin: g/dL to mmol/L", 15, 9.31, 2),
        ("haemoglobin: g/L to g/dL", 135, 13.5, 5),
        ("HbA1c: mmol/mol to %", 53, 7.0, 1),
        ("weight: lb to kg", 100, 45.359237, 6),
        ("length: in to cm", 70, 177.8, 6),
        ("temperature: \N{DEGREE SIGN}F to \N{DEGREE SIGN}C", 98.6, 37.0, 6),
        ("temperature: \N{DEGREE SIGN}C to \N{DEGREE SIGN}F", -40, -40, 6),
        ("pressure: kPa to mmHg", 16, 120.0, 1),
        ("time: months to years", 30, 2.5, 6),
        ("time: years to days", 2, 730.5, 6),
        ("share: % to fraction", 55, 0.55, 6),
    ],
)
def test_conversions_give_the_printed_values(key, value, expected, digits):
    assert round(CONVERSIONS[key].apply(value), digits) == pytest.approx(expected)


def test_every_conversion_is_undone_by_its_opposite():
    for conversion in CONVERSIONS.values():
        back = CONVERSIONS[f"{conversion.quantity}: {conversion.target} to {conversion.source}"]
        assert back.apply(conversion.apply(3.7)) == pytest.approx(3.7)
        assert conversion.undo(conversion.apply(3.7)) == pytest.approx(3.7)


@pytest.mark.parametrize(
    ("name", "words", "unit"),
    [
        ("creatinine_mg_dl", ("creatinine",), "mg/dL"),
        ("Creatinine (\u00b5mol/L)", ("creatinine",), "umol/L"),
        ("Weight (kg)", ("weight",), "kg"),
        ("ejection fraction %", ("ejection", "fraction"), "%"),
        ("age_months", ("age",), "months"),
        ("age", ("age",), ""),
        ("tempF", ("temp",), "\N{DEGREE SIGN}F"),
    ],
)
def test_a_name_is_split_into_words_and_unit(name, words, unit):
    assert read_name(name) == (words, unit)


def test_names_are_matched_from_the_surest_sign_to_the_weakest():
    found = match_names(
        ["age", "sex", "Sys_BP", "creatinine_umol", "glucose", "heart rate", "albumin", "x1"],
        ["AGE (years)", "gender", "sysbp", "creatinine mg/dL", "Glucose", "pulse", "albumine", "x2", "died"],
    )
    assert found == {
        "age": "AGE (years)",
        "sex": "gender",
        "Sys_BP": "sysbp",
        "creatinine_umol": "creatinine mg/dL",
        "glucose": "Glucose",
        "heart rate": "pulse",
        "albumin": "albumine",
    }


def test_the_usual_short_names_of_a_heart_study_are_known():
    theirs = ["chest_pain_type", "resting_bp", "cholesterol", "max_heart_rate", "exercise_angina", "st_depression"]
    ours = ["cp", "trestbps", "chol", "thalach", "exang", "oldpeak"]
    assert match_names(theirs, ours) == dict(zip(theirs, ours, strict=True))


def test_a_cholesterol_is_matched_with_its_own_kind_only():
    assert match_names(["cholesterol"], ["Chol mmol/l", "HDL chol"]) == {"cholesterol": "Chol mmol/l"}
    assert match_names(["hdl_cholesterol"], ["chol", "ldl"]) == {}
    assert match_names(["cholesterol"], ["hdl cholesterol"]) == {}


def test_an_unclear_name_is_left_to_the_user():
    assert match_names(["sbp"], ["systolic a", "systolic b"]) == {}
    assert match_names(["ldl"], ["hdl"]) == {}
    assert quantity_of("died") is None


def category(name, *levels):
    return Column(name, "category", levels=levels, distinct=len(levels))


@pytest.mark.parametrize(
    ("model", "local", "codes"),
    [
        (category("sex", "female", "male"), category("gender", "F", "M"), {("F", "female"), ("M", "male")}),
        (category("male", "0", "1"), category("sex", "F", "M"), {("F", "0"), ("M", "1")}),
        (category("female", "0", "1"), category("sex", "F", "M"), {("F", "1"), ("M", "0")}),
        (category("diabetes", "0", "1"), category("diabetes", "no", "yes"), {("no", "0"), ("yes", "1")}),
        (
            category("sex", "Female", "Male"),
            category("sex", "female", "male"),
            {("female", "Female"), ("male", "Male")},
        ),
        (category("sex", "female", "male"), category("sex", "female", "male"), set()),
        (category("stage", "I", "II"), category("stage", "early", "late"), set()),
        (Column("dm", "number", low=0, high=1, integer=True), category("dm", "N", "Y"), {("N", "0"), ("Y", "1")}),
        (Column("age", "number", low=20, high=90), category("age", "old", "young"), set()),
    ],
)
def test_codes_are_matched_by_what_they_say(model, local, codes):
    assert set(propose_codes(model, local)) == codes


RNG = np.random.default_rng(0)
CREATININE = RNG.lognormal(0.1, 0.4, 400)
NO, TO_MG, TO_UMOL = math.nan, "creatinine: umol/L to mg/dL", "creatinine: mg/dL to umol/L"
TO_CELSIUS = "temperature: \N{DEGREE SIGN}F to \N{DEGREE SIGN}C"
TO_BUN = "urea: mmol/L to mg/dL as nitrogen (BUN)"


def read(name, low=math.nan, high=math.nan):
    return Column(name, "number", low=low, high=high)


@pytest.mark.parametrize(
    ("model", "name", "values", "mean", "key"),
    [
        (read("creatinine_umol_l"), "creatinine_mg_dl", CREATININE, NO, TO_UMOL),
        (read("creatinine"), "creatinine", 88.4 * CREATININE, 1.2, TO_MG),
        (read("creatinine", 0.3, 9), "crea", 88.4 * CREATININE, NO, TO_MG),
        (read("creatinine mg/dl"), "creatinine", 88.4 * CREATININE, NO, TO_MG),
        (read("creatinine"), "creatinine", 2.2 * CREATININE, 1.2, ""),
        (read("creatinine"), "creatinine", 88.4 * CREATININE, NO, ""),
        (read("weight", 40, 150), "wt", RNG.normal(170, 25, 300), NO, "weight: lb to kg"),
        (read("temp"), "temp", RNG.normal(98.6, 1, 300), 37.1, TO_CELSIUS),
        (read("age", 18, 95), "age", RNG.normal(700, 100, 300), 61.0, "time: months to years"),
        (read("age", 50, 90), "age", RNG.normal(30, 5, 300), 70.0, ""),
        (read("bun"), "urea_mmol_l", RNG.normal(7, 2, 300), NO, TO_BUN),
        (read("x", 0, 1), "x", RNG.normal(50, 5, 300), 0.5, ""),
    ],
)
def test_units_are_guessed_from_names_then_means_then_ranges_then_typical_values(model, name, values, mean, key):
    assert propose_conversion(model, name, values, mean) == key


@pytest.fixture(scope="module")
def model():
    formula = read_formula("-4 + 0.05*age + 0.4*(sex=male) + 0.8*log(creatinine) + 0.3*lactate")
    return published_model(formula, "paper")


@pytest.fixture(scope="module")
def here():
    """The local hospital: other names, codes and units, no lactate."""
    return pd.DataFrame(
        {
            "Age_years": [50.0, 61, 72, 83] * 10,
            "gender": ["M", "F", "M", "F"] * 10,
            "creatinine_umol": np.linspace(60, 300, 40),
            "died": [0, 1] * 20,
        }
    )


FEEDS = (
    Feed("age", "Age_years"),
    Feed("sex", "gender", codes=(("M", "male"), ("F", "female"))),
    Feed("creatinine", "creatinine_umol", "creatinine: umol/L to mg/dL", low=0.5, high=3),
    Feed("lactate", fill="1.5"),
)


def as_the_paper_has_it(here):
    return pd.DataFrame(
        {
            "age": here.Age_years,
            "sex": np.where(here.gender == "M", "male", "female"),
            "creatinine": here.creatinine_umol / 88.40169731258840,
            "lactate": 1.5,
        }
    )


def columns_of(frame):
    return {column.name: column for column in describe(frame)}


def test_a_mapped_model_gives_the_risks_of_the_converted_table(model, here):
    local = mapped(model, FEEDS, columns_of(here))
    expected = model.risk(as_the_paper_has_it(here))
    np.testing.assert_allclose(local.risk(here), expected, rtol=1e-5)
    assert [column.name for column in local.columns] == ["Age_years", "gender", "creatinine_umol"]
    loaded = load_model(dump_model(local), "m.skops")
    np.testing.assert_array_equal(loaded.risk(here), local.risk(here))
    notes = " ".join(map(str, loaded.passport.notes))
    assert "creatinine: umol/L to mg/dL" in notes
    assert "M \N{RIGHTWARDS ARROW} male" in notes
    assert "No local column feeds 'lactate'" in notes


def test_a_mapped_model_is_explained_in_local_columns(model, here):
    local = mapped(model, FEEDS, columns_of(here))
    explained = explain(local, here)
    assert set(explained.columns) == {"Age_years", "gender", "creatinine_umol"}
    assert "exact" in str(explained.note)
    total = explained.baseline + explained.contributions.sum(axis=1)
    np.testing.assert_allclose(total, local.linear_predictor(here), atol=1e-8)
    age = explained.contributions[:, explained.columns.index("Age_years")]
    np.testing.assert_allclose(age, 0.05 * (here.Age_years - here.Age_years.mean()), atol=1e-9)


def test_a_mapping_that_changes_nothing_leaves_the_model_alone(model, here):
    same = tuple(Feed(name, name) for name in ("age", "sex", "creatinine", "lactate"))
    assert changes_nothing(same)
    assert mapped(model, same, columns_of(here)) is model
    assert mapped(model, (), columns_of(here)) is model


def test_the_proposal_for_another_hospital_is_what_a_person_would_choose(model, here):
    local = columns_of(here)
    among = [name for name in local if name != "died"]
    feeds = propose_mapping(model.columns, local, here, means={"creatinine": 1.1}, among=among)
    by_name = {feed.predictor: feed for feed in feeds}
    assert by_name["age"].column == "Age_years"
    assert by_name["sex"].column == "gender"
    assert by_name["creatinine"] == Feed("creatinine", "creatinine_umol", "creatinine: umol/L to mg/dL")
    assert by_name["lactate"] == Feed("lactate")
    assert from_json(Starting, to_json(Starting("model", "id", "n", mapping=feeds))).mapping == feeds


def test_the_check_counts_what_is_outside_strange_and_absent(model, here):
    columns = [Column("sex", "category", levels=("female", "male")), *(c for c in model.columns if c.name != "sex")]
    feeds = (Feed("age", "Age_years", low=0, high=70), Feed("sex", "gender"), FEEDS[2], Feed("lactate"))
    fits = {fit.feed.predictor: fit for fit in check_mapping(feeds, columns, here)}
    assert fits["age"].outside == 0.5
    assert "50% of 'Age_years' lie outside" in str(fits["age"].doubts[0])
    assert fits["sex"].strange == ("F", "M")
    assert fits["lactate"].missing == 1
    assert "No column feeds 'lactate'" in str(fits["lactate"].doubts[0])
    assert fits["creatinine"].outside == pytest.approx(np.mean(here.creatinine_umol / 88.4 > 3))


def test_predictors_that_nothing_feeds_share_one_sentence(model, here):
    feeds = (Feed("age"), Feed("sex", "gender", codes=(("F", "female"),)), FEEDS[2], Feed("lactate"))
    first, *others = map(str, doubts_of(check_mapping(feeds, model.columns, here)))
    assert first.startswith("No column feeds 'age' and 'lactate': the model fills that")
    assert others
    assert not any("No column feeds" in doubt for doubt in others)


def test_missing_cells_take_the_stated_value(model, here):
    gaps = here.assign(Age_years=np.nan, gender=None)
    feeds = (Feed("age", "Age_years", fill="60"), Feed("sex", "gender", fill="male"), *FEEDS[2:])
    ready = apply_mapping(feeds, model.columns, gaps)
    assert set(ready.age) == {60.0}
    assert set(ready.sex) == {"male"}
    with pytest.raises(ModelError, match="must be a number"):
        apply_mapping((Feed("age", "Age_years", fill="old"),), model.columns, gaps)
    with pytest.raises(ModelError, match="is not known"):
        apply_mapping((Feed("age", "Age_years", "stones"),), model.columns, gaps)


def test_codes_can_be_swapped():
    column = category("x", "0", "1")
    ready = apply_mapping(
        (Feed("x", "y", codes=(("1", "0"), ("0", "1"))),), [column], pd.DataFrame({"y": [1.0, 0, None]})
    )
    assert ready.x.tolist()[:2] == ["0", "1"]
    assert ready.x.isna().tolist() == [False, False, True]


def test_most_predictors_absent_is_told(model):
    assert mostly_absent([Feed("age", "a"), Feed("sex"), Feed("creatinine"), Feed("lactate")], model.columns)
    assert not mostly_absent([Feed("age", "a"), Feed("sex", "b"), Feed("creatinine"), Feed("lactate")], model.columns)


def test_the_sources_spread_is_told_in_local_names_and_units():
    features = pd.DataFrame(
        {"age": [50.0, 60, 70], "sex=male": [0.0, 1, 1], "creatinine": [1.0, 2, 3], "lactate": [1.0, 2, 4]}
    )
    known = aggregates(features, np.array([0.2, 0.3, 0.4]))
    ours = local_aggregates(known, FEEDS)
    assert ours.features == ("Age_years", "gender=M", "creatinine_umol", NOT_HERE + "lactate")
    assert ours.sd[2] == pytest.approx(88.4017, rel=1e-4)
    assert ours.means[2] == pytest.approx(2 * 88.4017, rel=1e-4)
    np.testing.assert_array_equal(ours.information, known.information)


def test_an_equation_says_which_level_nobody_has_and_which_gap_it_cannot_fill(model, here):
    from medtune.models.matching import columns_to_feed, formula_of

    columns, formula = columns_to_feed(model.passport), formula_of(model.passport)
    assert formula == model.estimator.formula
    gaps = here.assign(Age_years=here.Age_years.where(here.index > 0))
    feeds = (Feed("age", "Age_years"), Feed("sex", "gender"), FEEDS[2], Feed("lactate"))
    said = [str(doubt) for fit in check_mapping(feeds, columns, gaps, formula) for doubt in fit.doubts]
    assert said[0].startswith("2.5% lack 'Age_years'")
    assert "Nobody here has 'male' in 'gender'" in said[1]
    assert said[-1].startswith("No column feeds 'lactate', and an equation needs that")
    assert [c for f in check_mapping(FEEDS, columns, here, formula) for c in f.doubts if "lactate" not in str(c)] == [
        doubt for fit in check_mapping(FEEDS, columns, here) for doubt in fit.doubts if "outside" in str(doubt)
    ]


def test_a_switch_printed_without_levels_is_fed_by_a_category():
    codes = propose_codes(Column("sex", "number"), category("gender", "F", "M"))
    assert set(codes) == {("F", "0"), ("M", "1")}


def test_a_unit_that_the_equation_does_not_say_is_pointed_out(model, here):
    feeds = (*FEEDS[:2], Feed("creatinine", "creatinine_umol"), FEEDS[3])
    fits = {fit.feed.predictor: fit for fit in check_mapping(feeds, model.columns, here, model.estimator.formula)}
    assert "seems to be in umol/L" in str(fits["creatinine"].doubts[0])
    assert fits["age"].doubts == ()
