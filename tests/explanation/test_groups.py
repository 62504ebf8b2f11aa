"""Groups are read against the same mean as everybody."""

import numpy as np
import pytest

from medtune.explanation.contributions import explain
from medtune.explanation.groups import by_group
from tests.explanation.test_contributions import patients, trained


def test_means_of_groups_average_to_zero_and_small_groups_are_left_out():
    frame, _ = patients(110, 4)
    told = explain(trained("logistic"), frame)
    site = np.array(["A"] * 60 + ["B"] * 40 + ["C"] * 10)
    one, two = by_group(told, site)
    assert (one.name, one.n, two.name, two.n) == ("A", 60, "B", 40)
    at = told.columns.index("age")
    assert one.mean["age"].value == pytest.approx(told.contributions[:60, at].mean())
    assert one.mean["age"].low < one.mean["age"].value < one.mean["age"].high
    assert two.importance["age"].value == pytest.approx(np.abs(told.contributions[60:100, at]).mean())
    everyone = by_group(told, np.array(["all"] * 110))[0]
    assert all(abs(value.value) < 1e-9 for value in everyone.mean.values())
