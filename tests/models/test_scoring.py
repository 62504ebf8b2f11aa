"""Scoring new patients: risks, flags, warnings, and files that are safe to open."""

import csv
import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as some

from medtune.foundation.errors import ColumnsError
from medtune.models.clinical import ClinicalModel
from medtune.models.row_report import row_report, tally
from medtune.models.scoring import FORMULA_STARTS, Scored, open_scored, safe_csv, save_scored, score, template
from tests.models.conftest import patients


@pytest.fixture
def model(models):
    source = models["logistic"]
    return ClinicalModel(source.estimator, source.passport.with_(threshold=0.3))


@pytest.fixture
def scored(model):
    return score(model, patients(60, seed=5)[0])


def test_the_risk_is_that_of_the_model_and_the_flag_follows_its_own_threshold(model, scored):
    risk = model.risk(patients(60, seed=5)[0])
    np.testing.assert_allclose(scored.risk, risk, atol=5e-7)
    assert scored.threshold == 0.3
    assert scored.flagged == int((scored.risk >= 0.3).sum()) == int((scored.table.flagged == "yes").sum())
    assert 0 < scored.flagged < scored.n == 60


def test_half_is_the_threshold_of_a_model_that_brings_none(models):
    assert score(models["logistic"], patients(20)[0]).threshold == 0.5


def test_another_threshold_flags_anew_and_leaves_the_first_result_alone(scored):
    strict = scored.at(0.9)
    assert strict.flagged == int((scored.risk >= 0.9).sum()) < scored.flagged
    assert strict.threshold == 0.9
    assert scored.threshold == 0.3
    np.testing.assert_array_equal(strict.risk, scored.risk)


def test_a_risk_that_reads_as_the_threshold_is_flagged():
    table = pd.DataFrame({"estimated_risk": [0.299999, 0.3], "flagged": "no", "warnings": ""})
    assert list(Scored(table, (), 0.5).at(0.3).table.flagged) == ["no", "yes"]


def test_each_warning_names_the_column_and_only_the_patients_it_is_about(model):
    frame = patients(40, seed=2)[0].dropna().reset_index(drop=True)
    frame["pain"] = frame["pain"].astype(object)
    frame.loc[0, "age"], frame.loc[1, "pain"], frame.loc[2, "pressure"] = 150.0, "crushing", np.nan
    warnings = score(model, frame).table["warnings"]
    assert warnings[0].startswith("age is above the known range (")
    assert warnings[1] == "pain has an unknown category"
    assert warnings[2] == "pressure is missing"
    assert score(model, frame).warned >= 3


def test_a_table_without_most_columns_is_refused_with_the_difference(model):
    with pytest.raises(ColumnsError, match=r"lacks 4 of the 5 columns.*'pressure'"):
        score(model, patients(10)[0][["age"]])


def test_scoring_again_keeps_one_set_of_result_columns(model, scored):
    again = score(model, scored.table)
    assert list(again.table.columns) == list(scored.table.columns)


def test_the_highest_risks_come_first_with_their_place_in_the_table(scored):
    top = scored.top(5)
    assert list(top.estimated_risk) == sorted(scored.risk, reverse=True)[:5]
    assert top.index[0] == int(np.argmax(scored.risk))


def test_counts_add_up_to_all_patients(scored):
    assert scored.counts().shape == (40,)
    assert scored.counts().sum() == 60


def test_scored_patients_come_back_from_a_folder_as_they_were(model, tmp_path):
    before = score(model, patients(30, seed=9)[0].drop(columns="sex").assign(age=200.0))
    save_scored(before, tmp_path)
    after = open_scored(tmp_path)
    pd.testing.assert_frame_equal(after.table, before.table, check_dtype=False)
    assert [str(note) for note in after.notes] == [str(note) for note in before.notes] != []
    assert after.threshold == before.threshold


def test_the_template_holds_the_columns_in_order_and_nobody(model):
    assert template(model.columns).decode("utf-8-sig") == "age,pressure,lactate,pain,sex\r\n"


@given(some.text(alphabet="=+-@\t\rA1(), '", max_size=8))
def test_no_text_of_an_exported_table_starts_a_formula(cell):
    text = safe_csv(pd.DataFrame({"note": [cell], "other": ["x"]})).decode("utf-8-sig")
    (_, (read, _)) = list(csv.reader(io.StringIO(text, newline="")))
    number = pd.to_numeric(pd.Series([read]), errors="coerce").notna()[0]
    assert number or not read.startswith(FORMULA_STARTS)


def test_each_patient_is_told_what_the_model_does_not_know_of_them_and_no_value_is_quoted(model):
    frame = patients(6, seed=3)[0].dropna().head(5).reset_index(drop=True)
    frame["pressure"] = 100.0
    frame["age"] = frame["age"].astype(object)
    frame.loc[0, "age"], frame.loc[1, "age"], frame.loc[2, "age"] = -4321, 98765, "secret"
    frame.loc[3, "pain"] = "unheard-of"
    scored = score(model, frame)
    warnings = scored.table["warnings"]
    assert warnings[0].startswith("age is below the known range (")
    assert warnings[1].startswith("age is above the known range (")
    assert warnings[2] == "age is not a number and counts as missing"
    assert warnings[3] == "pain has an unknown category"
    told = "".join(warnings)
    assert not any(value in told for value in ("4321", "98765", "secret", "unheard"))
    report = row_report(warnings)
    assert report["patient"].tolist() == [1, 2, 3, 4]
    assert report["warning"].tolist() == warnings[:4].tolist()
    assert dict(tally(warnings)) == dict.fromkeys(warnings[:4], 1)


def test_a_patient_scored_alone_gets_the_warnings_they_get_among_others(model):
    frame = patients(40, seed=9)[0]
    frame.loc[5, "age"] = 500.0
    together = score(model, frame).table["warnings"]
    for row in (0, 5, 17):
        assert score(model, frame.iloc[[row]]).table["warnings"].tolist() == [together[row]]
