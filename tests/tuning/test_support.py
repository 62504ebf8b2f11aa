"""The weights of the averaged update in words, at the edges of each word."""

import numpy as np
import pytest

from medtune.foundation.settings import Averaging
from medtune.tuning.averaged import averaged_update, half_widths
from medtune.tuning.support import support_told
from tests.tuning.conftest import PREDICTORS


def told(unchanged, intercept, slope, predictors):
    return str(support_told({"unchanged": unchanged, "intercept": intercept, "slope": slope, "predictors": predictors}))


def test_what_is_supported_comes_first_and_what_shows_no_sign_last():
    assert told(0.05, 0.83, 0.5, 0.12) == (
        "The data support a shift of all risks (weight 0.83). "
        "They leave open a stretch or shrinkage of all risks (weight 0.50). "
        "No sign of predictors acting differently here (weight 0.12)."
    )


def test_several_kinds_share_a_sentence():
    assert told(0, 0.9, 0.8, 0.7) == (
        "The data support a shift of all risks (weight 0.90), a stretch or shrinkage of all risks (weight 0.80) "
        "and predictors acting differently here (weight 0.70)."
    )
    assert "No sign of a shift of all risks (weight 0.10) and a stretch" in told(0.1, 0.1, 0.2, 0.8)


@pytest.mark.parametrize(
    ("weight", "word"),
    [
        (0.70, "support"),
        (0.696, "support"),
        (0.694, "leave open"),
        (0.31, "leave open"),
        (0.304, "No sign"),
        (0.3, "No sign"),
    ],
)
def test_a_word_changes_where_the_weight_that_is_shown_reaches_its_edge(weight, word):
    sentence = next(part for part in told(0, 0.99, 0.99, weight).split(". ") if "acting differently" in part)
    assert word in sentence


@pytest.mark.parametrize(("unchanged", "supported"), [(0.5, True), (0.49, False), (1.0, True)])
def test_an_unchanged_model_is_supported_only_where_no_change_is(unchanged, supported):
    assert ("support the model as it is" in told(unchanged, 0.4, 0.4, 0.4)) == supported
    assert "as it is" not in told(unchanged, 0.7, 0.1, 0.1)


def test_where_nothing_is_settled_the_data_leave_it_open():
    assert told(0.2, 0.5, 0.5, 0.5).startswith("The data leave open a shift of all risks (weight 0.50), ")


def test_other_methods_have_no_weights_to_tell():
    assert support_told({}) is None


def test_width_multiplies_every_half_width_but_those_that_stand_for_unchanged():
    grids = half_widths(Averaging(width=2.0))
    assert grids == ((0.001, 0.5, 2.0), (0.001, 0.2, 0.5), (0.001, 0.06, 0.12, 0.24, 0.5))
    assert half_widths(Averaging()) == ((0.001, 0.25, 1.0), (0.001, 0.1, 0.25), (0.001, 0.03, 0.06, 0.12, 0.25))


def test_trusting_the_source_more_changes_the_model_less(local):
    T, y = local[PREDICTORS].to_numpy(), local.died.to_numpy()
    change = []
    for width in (0.25, 0.5, 1.0):
        fit = averaged_update(local.eta0[:80], T[:80], y[:80], averaging=Averaging(width=width))
        eta = fit.intercept + fit.slope * local.eta0 + T @ fit.deviation
        change.append(np.abs(eta - local.eta0).mean())
    assert change == sorted(change)
    assert change[0] < 0.8 * change[2]
