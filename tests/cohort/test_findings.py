"""What is doubtful is found, counted, and comes with a remedy; what is not doubtful is left alone."""

from unittest.mock import ANY

import numpy as np
import pandas as pd
import pytest

from medtune.cohort.findings import Remedy, find, leave_out
from medtune.cohort.mixtures import other_unit
from medtune.cohort.reading import read_table
from medtune.cohort.table import Cleaning, Event, Roles, make_cohort
from medtune.foundation.records import from_json, to_json
from tests.cohort.shared_data import shared

N = 200
rng = np.random.default_rng(0)
CLEAN = pd.DataFrame(
    {
        "age": rng.normal(60, 10, N).round(2),
        "ward": rng.choice(["a", "b", "c"], N),
        "died": rng.integers(0, 2, N),
        "hospital": ["north", "south"] * (N // 2),
    }
)
ROLES = Roles("died", Event(values=("1",)), ("age", "ward"), site="hospital")


def found(frame, roles=ROLES, cleaning=None):
    return {finding.key: finding for finding in find(make_cohort(frame, roles, cleaning))}


def also(*names):
    return Roles("died", ROLES.event, (*ROLES.predictors, *names), site="hospital")


def test_nothing_is_found_in_a_clean_table():
    assert found(CLEAN) == {}


def test_exact_copies_are_counted():
    finding = found(pd.concat([CLEAN, CLEAN.iloc[[3, 3, 8]]], ignore_index=True))["duplicates"]
    assert finding.count == 3
    assert finding.remedy == Remedy("drop_duplicates")


PLANTED = {
    "constant": (dict.fromkeys(["x"], 7.5), Remedy("leave_out", ("x",))),
    "empty": ({"x": np.nan}, Remedy("leave_out", ("x",))),
    "almost_empty": ({"x": [1.0, 2.5, 3.5, 4.0] + [np.nan] * (N - 4)}, Remedy("leave_out", ("x",))),
    "missing_at_one_site": ({"x": [1.5, np.nan, 2.5, np.nan] * (N // 4)}, Remedy("leave_out", ("x",))),
    "spellings": ({"x": ["male", "Male", "female", "female "] * (N // 4)}, Remedy("merge_levels", ("x",))),
    "hidden_codes": ({"x": [0.0, *np.linspace(80, 300, N - 1)]}, Remedy("mark_missing", ("x",), ("0",))),
    "given_away": ({"x": CLEAN["died"] * 10 + rng.normal(0, 1, N)}, Remedy("leave_out", ("x",))),
}


@pytest.mark.parametrize("key", PLANTED)
def test_a_planted_fault_is_found_with_its_remedy(key):
    columns, remedy = PLANTED[key]
    finding = found(CLEAN.assign(**columns), also("x")).get(key)
    assert finding is not None
    assert finding.remedy == remedy
    assert "'x'" in str(finding.sentence)


CODES = {
    "999 above ages": ([999.0, *np.linspace(20, 90, N - 1)], ("999",)),
    "-9 below counts": ([-9.0, *np.linspace(0, 90, N - 1)], ("-9",)),
    "zero of a measurement that may be zero": ([0.0, *np.linspace(0.1, 6, N - 1)], None),
    "minus one among negative numbers": ([-1.0, *np.linspace(-6, 6, N - 1)], None),
    "99 within the range": ([99.0, *np.linspace(20, 150, N - 1)], None),
}


@pytest.mark.parametrize("case", CODES, ids=list(CODES))
def test_only_numbers_that_stand_apart_are_taken_for_codes(case):
    values, codes = CODES[case]
    finding = found(CLEAN.assign(x=values), also("x")).get("hidden_codes")
    assert (finding.remedy.codes if finding else None) == codes


WHO = {
    "e-mail": [f"user{i % 20}@example.org" for i in range(N)],
    "phone": [f"+44 20 7946 {i % 25:04d}" for i in range(N)],
    "long numbers": [13_800_000_000 + 7919 * i for i in range(N)],
}


@pytest.mark.parametrize("case", WHO)
def test_what_tells_who_a_patient_is_is_found(case):
    finding = found(CLEAN.assign(x=WHO[case]), also("x"))["identifiers"]
    assert finding.remedy == Remedy("leave_out", ("x",))


def test_an_identifier_that_no_model_uses_is_only_noted():
    frame = CLEAN.assign(mrn=[f"M{i:06d}" for i in range(N)])
    finding = found(frame)["identifiers"]
    assert (finding.severity, finding.columns, finding.remedy) == ("note", ("mrn",), Remedy("choose_patient", ("mrn",)))
    unused = found(CLEAN.assign(x=WHO["e-mail"]))["identifiers"]
    assert unused.remedy is None  # left out already, and of no other use


def test_no_sentence_repeats_a_patients_cell():
    frame = CLEAN.assign(x=WHO["e-mail"])
    assert all("@" not in str(finding.sentence) for finding in found(frame, also("x")).values())


def test_a_name_from_after_the_outcome_is_doubted():
    frame = CLEAN.assign(discharge_ward=rng.choice(["a", "b"], N))
    assert found(frame, also("discharge_ward"))["afterwards"].columns == ("discharge_ward",)


def test_a_column_that_gives_the_outcome_away_backwards_is_found_and_stops():
    frame = CLEAN.assign(x=-10.0 * CLEAN["died"] + rng.normal(0, 1, N))
    gravest = find(make_cohort(frame, also("x")))[0]
    assert (gravest.severity, gravest.key) == ("stop", "given_away")


def test_few_events_are_counted_on_the_rarer_side():
    died = np.ones(N, dtype=int)
    died[:8] = 0
    finding = found(CLEAN.assign(died=died))["few_events"]
    assert finding.count == 8
    assert "without the event" in str(finding.sentence)
    assert finding.remedy.action == "validate_only"


def test_patients_who_come_again_are_counted():
    roles = Roles("died", ROLES.event, ROLES.predictors, patient="pid")
    finding = found(CLEAN.assign(pid=[f"P{i // 2 if i < 10 else i}" for i in range(N)]), roles)["repeated_patients"]
    assert finding.count == 10
    assert finding.remedy == Remedy("keep_first_row", ("pid",))
    assert finding.others == (Remedy("keep_last_row", ("pid",)),)


def test_an_unknown_outcome_does_not_pass_for_no_event():
    frame = pd.DataFrame(
        {"age": [40 + at % 37 for at in range(60)], "status": ["Died", "Alive", "alive"] * 19 + ["Unknown"] * 3}
    )
    cohort = make_cohort(frame, Roles("status", Event(values=("Died",)), ("age",)))
    (finding,) = [one for one in find(cohort) if one.key == "unknown_outcome"]
    assert (finding.count, finding.remedy.codes) == (3, ("Unknown",))
    marked = make_cohort(frame, cohort.roles, Cleaning(missing={"status": finding.remedy.codes}))
    assert marked.n == 57
    assert not [one for one in find(marked) if one.key == "unknown_outcome"]


def test_rare_events_fix_the_threshold_at_their_share():
    died = np.zeros(1000, dtype=int)
    died[:30] = 1
    frame = pd.DataFrame({"age": rng.normal(60, 9, 1000).round(1), "died": died})
    finding = found(frame, Roles("died", ROLES.event, ("age",)))["imbalance"]
    assert finding.remedy == Remedy("fix_threshold", ("died",), rule=(0.03,))
    assert [other.action for other in finding.others] == ["weigh_consequences"]


def test_a_table_without_roles_is_looked_at_too():
    keys = {finding.key for finding in find(CLEAN.assign(x=1.0, y=np.nan))}
    assert keys == {"constant", "empty"}


def test_a_finding_is_stored_and_read_back():
    (finding,) = find(make_cohort(CLEAN.assign(x=7.5), also("x")))
    assert from_json(type(finding), to_json(finding)) == finding


def test_leaving_out_takes_columns_from_the_predictors_only():
    assert leave_out(ROLES, ("age", "hospital")) == Roles("died", ROLES.event, ("ward",), site="hospital")


def test_the_heart_tables_faults_are_found():
    frame = read_table(shared("heart_four_hospitals.csv")).frame
    roles = Roles("disease_stage", Event(at_least=1), ("age", "resting_bp", "cholesterol", "thal"), site="hospital")
    codes = {f.columns: f.count for f in find(make_cohort(frame, roles)) if f.key == "hidden_codes"}
    assert codes == {("cholesterol",): 172, ("resting_bp",): 1}
    marked = Cleaning(missing={"cholesterol": "0", "resting_bp": "0"})
    (absent,) = [f for f in find(make_cohort(frame, roles, marked)) if f.key == "missing_at_one_site"]
    assert absent.columns == ("cholesterol",)
    assert "'switzerland'" in str(absent.sentence)


def test_a_birth_weight_gives_low_birth_weight_away():
    frame = read_table(shared("birthwt.csv")).frame
    roles = Roles("low", Event(values=("1",)), ("age", "lwt", "bwt", "smoke"))
    assert [f.columns for f in find(make_cohort(frame, roles)) if f.key == "given_away"] == [("bwt",)]


def planted_doubts():
    glucose = np.r_[rng.normal(100, 15, N - 30), rng.normal(5.5, 0.8, 30)]
    creatinine = np.r_[rng.normal(1.0, 0.2, N - 40).clip(0.4), rng.normal(88, 15, 40).clip(40)]
    ages = CLEAN["age"].where(CLEAN.index != 5, -3)
    sys, dia = np.full(N, 130.0) + np.arange(N) % 20, np.full(N, 80.0) + np.arange(N) % 10
    sys[:4] = 60
    return {
        "implausible": ({"patient_age": ages}, 1, Remedy("mark_missing", ("patient_age",), ("-3",))),
        "pressures": ({"sbp": sys, "dbp": dia}, 4, Remedy("leave_out", ("sbp", "dbp"))),
        "unit_mixture": ({"glucose": glucose}, 30, ANY),
        "unit_mixture ": ({"creatinine": creatinine}, 40, ANY),
        "drift": ({"crp": rng.normal(0, 1, N) + 3 * (CLEAN["hospital"] == "north")}, 1, Remedy("leave_out", ("crp",))),
    }


@pytest.mark.parametrize("key", planted_doubts())
def test_what_cannot_be_or_does_not_fit_is_found(key):
    columns, count, remedy = planted_doubts()[key]
    finding = found(CLEAN.assign(**columns), also(*columns)).get(key.strip())
    assert finding is not None
    assert (finding.count, finding.remedy) == (count, remedy)


def test_values_in_another_unit_are_brought_to_the_unit_of_the_others_by_one_remedy():
    weight = np.round(75 * np.exp(rng.normal(0, 0.13, N)), 1)
    mixed = np.where(np.arange(N) % 6 == 0, np.round(weight / 0.45359237, 1), weight)
    frame = CLEAN.assign(weight=mixed)
    finding = found(frame, also("weight"))["unit_mixture"]
    assert finding.remedy.action == "one_unit"
    assert "2.2 times" in str(finding.sentence)
    mended = make_cohort(frame, also("weight"), Cleaning(other_unit={"weight": finding.remedy.rule}))
    np.testing.assert_allclose(mended.frame["weight"], weight, rtol=0.002)
    assert "unit_mixture" not in {one.key for one in find(mended)}
    assert any("multiplied by 0.4536" in str(note) for note in mended.notes)


@pytest.mark.parametrize("draw", [
    lambda r, n: np.exp(r.normal(4.3, 0.25, n)),
    lambda r, n: np.exp(4.3 + 0.3 * r.standard_t(4, n)),
    lambda r, n: r.normal(75, 15, n).clip(30),
])  # fmt: skip
def test_one_hump_is_no_mixture_of_units(draw):
    r = np.random.default_rng(5)
    alarms = sum(other_unit(draw(r, n), "weight") is not None for n in (60, 400, 3000) for _ in range(40))
    assert alarms <= 2


def test_one_patient_under_two_numbers_is_found():
    frame = CLEAN.assign(a=rng.normal(0, 1, N), b=rng.normal(5, 1, N), number=np.arange(N) + 10_000_000)
    frame = pd.concat([frame, frame.iloc[[3, 9]].assign(number=[20_000_000, 20_000_001])], ignore_index=True)
    finding = found(frame, also("a", "b"))["near_copies"]
    assert finding.count == 4
    assert finding.remedy == Remedy("drop_near_copies")
    cohort = make_cohort(frame, also("a", "b"))
    kept = cohort.without_duplicates("near")
    assert (cohort.n - kept.n, cohort.n - cohort.without_duplicates().n) == (2, 0)
    assert any("nearly copies of others" in str(note) for note in kept.notes)
    assert "near_copies" not in {one.key for one in find(kept)}


@pytest.mark.parametrize("name", ["death_date", "follow_up_ended"])
def test_dates_after_the_outcome_are_found_and_their_rows_left_out(name):
    start = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(N), unit="D")
    end = pd.Series(start + pd.Timedelta(days=30)).where(CLEAN["died"] == 1)
    scan = pd.Series(start + pd.Timedelta(days=2))
    late = np.flatnonzero(CLEAN["died"] == 1)[:7]
    scan[late] += pd.Timedelta(days=60)
    frame = CLEAN.assign(admitted=start.astype(str), ct_date=scan.astype(str), **{name: end.dt.strftime("%Y-%m-%d")})
    roles = Roles("died", ROLES.event, ("age", "ward"), site="hospital", date="admitted")
    finding = found(frame, roles)["after_outcome"]
    assert (finding.count, finding.remedy) == (7, Remedy("drop_late_rows", ("ct_date", name)))
    mended = make_cohort(frame, roles, Cleaning(not_after=(("ct_date", name),)))
    assert mended.n == N - 7
    assert not set(late) & set(mended.rows)
    assert any("were left out" in str(note) for note in mended.notes)
    assert "after_outcome" not in {one.key for one in find(mended)}


def test_repeated_patient_ids_offer_to_keep_rows_together():
    frame = CLEAN.assign(patient_id=[f"P{i // 2:04d}" for i in range(N)])
    assert found(frame)["repeated_ids"].remedy == Remedy("choose_patient", ("patient_id",))
