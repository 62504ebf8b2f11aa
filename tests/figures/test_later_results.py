"""The learning curve and the figures of instability."""

from dataclasses import replace

import numpy as np
import pytest

from medtune.evaluation.logistic import expit
from medtune.figures.instability import changing_sides, refitted_calibration, spread
from medtune.figures.learning import learning
from medtune.figures.theme import DARK, LIGHT, PLOT_HEIGHT
from medtune.foundation.estimate import Estimate
from medtune.tuning.instability import instability
from medtune.tuning.learning import LearningCurve


@pytest.fixture(scope="module")
def curve():
    gains = {
        "averaged": (Estimate(0.02, -0.01, 0.05), Estimate(0.05, 0.02, 0.08)),
        "refit": (Estimate(-5.0, -9.0, -1.0), Estimate(0.04, 0.01, 0.07)),
    }
    return LearningCurve("original", "averaged", np.array([30.0, 240.0]), np.array([8.0, 64.0]), gains)


@pytest.fixture(scope="module")
def found():
    rng = np.random.default_rng(0)
    eta = rng.normal(-1, 1, 80)
    y = (rng.uniform(size=80) < expit(eta)).astype(int)
    return instability(y, expit(eta + rng.normal(0, 0.3, (21, 80))), method="averaged", threshold=0.3)


def lines(figure):
    return {trace.name: trace for trace in figure.data if trace.name}


def test_each_method_is_a_line_and_the_judged_one_has_a_band(curve):
    figure = learning(curve, LIGHT)
    drawn = lines(figure)
    assert set(drawn) == {"Averaged update", "Refit"}
    assert list(drawn["Averaged update"].y) == [0.02, 0.05]
    (band,) = [trace for trace in figure.data if trace.fill == "toself"]
    assert max(band.y) == 0.08
    assert figure.layout.xaxis.type == "log"
    assert list(figure.layout.xaxis.ticktext) == ["30", "240"]
    words = " ".join(note.text for note in figure.layout.annotations)
    assert "Averaged update" in words
    assert "Refit" in words


def test_a_method_that_fails_with_few_patients_does_not_flatten_the_others(curve):
    low, high = learning(curve, LIGHT).layout.yaxis.range
    assert low > -0.15
    assert high < 0.2


def test_hover_names_patients_events_and_the_gain(curve):
    trace = lines(learning(curve, LIGHT))["Averaged update"]
    assert list(trace.customdata[1]) == [64.0, "+0.050 (+0.020 to +0.080)"]


def test_a_patient_has_a_line_from_low_to_high(found):
    figure = spread(found, LIGHT)
    upright = next(trace for trace in figure.data if trace.mode == "lines" and len(trace.y) == 3 * 80)
    assert list(upright.y[:2]) == [found.low[0], found.high[0]]
    assert upright.x[0] == upright.x[1] == found.risk[0]
    assert figure.layout.height == PLOT_HEIGHT


def test_the_threshold_is_marked_where_patients_change_sides(found):
    figure = changing_sides(found, LIGHT)
    assert any(shape.x0 == 0.3 for shape in figure.layout.shapes)
    assert "threshold 30.0%" in " ".join(note.text for note in figure.layout.annotations)
    assert figure.layout.height == PLOT_HEIGHT
    assert figure.layout.yaxis.range[1] >= max(found.flipped)


def test_figures_in_a_row_share_their_height(found):
    assert refitted_calibration(found, LIGHT).layout.height == spread(found, LIGHT).layout.height


@pytest.mark.parametrize("draw", [spread, refitted_calibration, changing_sides])
def test_a_figure_of_instability_is_told_in_words_and_keeps_its_theme(found, draw):
    said = []
    figure = draw(found, DARK, translate=lambda sentence: said.append(sentence) or str(sentence))
    assert len(figure.layout.meta["alt"]) > 20
    assert len(said) >= 4
    text = figure.to_json().lower()
    assert not [name for name in ("ink", "muted", "line", "accent", "single") if getattr(LIGHT, name).lower() in text]


def test_a_model_that_gives_one_risk_is_drawn_too(found):
    one = replace(found.calibration, **{name: np.array([0.3]) for name in ("risk", "observed", "low", "high")})
    assert refitted_calibration(replace(found, calibration=one), LIGHT).data
