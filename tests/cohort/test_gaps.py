"""Where values are missing: shares with intervals, and whether groups differ by more than chance."""

import numpy as np
import pytest
from scipy.stats import chi2_contingency

from medtune.cohort.gaps import MOST_GROUPS, gap_of, gaps_between


def masks_of(labels):
    return {str(name): labels == name for name in np.unique(labels)}


def test_each_group_has_its_share_with_an_interval():
    absent = np.array([True] * 10 + [False] * 10)
    gaps = gaps_between(absent, masks_of(np.array(["a"] * 10 + ["b"] * 10)))
    assert [(gap.group, gap.n, gap.missing, gap.share.value) for gap in gaps.groups] == [
        ("a", 10, 10, 1.0),
        ("b", 10, 0, 0.0),
    ]
    assert gaps.groups[0].share.high == 1.0
    assert gaps.groups[0].share.low == pytest.approx(0.7225, abs=1e-4)  # Wilson 1927
    assert gaps.beyond_chance
    assert [gap.group for gap in gaps.ends] == ["b", "a"]


def test_chance_alone_is_rarely_called_more_than_chance():
    rng = np.random.default_rng(5)
    site = rng.integers(0, 4, 240)
    called = sum(gaps_between(rng.random(240) < 0.1, masks_of(site)).beyond_chance for _ in range(300))
    assert called <= 9  # 3 are expected


def test_it_agrees_with_the_chi_squared_test_where_that_holds():
    rng = np.random.default_rng(6)
    for step in np.linspace(0, 0.12, 13):
        site = rng.integers(0, 3, 900)
        absent = rng.random(900) < 0.3 + step * site
        table = np.array([[absent[site == s].sum(), (~absent[site == s]).sum()] for s in range(3)])
        p = chi2_contingency(table).pvalue
        if not 0.005 < p < 0.02:
            assert gaps_between(absent, masks_of(site)).beyond_chance == (p < 0.01)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_without_gaps_or_values_there_is_nothing_to_compare(share):
    absent = np.full(20, bool(share))
    assert not gaps_between(absent, masks_of(np.arange(20) % 2)).beyond_chance


def test_of_very_many_groups_the_largest_are_shown():
    labels = np.repeat(np.arange(20), np.arange(1, 21))
    gaps = gaps_between(np.zeros(labels.size, dtype=bool), masks_of(labels))
    assert len(gaps.groups) == MOST_GROUPS
    assert min(gap.n for gap in gaps.groups) == 9


def test_no_patients_have_no_share():
    assert not gap_of(np.zeros(0, dtype=bool), "none").share.known
