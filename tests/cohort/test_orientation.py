"""Tables whose rows are no patients say so; tables of patients are left in peace."""

import numpy as np
import pandas as pd

from medtune.cohort.orientation import doubts_about_rows


def measurements(n=30):
    parts = [pd.DataFrame({"patient_id": np.arange(n), "test": test}) for test in ("sodium", "potassium", "age")]
    table = pd.concat(parts, ignore_index=True)
    return table.assign(value=np.arange(len(table)) * 0.5, unit="mmol/L")


def test_a_row_for_each_measurement_is_told():
    (said,) = doubts_about_rows(measurements())
    assert "one measurement ('test', 'value')" in str(said)


def test_a_column_for_each_patient_is_told():
    table = pd.DataFrame(np.ones((4, 41))).rename(columns=str)
    (said,) = doubts_about_rows(table)
    assert "41 columns and only 4 rows" in str(said)


def test_patients_with_a_test_result_are_left_in_peace():
    table = pd.DataFrame({"id": np.arange(90), "test": ["rapid", "PCR"] * 45, "result": ["pos", "neg", "neg"] * 30})
    assert doubts_about_rows(table) == []
    assert doubts_about_rows(measurements()[["patient_id", "value"]]) == []
    assert doubts_about_rows(measurements(1).iloc[:1]) == []
