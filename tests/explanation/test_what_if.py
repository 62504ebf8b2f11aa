"""One patient: counterfactuals are verified by prediction and stay within what was allowed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medtune.cohort.columns import Column
from medtune.explanation.what_if import Changeable, counterfactuals, curve, look, one_row, strange
from tests.explanation.test_contributions import patients, trained, tuned

AGE = Changeable("age", 45, 75, "either", sd=10)
LACTATE = Changeable("lactate", 0.4, 2.5, "lower", sd=0.6)
PRESSURE = Changeable("pressure", 100, 160, "higher", sd=20)
PAIN = Changeable("pain", levels=("atypical", "none", "other", "typical"))


def changed(patient, values):
    return patient.assign(**values)


SOME = {"seed": st.integers(0, 400), "threshold": st.floats(0.1, 0.9)}


@pytest.mark.parametrize("family", ["logistic", "gradient_boosting"])
@given(**SOME)
@settings(max_examples=12)
def test_what_is_offered_crosses_the_threshold_within_limits_and_directions(family, seed, threshold):
    each_crosses(family, seed, threshold)


@given(**SOME)
@settings(max_examples=4)
def test_what_is_offered_by_a_forest_crosses_the_threshold_too(seed, threshold):
    each_crosses("random_forest", seed, threshold)  # slower to ask by far


def each_crosses(family, seed, threshold):
    model = tuned(trained(family), "recalibration")
    frame, _ = patients(1, seed)
    risk = model.risk(frame)[0]
    for found in counterfactuals(model, frame, (AGE, LACTATE, PRESSURE, PAIN), threshold, model.columns):
        again = model.risk(changed(frame, found.changes))[0]
        assert again == pytest.approx(found.risk, abs=1e-12)
        assert (again >= threshold) != (risk >= threshold)
        for one in (AGE, LACTATE, PRESSURE):
            if one.column in found.changes:
                value, now = found.changes[one.column], frame[one.column].iloc[0]
                assert one.low <= value <= one.high
                assert one.way == "either" or (value < now) == (one.way == "lower")
                assert one.column != "age" or value == round(value)
        if "pain" in found.changes:
            assert found.changes["pain"] in PAIN.levels


def test_one_column_is_moved_no_further_than_a_fine_grid_needs():
    model = trained("logistic")
    frame, _ = patients(1, 3)
    risk = float(model.risk(frame)[0])
    lactate = Changeable("lactate", 0.1, 8.0, "either", sd=1.0)
    (found,) = counterfactuals(model, frame, (lactate,), risk - 0.05, model.columns)
    values = np.linspace(0.1, 8.0, 41)
    risks = np.array([model.risk(frame.assign(lactate=value))[0] for value in values])
    near = values[risks < risk - 0.05]
    wanted = near[np.argmin(np.abs(near - frame.lactate.iloc[0]))]
    assert found.changes["lactate"] == pytest.approx(wanted, rel=1e-3)


def test_several_columns_are_moved_together_where_no_two_suffice():
    model = trained("logistic")
    frame, _ = patients(1, 3)
    frame = frame.assign(age=70.0, lactate=2.0, pain="typical", pressure=120.0, sex="male")
    risk = float(model.risk(frame)[0])
    far = model.risk(frame.assign(age=50.0, lactate=0.5, pain="none"))[0]
    columns = (
        Changeable("age", 50, 75, "lower", sd=10), Changeable("lactate", 0.5, 2.5, "lower", sd=0.6),
        Changeable("pain", levels=("none", "typical")),
    )  # fmt: skip
    found = counterfactuals(model, frame, columns, far + 0.01 * (risk - far), model.columns)
    assert len(found) == 1
    assert set(found[0].changes) == {"age", "lactate", "pain"}


def test_there_is_none_when_the_limits_do_not_reach_that_far():
    model = trained("logistic")
    frame, _ = patients(1, 3)
    risk = float(model.risk(frame)[0])
    narrow = Changeable("age", float(frame.age.iloc[0]) - 2, float(frame.age.iloc[0]) + 2, sd=10)
    assert counterfactuals(model, frame, (narrow,), risk / 3, model.columns) == ()
    assert counterfactuals(model, frame, (), 0.5, model.columns) == ()


def test_a_missing_value_is_not_changed():
    model = trained("logistic")
    frame, _ = patients(1, 3)
    frame["lactate"] = np.nan
    assert counterfactuals(model, frame, (Changeable("lactate", 0.1, 9, sd=1),), 0.5, model.columns) == ()


def test_the_risk_of_one_patient_has_the_interval_of_its_update_and_adds_up():
    base = trained("logistic")
    model = tuned(base, "averaged")
    frame, _ = patients(60, 4)
    frame["score"] = 0.4
    values = {name: None if cell != cell else cell for name, cell in frame.iloc[5].items()}
    seen = look(model, base, one_row(values, model.columns), frame)
    assert seen.risk.value == pytest.approx(model.risk(frame.iloc[[5]])[0])
    assert seen.risk.low < seen.risk.value < seen.risk.high
    assert seen.before == pytest.approx(base.risk(frame.iloc[[5]])[0])
    total = seen.explanation.baseline + seen.explanation.contributions[0].sum()
    assert 1 / (1 + np.exp(-total)) == pytest.approx(seen.risk.value, abs=1e-6)


def test_values_outside_the_training_range_gaps_and_new_categories_are_said():
    model = trained("logistic")
    row = one_row({"age": 140, "pressure": None, "lactate": 1.0, "pain": "unheard of", "sex": "male"}, model.columns)
    said = " ".join(map(str, strange(model.columns, row)))
    assert "'age' is outside the training range" in said
    assert "'pressure' is missing" in said
    assert "'pain' has a category" in said
    assert "sex" not in said


def test_a_code_that_stands_for_missing_is_no_value_outside_the_range():
    columns = [Column("cholesterol", "number", low=85, high=603, codes=("0",), integer=True)]
    (said,) = strange(columns, one_row({"cholesterol": 0}, columns))
    assert str(said) == "This value of 'cholesterol' stands for missing; the model fills it by its own rule."
    assert strange(columns, one_row({"cholesterol": 240}, columns)) == ()


def test_a_curve_is_the_risk_with_that_value():
    model = trained("gradient_boosting")
    frame, _ = patients(1, 3)
    risks = curve([model], frame, "age", [50.0, 70.0])
    assert risks[0, 1] == pytest.approx(model.risk(frame.assign(age=70.0))[0])
