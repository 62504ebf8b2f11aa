"""The one gate: what becomes a cohort, what is refused and in which words, and that it is stored whole."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medtune.cohort.demo import two_hospitals
from medtune.cohort.reading import read_table
from medtune.cohort.table import Cleaning, Event, Roles, make_cohort, open_cohort, save_cohort
from medtune.foundation.errors import RolesError, TableError
from tests.cohort.shared_data import shared

N = 30
HEART = ("age", "chest_pain_type", "cholesterol", "thal")


def table(**more):
    frame = pd.DataFrame({"died": [0, 1, 0] * 10, "age": np.linspace(40, 80, N), "sex": ["m", "f"] * 15})
    return frame.assign(**more)


REFUSED = {
    "three values": (
        table(died=[0, 1, 9] * 10),
        Roles("died", predictors=("age",)),
        r"^Outcome 'died' has three values \(0, 1, 9\)\. Choose which one counts as the event, or mark 9 as missing\.$",
    ),
    "two values without a natural event": (
        table(died=["x", "y"] * 15),
        Roles("died", predictors=("age",)),
        r"has two values \(x, y\)\. Choose which one counts as the event\.$",
    ),
    "many values": (table(), Roles("age", predictors=("sex",)), "has 30 different values. Choose the value from which"),
    "one value": (table(died=1), Roles("died", predictors=("age",)), "same value .1. in every row"),
    "nobody with the event": (
        table(),
        Roles("died", Event(at_least=5), ("age",)),
        "None of the 30 patients has the event",
    ),
    "everybody with the event": (table(), Roles("died", Event(at_least=0), ("age",)), "All 30 patients have the event"),
    "an event that never comes": (table(), Roles("died", Event(values=("7",)), ("age",)), "never has the value 7"),
    "at least a number, of words": (table(), Roles("sex", Event(at_least=1), ("age",)), "30 rows that are not numbers"),
    "no predictor": (table(), Roles("died"), "No predictor is chosen"),
    "no outcome": (table(), Roles("", predictors=("age",)), "No outcome is chosen"),
    "outcome as predictor": (
        table(),
        Roles("died", predictors=("died",)),
        "chosen both as the outcome and as a predictor",
    ),
    "one column in two roles": (
        table(),
        Roles("died", predictors=("age",), site="sex", patient="sex"),
        "give it one role",
    ),
    "a column that is not there": (table(), Roles("died", predictors=("weight",)), "no column 'weight'"),
    "a date": (table(day="2020-01-31"), Roles("died", predictors=("age", "day")), "'day' is a date"),
    "free text": (
        table(note=[f"the patient said thing {i}" for i in range(N)]),
        Roles("died", predictors=("note",)),
        "'note' is free text",
    ),
    "an identifier": (
        table(code=[f"Z{i:04d}" for i in range(N)]),
        Roles("died", predictors=("code",)),
        "tells patients apart",
    ),
    "too few patients": (table().head(9), Roles("died", predictors=("age",)), "at least 10 are needed"),
    "nothing but missing": (table(age=np.nan), Roles("died", predictors=("age",)), "missing in all patients: 'age'"),
    "a risk that is no number": (table(), Roles("died", predictors=("age",), score="sex"), "does not hold numbers"),
}


@pytest.mark.parametrize("case", REFUSED, ids=list(REFUSED))
def test_a_choice_that_cannot_be_is_refused_in_one_sentence(case):
    frame, roles, match = REFUSED[case]
    with pytest.raises(RolesError, match=match):
        make_cohort(frame, roles)


def test_an_unknown_column_in_the_cleaning_is_named():
    for cleaning in (Cleaning(missing={"bmi": "0"}), Cleaning(only=("bmi", ("1",))), Cleaning(kinds={"bmi": "number"})):
        with pytest.raises(RolesError, match="no column 'bmi'"):
            make_cohort(table(), Roles("died", predictors=("age",)), cleaning)


def test_two_columns_of_one_name_are_refused():
    frame = pd.concat([table(), table()[["age"]]], axis=1)
    with pytest.raises(RolesError, match="more than one column named 'age'"):
        make_cohort(frame, Roles("died", predictors=("sex",)))


def test_marking_the_third_value_as_missing_leaves_its_rows_out_and_says_so():
    cohort = make_cohort(
        table(died=[0, 1, 9] * 10), Roles("died", predictors=("age",)), Cleaning(missing={"died": "9"})
    )
    assert (cohort.n, cohort.events) == (20, 10)
    assert "10 rows have no outcome in 'died' and were left out." in map(str, cohort.notes)
    assert list(cohort.rows[:4]) == [0, 1, 3, 4]


@pytest.mark.parametrize("code", ["0", "0.0", "0.00"])
@pytest.mark.parametrize("values", [[0, 5, 7] * 10, [0.0, 5.5, 7.0] * 10, ["0", "5", "7.0"] * 10])
def test_a_numeric_code_is_compared_as_a_number(code, values):
    cohort = make_cohort(table(lab=values), Roles("died", predictors=("lab", "age")), Cleaning(missing={"lab": code}))
    assert cohort.predictors["lab"].isna().sum() == 10


def test_a_code_for_all_columns_is_remembered_by_each():
    cohort = make_cohort(table(), Roles("died", predictors=("age",)), Cleaning(missing={"*": ("-9",), "age": ("0",)}))
    assert cohort.columns["age"].codes == ("-9", "0")
    assert cohort.columns["sex"].codes == ("-9",)


def test_numbers_are_float_and_categories_text_without_decimals():
    frame = table(ward=[1.0, 2.0, np.nan, 3.0, 1.0] * 6, count=range(5, 35))
    cohort = make_cohort(frame, Roles("died", predictors=("ward", "count")))
    assert cohort.predictors["count"].dtype == np.float64
    assert isinstance(cohort.predictors["ward"].dtype, pd.StringDtype)
    assert list(cohort.predictors["ward"].iloc[:2]) == ["1", "2"]
    assert cohort.predictors["ward"].isna().sum() == 6


def test_spellings_are_merged_where_asked():
    frame = table(sex=["male", "Male ", "female"] * 10)
    cohort = make_cohort(frame, Roles("died", predictors=("sex", "age")), Cleaning(merge=("sex",)))
    assert set(cohort.predictors["sex"]) == {"Male", "female"}


def test_the_given_table_is_not_changed():
    frame = table(ward=[1.0, 2.0, 9.0] * 10)
    before = frame.copy(deep=True)
    make_cohort(frame, Roles("died", predictors=("ward", "age")), Cleaning(missing={"*": "9"}, merge=("sex",)))
    pd.testing.assert_frame_equal(frame, before)


def test_a_patient_without_an_id_is_a_patient_of_their_own():
    frame = table(pid=["a", "a", None, None, *"bcdefghijklmnopqrstuvwxyzA"])
    cohort = make_cohort(frame, Roles("died", predictors=("age",), patient="pid"))
    assert len(set(cohort.patients)) == 29


def test_duplicates_go_once_and_are_counted():
    _, local = two_hospitals()
    single = local.without_duplicates()
    assert (local.n, single.n) == (304, 300)
    assert "4 rows are exact copies of others and were left out." in map(str, single.notes)
    assert single.without_duplicates() is single


def test_the_fingerprint_follows_content_roles_and_cleaning_but_not_the_name():
    roles = Roles("died", predictors=("age",))
    base = make_cohort(table(), roles, name="one")
    assert base.fingerprint == make_cohort(table(), roles, name="two").fingerprint
    age = np.linspace(40, 80, N)
    age[7] += 1e-9
    others = [
        make_cohort(table(age=age), roles),
        make_cohort(table(), Roles("died", predictors=("age", "sex"))),
        make_cohort(table(), Roles("died", Event(values=("0",)), ("age",))),
        make_cohort(table(), roles, Cleaning(missing={"*": "-9"})),
        base.take(np.arange(29)),
    ]
    assert len({base.fingerprint, *(other.fingerprint for other in others)}) == 6


cells = st.one_of(st.none(), st.sampled_from(["a", "B c", "é", "1.0", "是", "=1+1", 'x,\n"y']))
numbers = st.one_of(st.none(), st.floats(-1e12, 1e12), st.integers(-5, 5))


@settings(max_examples=10, deadline=None)
@given(st.lists(st.tuples(numbers, cells, st.booleans()), min_size=12, max_size=18))
def test_a_stored_cohort_comes_back_the_same(tmp_path_factory, rows):
    frame = pd.DataFrame(rows, columns=["x", "level", "y"])
    frame.loc[:1, "y"] = [True, False]
    frame.loc[0, ["x", "level"]] = [1.5, "a"]
    kinds = {"x": "number", "level": "category", "y": "category"}
    cohort = make_cohort(frame, Roles("y", Event(values=("True",)), ("x", "level")), Cleaning(kinds=kinds), "tést")
    again = open_cohort(save_cohort(cohort, tmp_path_factory.mktemp("stored")))
    pd.testing.assert_frame_equal(again.frame, cohort.frame)
    assert (again.name, again.roles, again.cleaning, again.notes) == (
        cohort.name, cohort.roles, cohort.cleaning, cohort.notes,
    )  # fmt: skip
    assert again.columns == cohort.columns
    assert again.fingerprint == cohort.fingerprint
    assert np.array_equal(again.rows, cohort.rows)


def test_a_stored_cohort_keeps_dates_and_rows(tmp_path):
    _, local = two_hospitals()
    taken = local.take(np.arange(0, 300, 3))
    again = open_cohort(save_cohort(taken, tmp_path))
    assert np.array_equal(again.date, taken.date)
    assert list(again.rows[:3]) == [0, 3, 6]


def test_saving_again_replaces_and_leaves_nothing_beside(tmp_path):
    source, local = two_hospitals()
    save_cohort(source, tmp_path)
    save_cohort(local, tmp_path)
    assert open_cohort(tmp_path).name == local.name
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cohort.json", "cohort.parquet"]


def test_a_damaged_store_is_said_to_be_damaged(tmp_path):
    source, local = two_hospitals()
    save_cohort(source, tmp_path / "a")
    save_cohort(local, tmp_path / "b")
    (tmp_path / "a" / "cohort.json").write_bytes((tmp_path / "b" / "cohort.json").read_bytes())
    with pytest.raises(TableError, match="'a'"):
        open_cohort(tmp_path / "a")
    with pytest.raises(TableError, match="cannot be read"):
        open_cohort(tmp_path / "nowhere")


HOSPITALS = {"cleveland": (303, 139), "hungarian": (294, 106), "switzerland": (123, 115), "va": (200, 149)}


@pytest.mark.parametrize("hospital", HOSPITALS)
def test_each_heart_hospital_becomes_a_cohort(hospital):
    frame = read_table(shared("heart_four_hospitals.csv")).frame
    roles = Roles("disease_stage", Event(at_least=1), HEART, site="hospital")
    cleaning = Cleaning(missing={"cholesterol": ("0",)}, only=("hospital", (hospital,)))
    cohort = make_cohort(frame, roles, cleaning)
    assert (cohort.n, cohort.events) == HOSPITALS[hospital]
    assert set(cohort.site) == {hospital}
    assert {column.kind for column in cohort.predictor_columns} == {"number", "category"}
    assert cohort.columns["chest_pain_type"].kind == "category"
    assert (cohort.columns["cholesterol"].missing == 1) == (hospital == "switzerland")
