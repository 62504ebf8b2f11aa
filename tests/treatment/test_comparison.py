"""From a cohort to what may be said of its options."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from medtune.cohort.roles import Event, Roles
from medtune.cohort.table import make_cohort
from medtune.evaluation.logistic import expit
from medtune.foundation.errors import RolesError
from medtune.foundation.records import from_json, to_json
from medtune.foundation.settings import Settings, Treatment
from medtune.treatment.comparison import compare_treatments
from medtune.treatment.options import options_of
from medtune.treatment.record import TreatmentResult

GUSTO = Path(__file__).resolve().parents[3] / "shared" / "data" / "gusto_tx.csv.gz"


def cohort(n=1200, seed=0, options=("old", "new"), confounding=0.0, effect=-1.0, product=0.0):
    rng = np.random.default_rng(seed)
    age, ward = rng.normal(60, 10, n), rng.choice(["a", "b"], n)
    z = (age - 60) / 10
    arm = (rng.random(n) < expit(confounding * z)).astype(int)
    if len(options) > 2:
        arm = rng.integers(0, len(options), n)
    eta = -0.5 + 0.8 * z + np.where(arm > 0, effect + product * z, 0)
    table = pd.DataFrame({"age": age, "ward": ward, "drug": np.array(options)[arm]})
    table["died"] = (rng.random(n) < expit(eta)).astype(int)
    roles = Roles("died", Event(values=("1",)), ("age", "ward"), treatment="drug")
    return make_cohort(table, roles, name="Ward")


def told(cohort, design="randomised", reference="old"):
    return compare_treatments(cohort, Settings(treatment=Treatment(design, reference)))


def test_a_randomised_benefit_is_called_a_change():
    found = told(cohort()).result
    assert str(found.headline).startswith("“new” changes the event rate by −")
    assert found.contrasts[0].effect.high < 0
    assert found.contrasts[0].odds_ratio.low < np.exp(-1) < found.contrasts[0].odds_ratio.high
    assert found.individual is None
    assert [option.name for option in found.options] == ["old", "new"]


@pytest.mark.parametrize("design", ["not randomised", "unknown"])
def test_without_chance_it_is_an_association_and_says_so(design):
    found = told(cohort(), design).result
    assert str(found.headline).endswith("an association, not an effect.")
    assert any("not given by chance" in str(note) for note in found.notes)


def test_what_cannot_be_settled_says_so():
    found = told(cohort(300, effect=0.0)).result
    assert "cannot settle" in str(found.headline)
    assert "an association that these patients cannot tell from none" in str(
        told(cohort(300, effect=0.0), "not randomised").result.headline
    )


def test_without_overlap_nothing_is_shown():
    found = told(cohort(confounding=4.0), "not randomised").result
    assert found.outside > 0.2
    assert found.contrasts == ()
    assert str(found.withheld).startswith("No comparison is shown")
    assert found.headline == found.withheld == found.individual
    assert not any("one is used" in str(note) for note in found.notes)


def test_groups_that_chance_would_hardly_make_are_doubted():
    def doubted(**how):
        return [str(note) for note in told(cohort(**how)).result.notes if "Chance would hardly" in str(note)]

    assert "'age'" in doubted(confounding=4.0)[0]
    assert not any(doubted(seed=seed) for seed in range(5))


def test_copies_of_rows_that_take_no_part_are_counted():
    frame = cohort(400).frame
    roles = Roles("died", Event(values=("1",)), ("age", "ward"), treatment="drug")
    found = told(make_cohort(pd.concat([frame, frame.head(7)]), roles)).result
    assert found.n == 400
    assert any("7 rows are exact copies" in str(note) for note in found.notes)


def test_one_patient_is_shown_only_with_enough_events_under_each_option():
    assert "takes 100 events under each option" in str(told(cohort(300)).result.individual)


def test_effects_may_differ_only_after_the_test_allows_it():
    same, differing = told(cohort(3000)), told(cohort(3000, product=0.9))
    assert same.result.interaction > 0.05
    assert differing.result.interaction < 0.001
    table = cohort(3000, product=0.9)
    old, young = table.frame["age"] > 75, table.frame["age"] < 45
    assert differing.difference[old.to_numpy(), 1, 0].mean() > 0 > differing.difference[young.to_numpy(), 1, 0].mean()


def test_three_options_stand_side_by_side():
    found = told(cohort(2000, options=("old", "new", "newer"))).result
    assert sorted(contrast.option for contrast in found.contrasts) == ["new", "newer"]
    assert "'new'" in str(found.headline)


def test_patients_with_a_rare_or_missing_option_take_no_part():
    frame = cohort(400).frame.astype(object)
    frame.loc[:4, "drug"] = "tea"
    frame.loc[5:9, "drug"] = None
    roles = Roles("died", Event(values=("1",)), ("age", "ward"), treatment="drug")
    found = told(make_cohort(frame, roles)).result
    assert found.n == 390
    assert any("10 of 400" in str(note) for note in found.notes)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.assign(drug="old"), "had the same treatment"),
        (lambda t: t.assign(drug=np.where(np.arange(len(t)) < 5, "new", "old")), "Fewer than two options"),
        (lambda t: t.assign(drug=[f"d{k % 12}" for k in range(len(t))]), "at most 10 options"),
    ],
)
def test_a_column_that_cannot_be_compared_says_why(change, said):
    roles = Roles("died", Event(values=("1",)), ("age", "ward"), treatment="drug")
    with pytest.raises(RolesError, match=said):
        told(make_cohort(change(cohort(400).frame), roles))


def test_without_a_treatment_column_the_data_page_is_named():
    plain = cohort(100)
    roles = Roles("died", Event(values=("1",)), ("age", "ward"))
    bare = make_cohort(plain.frame.drop(columns="drug"), roles)
    assert options_of(bare) == {}
    with pytest.raises(RolesError, match="data page"):
        told(bare)


def test_the_same_choices_give_the_same_numbers_and_survive_a_file():
    first, second = told(cohort()).result, told(cohort()).result
    again = from_json(TreatmentResult, to_json(first))
    assert again.contrasts[0].effect == second.contrasts[0].effect
    assert str(again.headline) == str(second.headline)
    assert again.contrasts[0].policy.value.tolist() == first.contrasts[0].policy.value.tolist()


@pytest.mark.skipif(not GUSTO.exists(), reason="gusto_tx.csv.gz is not here")
def test_gusto_trial_gives_the_published_difference():
    table = pd.read_csv(GUSTO)
    table = table[table["tx"] != "SK+tPA"]
    names = tuple(name for name in table if name not in ("day30", "tx", "region"))
    trial = make_cohort(table, Roles("day30", Event(values=("1",)), names, treatment="tx"), name="GUSTO")
    found = told(trial, reference="SK").result
    effect = found.contrasts[0].effect
    assert effect.value == pytest.approx(-0.0099, abs=2e-4)
    assert (effect.high - effect.low) / 2 / 1.96 == pytest.approx(0.0028, abs=1e-4)
    benefits = [-quarter.predicted for quarter in found.contrasts[0].quarters]
    assert benefits == sorted(benefits)
    assert found.interaction > 0.05
