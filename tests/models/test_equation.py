"""A published equation gives the risks that were published, however it was entered, and says what it lacks."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from medtune.foundation.errors import ModelError
from medtune.models.equation import Equation, published_model
from medtune.models.files import dump_model, load_model
from medtune.models.formula_reading import read_formula
from medtune.models.formula_tables import Row, from_rows, from_text, rows_of
from medtune.models.formula_writing import formula_json, typeset, written
from medtune.models.terms import Factor, Formula, Term, spline_basis
from tests.sources import ROOT

REFERENCE = json.loads((ROOT / "tests/reference/two_hospitals.json").read_text())
COEFFICIENTS = REFERENCE["base_model"]["coef"]


@pytest.fixture(scope="module")
def local():
    table = pd.read_csv(ROOT / "tests/reference/two_hospitals.csv")
    return table[table.hospital == "local"].reset_index(drop=True)


def risk(formula: Formula, frame: pd.DataFrame) -> np.ndarray:
    return Equation(formula.intercept, formula.terms, dict(formula.fills)).predict_proba(frame)[:, 1]


PASTED = "\n".join(f"{name}\t{value}" for name, value in COEFFICIENTS.items())
AS_FORMULA = " + ".join(f"{value}*{name}" for name, value in COEFFICIENTS.items()).replace("*(Intercept)", "")


@pytest.mark.parametrize(
    "text",
    [
        PASTED,
        "term\tbeta\n" + PASTED,
        PASTED.replace("\t", "   "),
        PASTED.replace("\t", ","),
        AS_FORMULA,
        "logit(p) = " + AS_FORMULA.replace("+ -", "\N{MINUS SIGN} ").replace("*", " \N{MULTIPLICATION SIGN} "),
        json.dumps({"coef": COEFFICIENTS}),
        json.dumps({"terms": [{"term": k, "coefficient": v} for k, v in COEFFICIENTS.items()]}),
    ],
)
def test_the_equation_that_r_fitted_gives_the_risks_of_r_however_it_is_entered(local, text):
    formula = from_text(text).formula
    np.testing.assert_allclose(risk(formula, local)[:10], REFERENCE["base_risk_first10"], rtol=1e-10)


def test_a_table_of_rows_is_the_same_equation(local):
    rows = [Row(value, name) for name, value in COEFFICIENTS.items() if name != "(Intercept)"]
    formula = from_rows(COEFFICIENTS["(Intercept)"], [*rows, Row()])
    np.testing.assert_allclose(risk(formula, local)[:10], REFERENCE["base_risk_first10"], rtol=1e-10)
    assert rows_of(formula) == tuple(rows)


def test_odds_ratios_become_coefficients():
    formula = from_text("variable;odds ratio\n(Intercept);0.5\nsex=male;2").formula
    assert formula.intercept == pytest.approx(math.log(0.5))
    assert formula.terms == (Term(pytest.approx(math.log(2)), (Factor("sex", "level", level="male"),)),)


PATIENT = pd.DataFrame({"age": [63.0, 48.0], "sex": ["male", "female"], "creatinine": [1.4, 0.9]})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.06*age", lambda age, male, crea: 0.06 * age),
        ("0.06 age + 1", lambda age, male, crea: 0.06 * age + 1),
        ("0.5*log(creatinine)", lambda age, male, crea: 0.5 * np.log(crea)),
        ("0.5*log10(creatinine/88.4)", lambda age, male, crea: 0.5 * np.log10(crea / 88.4)),
        ("2*(age-60)/10", lambda age, male, crea: 0.2 * (age - 60)),
        ("0.3*((age-60)/10)^2", lambda age, male, crea: 0.3 * ((age - 60) / 10) ** 2),
        ("-0.1*age^2 + sqrt(age)", lambda age, male, crea: -0.1 * age**2 + np.sqrt(age)),
        ("0.4*(age/10)^-2*log(age/10)", lambda age, male, crea: 0.4 * (age / 10) ** -2 * np.log(age / 10)),
        ("max(age-50, 0)", lambda age, male, crea: np.maximum(age - 50, 0)),
        ("2*pmax(age-50,0)^3", lambda age, male, crea: 2 * np.maximum(age - 50, 0) ** 3),
        ("min(age, 50)", lambda age, male, crea: np.minimum(age, 50)),
        ("3*max(70-age, 0)", lambda age, male, crea: 3 * np.maximum(70 - age, 0)),
        ("max(age/10, 5)", lambda age, male, crea: np.maximum(age / 10, 5)),
        ("0.25*(sex=male)", lambda age, male, crea: 0.25 * male),
        ('0.25*(sex=="Male")', lambda age, male, crea: 0.25 * male),
        ("0.25*(sex=male)*(age >= 50)", lambda age, male, crea: 0.25 * male * (age >= 50)),
        ("0.1*age:creatinine", lambda age, male, crea: 0.1 * age * crea),
        ("0.5*(age < 50) + 2*(age > 48)", lambda age, male, crea: 0.5 * (age < 50) + 2 * (age > 48)),
        ("0.1*(age + creatinine)*(creatinine - 1)", lambda age, male, crea: 0.1 * (age + crea) * (crea - 1)),
        ("-(age - 2)^2", lambda age, male, crea: -((age - 2) ** 2)),
        ("`creatinine`/2 - ln(2)", lambda age, male, crea: crea / 2 - math.log(2)),
        ("1/age", lambda age, male, crea: 1 / age),
    ],
)
def test_a_formula_means_what_it_says_and_can_be_written_and_read_again(text, expected):
    formula = read_formula(text)
    truth = expected(PATIENT.age.to_numpy(), (PATIENT.sex == "male").to_numpy(), PATIENT.creatinine.to_numpy())
    np.testing.assert_allclose(formula.log_odds(PATIENT), truth, rtol=1e-12)
    np.testing.assert_allclose(read_formula(written(formula)).log_odds(PATIENT), truth, rtol=1e-12)
    again = from_rows(formula.intercept, rows_of(formula))
    np.testing.assert_allclose(again.log_odds(PATIENT), truth, rtol=1e-12)
    assert len(typeset(formula)) == 1 + len(formula.terms)


def test_a_restricted_cubic_spline_is_that_of_harrell():
    """Expanded cubes as rms' Function() prints them, and linear beyond the outer knots."""
    x, knots = np.linspace(20, 95, 40), (40.0, 55.0, 62.0, 80.0)
    ours = spline_basis(x, knots, 2)
    cube = [np.maximum(x - knot, 0) ** 3 for knot in knots]
    theirs = (cube[1] - cube[2] * (80 - 55) / (80 - 62) + cube[3] * (62 - 55) / (80 - 62)) / (80 - 40) ** 2
    np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)
    beyond = spline_basis(np.array([90.0, 100.0, 110.0]), knots, 1)
    assert beyond[2] - beyond[1] == pytest.approx(beyond[1] - beyond[0])
    read = read_formula("0.1*age + 0.2*rcs(age, 40, 55, 62, 80, term=2)")
    np.testing.assert_allclose(read.log_odds(pd.DataFrame({"age": x})), 0.1 * x + 0.2 * ours)
    assert from_rows(read.intercept, rows_of(read)) == read


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0.1*age +", "ends too early"),
        ("0.1*foo(age)", "cannot be read from “foo"),
        ("0.1*age ? 2", "cannot be read from “\\? 2”"),
        ("2", "has no terms"),
        ("age/0", "cannot be read"),
        ("log(age + sex)", "cannot be read from “log"),
        ("(" * 200 + "age", "too many brackets"),
        ("-" * 500 + "age", "cannot be read|ends"),
        ("rcs(age, 1, 2)", "needs 3 to 20 numbers"),
        ("rcs(age, 3, 2, 1)", "must increase"),
        ("rcs(age, 1, 2, 3, term=2)", "terms 1 to 1"),
        ("", "nothing to read"),
        ("{}", "holds no equation"),
        ('{"formula": 3}', "holds no equation"),
        ("age,b\nsex,c", "Row 1 of the table has no coefficient"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(text, words):
    with pytest.raises(ModelError, match=words):
        from_text(text)


NAMES = st.sampled_from(["age", "sys bp", "x.1", "term", "血压"])
NUMBERS = st.floats(-50, 50, allow_nan=False).map(lambda number: round(number, 4))
FACTORS = st.one_of(
    st.builds(Factor, NAMES, st.sampled_from(["linear", "square", "exp"]), centre=NUMBERS, scale=st.sampled_from([1.0, 10.0, 2.5, -3.0])),  # noqa: E501
    st.builds(Factor, NAMES, st.just("above_knot"), st.tuples(NUMBERS)),
    st.builds(Factor, NAMES, st.just("above_knot"), st.tuples(NUMBERS, st.just(3.0))),
    st.builds(Factor, NAMES, st.sampled_from(["at_least", "below", "above", "at_most"]), st.tuples(NUMBERS)),
    st.builds(Factor, NAMES, st.just("power"), st.just((-2.0,))),
    st.builds(Factor, st.just("sex"), st.just("level"), level=st.sampled_from(["male", "1", "no one", "a'b", "2nd"])),
    st.builds(Factor, NAMES, st.just("spline"), st.just((10.0, 20.0, 35.5, 50.0)), term=st.sampled_from([1, 2])),
)  # fmt: skip
TERMS = st.builds(Term, NUMBERS.filter(bool), st.lists(FACTORS, min_size=1, max_size=3).map(tuple))


@settings(max_examples=150, deadline=None)
@given(NUMBERS, st.lists(TERMS, min_size=1, max_size=5))
def test_any_formula_survives_text_rows_and_json(intercept, terms):
    formula = Formula(intercept, tuple(terms))
    frame = pd.DataFrame({name: [3.0, 17.5, 42.0] for name in ("age", "sys bp", "x.1", "term", "血压")})
    frame["sex"] = ["male", "not known", "1"]
    truth = formula.log_odds(frame)
    for again in (
        read_formula(written(formula)),
        from_rows(formula.intercept, rows_of(formula)),
        from_text(formula_json(formula, "n", "o")).formula,
    ):
        np.testing.assert_allclose(again.log_odds(frame), truth, rtol=1e-7, atol=1e-6 * np.abs(truth).max())


def test_a_missing_predictor_takes_its_stated_value_or_is_named():
    formula = read_formula("-1 + 0.02*age + 0.5*(sex=male) + 0.7*log(creatinine)")
    gaps = pd.DataFrame({"age": [np.nan, 50], "sex": [None, "male"], "creatinine": [1.0, 0.0]})
    with pytest.raises(ModelError, match="needs 'age' for every patient, and 1 of 2"):
        formula.log_odds(gaps)
    filled = Formula(formula.intercept, formula.terms, {"age": "60", "sex": "male", "creatinine": "1.2"})
    expected = [-1 + 1.2 + 0.5, -1 + 1 + 0.5 + 0.7 * math.log(1.2)]  # the logarithm of 0 counts as missing too
    np.testing.assert_allclose(filled.check().log_odds(gaps), expected)
    with pytest.raises(ModelError, match="value for missing 'age' cannot be used"):
        Formula(formula.intercept, formula.terms, {"age": "old"}).check()


def test_a_worked_example_gives_one_risk():
    formula = read_formula("-4 + 0.05*age + 0.3*(sex=male)")
    assert formula.worked_example({"age": "70", "sex": "male"}) == pytest.approx(1 / (1 + math.exp(0.2)))
    with pytest.raises(ModelError, match="'age'"):
        formula.worked_example({"age": "", "sex": "male"})


def test_numbers_and_switches_are_the_levels_they_stand_for():
    formula = read_formula("1*(sex=1)")
    for cells in ([1, 0], [1.0, 0.0], ["1", "0"], ["1.0", "0"], [True, False]):
        np.testing.assert_array_equal(formula.log_odds(pd.DataFrame({"sex": cells})), [1, 0])


def test_a_saved_equation_gives_the_same_risks_and_a_passport(local):
    model = published_model(from_text(PASTED).formula, "Base of paper", "death")
    loaded = load_model(dump_model(model), "m.skops")
    np.testing.assert_array_equal(loaded.risk(local), model.risk(local))
    assert loaded.passport.method == "equation"
    assert [column.name for column in loaded.columns] == list(COEFFICIENTS)[1:]
    assert isinstance(loaded.estimator, Equation)


def test_an_equation_is_cloned_with_its_terms():
    formula = read_formula("1 + 2*age")
    copy = clone(Equation(formula.intercept, formula.terms))
    assert copy.formula == formula


def test_from_python_an_equation_is_one_call(local):
    import medtune

    model = medtune.read_equation(AS_FORMULA, name="Paper")
    np.testing.assert_allclose(model.risk(local)[:10], REFERENCE["base_risk_first10"], rtol=1e-10)
    assert model.name == "Paper"
    assert medtune.ScoreColumn("risk").scale == "risk"
