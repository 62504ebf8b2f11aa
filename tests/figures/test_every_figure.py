"""What holds for each figure, whatever it shows."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import numpy as np
import pytest

from medtune.figures.explanation import waterfall
from medtune.figures.theme import DARK, LIGHT, PLOT_HEIGHT, SQUARE_HEIGHT
from tests.figures.conftest import an_explanation

RESULTS = (
    *("roc", "calibration", "distribution", "confusion", "decision_curve", "threshold_curves"),
    *("number_line", "forest", "precision_recall", "benefit_gain", "avoided", "refer"),
)
COLUMNS = (
    *("importance", "beeswarm", "dependence", "dependence_levels", "waterfall"),
    *("before_after", "before_after_levels", "by_outcome", "by_outcome_levels"),
)
TREATMENTS = ("options_apart", "benefit_by_risk", "balance_plot", "policy")
EXPLAINED = (
    *("effect", "effect_levels", "movement", "individual", "individual_levels", "together", "decision_path"),
    *("coloured", "coloured_levels", "main_effect", "main_effect_levels", "nomogram"),
)
NAMES = (*RESULTS, *COLUMNS, *TREATMENTS, *EXPLAINED)


def all_words(figure) -> list[str]:
    """Titles of axes and all annotations."""
    layout = figure.layout
    axes = [layout[name].title.text for name in layout if name.startswith(("xaxis", "yaxis"))]
    return [text for text in [*axes, *(note.text for note in layout.annotations)] if text]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
@pytest.mark.parametrize("name", NAMES)
def test_figure_is_transparent_named_in_words_and_without_chrome(gallery, name, theme):
    figure = gallery[name](theme)
    layout = figure.layout
    assert layout.template.layout.paper_bgcolor == "rgba(0,0,0,0)"
    assert len(layout.meta["alt"]) > 20
    assert layout.title.text is None
    assert layout.template.layout.showlegend is False
    assert layout.template.layout.dragmode is False
    assert layout.height == layout.height // 1 > 0
    json.loads(figure.to_json())


@pytest.mark.parametrize("name", NAMES)
def test_no_colour_of_the_other_theme_slips_in(gallery, name):
    text = gallery[name](DARK).to_json().lower()
    for field in ("paper", "panel", "ink", "muted", "line", "accent", "event", "no_event", "single"):
        assert getattr(LIGHT, field).lower() not in text, field


@pytest.mark.parametrize("name", NAMES)
def test_every_word_can_be_translated(gallery, name):
    given = []

    def shout(sentence):
        given.append(sentence)
        return f"«{sentence}»"

    figure = gallery[name](LIGHT, translate=shout)
    assert given
    own = (
        r"age|sex|chest_pain|cholesterol|marker_\d|lactate|mmol/l|y|female|male|a?typical|\w+…|asymptomatic|non-anginal"
    )
    numbers_and_names = re.compile(rf"^(<[^>]+>|[\d\s.,()%+−–▲▼●■◆✚×:=]|{own})*$")
    for text in all_words(figure):
        assert "«" in text or numbers_and_names.match(text), text


@pytest.mark.parametrize("name", NAMES)
def test_hover_speaks_in_words(gallery, name):
    for trace in gallery[name](LIGHT).data:
        assert trace.hoverinfo == "skip" or trace.hovertemplate.endswith("<extra></extra>")


def test_figures_that_share_a_row_share_a_height(gallery):
    assert {gallery[name](LIGHT).layout.height for name in ("roc", "calibration")} == {SQUARE_HEIGHT}
    lower = ("confusion", "threshold_curves", "decision_curve", "distribution", "dependence", "before_after")
    assert {gallery[name](LIGHT).layout.height for name in lower} == {PLOT_HEIGHT}


def test_a_column_name_cannot_smuggle_markup_into_a_figure():
    explanation = an_explanation(3, 5)
    nasty = '<a href="https://x.invalid">%{x}</a>'
    renamed = (nasty, *explanation.columns[1:])
    changed = type(explanation)(
        **{
            **{field: getattr(explanation, field) for field in explanation.__dataclass_fields__},
            "columns": renamed,
            "importance": dict(zip(renamed, explanation.importance.values(), strict=True)),
        }
    )
    text = waterfall(changed, 0, LIGHT).to_json()
    assert "<a " not in text
    assert "\\u003ca " not in text
    assert "%{x}" not in text


def test_importing_all_figures_leaves_the_heavy_libraries_alone():
    script = (
        "import importlib, pkgutil, sys, medtune.figures as f\n"
        "[importlib.import_module(m.name) for m in pkgutil.iter_modules(f.__path__, 'medtune.figures.')]\n"
        "print([n for n in ('sklearn', 'shap', 'statsmodels', 'pandas', 'scipy', 'matplotlib', 'plotly.express',"
        " 'skops', 'streamlit') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_figures_survive_a_table_without_any_event(patients):
    from medtune.evaluation.performance import evaluate
    from medtune.figures.calibration import calibration
    from medtune.figures.decisions import confusion, decision_curve, threshold_curves
    from medtune.figures.discrimination import roc
    from medtune.figures.distribution import distribution

    made = evaluate(np.zeros(20, dtype=int), np.full(20, 0.2), threshold=0.5, resamples=20)
    assert roc([("original", "O", made.roc, made.headline["auroc"], False)], LIGHT).data
    assert calibration([("original", "O", made, False)], LIGHT).data
    assert distribution(made.distribution, LIGHT).data
    assert decision_curve([("original", "O", made.thresholds, False)], LIGHT).data
    assert threshold_curves(made.thresholds, 50, LIGHT).data
    words = " ".join(note.text for note in confusion(made.thresholds, 50, LIGHT).layout.annotations)
    assert "n = 0" in words
