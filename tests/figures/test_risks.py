"""The histogram of new patients' risks."""

import numpy as np
import pytest

from medtune.figures.risks import risks
from medtune.figures.theme import DARK, LIGHT


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_bars_hold_every_patient_and_the_threshold_is_marked(theme):
    counts = np.r_[np.arange(10), np.zeros(30)]
    figure = risks(counts, theme, threshold=0.15)
    assert sum(figure.data[0].y) == counts.sum()
    assert figure.data[0].marker.color == theme.accent
    assert figure.layout.xaxis.title.text == "Estimated risk, %"
    assert [note.text for note in figure.layout.annotations] == ["threshold 15.0%"]
    assert figure.layout.shapes[0].x0 == 0.15
    assert len(figure.layout.meta["alt"]) > 20


def test_the_axis_ends_where_risks_end_but_never_before_the_threshold():
    low = np.r_[5, 3, np.zeros(38)]
    assert risks(low, LIGHT).layout.xaxis.range == (0, 0.1)
    assert risks(low, LIGHT, threshold=0.5).layout.xaxis.range[1] == pytest.approx(0.6)
    assert risks(np.zeros(40), LIGHT).layout.xaxis.range == (0, 1)
