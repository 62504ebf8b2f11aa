"""The made-up trial: what its docstring says is what a comparison finds."""

import numpy as np

from medtune.cohort.trial_demo import EFFECTS, OPTIONS, N, synthetic_trial
from medtune.foundation.settings import Settings, Treatment
from medtune.treatment.comparison import compare_treatments


def test_it_is_drawn_alike_every_time_and_a_third_got_each_option():
    one, again = synthetic_trial(), synthetic_trial()
    assert one.fingerprint == again.fingerprint
    counts = one.frame["treatment"].value_counts()
    assert set(counts.index) == set(OPTIONS)
    assert (np.abs(counts - N / 3) < 4 * np.sqrt(N * 2 / 9)).all()


def test_the_comparison_finds_the_effects_that_were_drawn():
    result = compare_treatments(synthetic_trial(), Settings(treatment=Treatment("randomised", "usual care"))).result
    for contrast in result.contrasts:
        assert contrast.odds_ratio.low < np.exp(EFFECTS[contrast.option]) < contrast.odds_ratio.high
    effects = {contrast.option: contrast.effect for contrast in result.contrasts}
    assert effects["drug A"].high < 0
    assert effects["drug B"].low < 0 < effects["drug B"].high
