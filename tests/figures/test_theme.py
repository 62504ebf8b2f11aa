"""Colours, styles of models, the caption and the button."""

from __future__ import annotations

import plotly.graph_objects as go
import pytest

from medtune.figures.sheet import Sheet
from medtune.figures.theme import DARK, LIGHT, caption, config, model_style
from medtune.figures.wording import compact, interval, number, percent, plain, shortened
from medtune.foundation.estimate import Estimate

KEYS = ("original", "averaged", "intercept", "recalibration", "refit", "scratch", "prevalence")
THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)


def contrast(one: str, other: str) -> float:
    """WCAG's ratio of relative luminances."""

    def luminance(color: str) -> float:
        parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@THEMES
def test_words_reach_contrast_aa(theme):
    words = ("ink", "muted", "accent", "original", "recalibrated", "refit", "scratch", "event", "no_event")
    assert {name: contrast(getattr(theme, name), theme.paper) for name in words if
            contrast(getattr(theme, name), theme.paper) < 4.5} == {}  # fmt: skip
    assert contrast(theme.ink, theme.panel) >= 4.5
    assert contrast(theme.single, theme.paper) >= 3


def test_light_colours_are_those_of_the_house():
    assert (LIGHT.paper, LIGHT.panel, LIGHT.ink) == ("#FFFFFF", "#F6F8FA", "#17212B")
    assert (LIGHT.muted, LIGHT.line, LIGHT.accent) == ("#5B6875", "#D8DEE4", "#0F766E")
    assert (DARK.paper, DARK.panel, DARK.ink) == ("#10161D", "#18212B", "#E6EBF0")
    assert (DARK.muted, DARK.line, DARK.accent) == ("#93A1AF", "#2C3844", "#2DD4BF")
    unchosen = {key: model_style(key, False, LIGHT).color for key in KEYS}
    assert unchosen["original"] == "#64748B"
    assert unchosen["recalibration"] == unchosen["intercept"] == "#2563EB"
    assert unchosen["refit"] == "#7C3AED"
    assert unchosen["scratch"] == "#C2570C"
    assert (LIGHT.event, LIGHT.no_event) == ("#B91C1C", "#1D4ED8")


@THEMES
def test_the_chosen_model_is_teal_and_thick(theme):
    for key in KEYS[1:]:
        style = model_style(key, True, theme)
        assert style.color == theme.accent
        assert style.dash == "solid"
        assert style.width > max(model_style(other, False, theme).width for other in KEYS)


@THEMES
def test_the_original_stays_slate_and_dashed_even_when_chosen(theme):
    plain_style, kept = model_style("original", False, theme), model_style("original", True, theme)
    assert plain_style.color == kept.color == theme.original
    assert plain_style.dash == kept.dash == "dash"
    assert kept.width > plain_style.width


@THEMES
def test_colour_alone_never_tells_two_models_apart(theme):
    styles = [model_style(key, False, theme) for key in KEYS]
    assert len({(style.dash, style.symbol) for style in styles}) == len(KEYS)
    assert len({style.glyph for style in styles}) == len(KEYS)


def test_the_button_saves_a_named_picture_and_nothing_else_is_offered():
    settings = config("roc/original v2")
    assert settings["toImageButtonOptions"] == {"format": "png", "filename": "roc_original_v2", "scale": 2}
    assert settings["displaylogo"] is False
    assert settings["modeBarButtons"] == [["toImage"]]
    assert config("roc", "svg")["toImageButtonOptions"]["format"] == "svg"


def test_a_caption_stands_beneath_on_opaque_paper_and_leaves_the_figure_alone():
    figure = Sheet(DARK, 360, "x").figure()
    with_words = caption(figure, "Hungarian <b>cohort</b>, 294 patients, update of Cleveland, 22 November 2025")
    assert figure.layout.title.text is None
    assert with_words.layout.paper_bgcolor == DARK.paper
    assert with_words.layout.height > 360
    assert with_words.layout.height - 360 == with_words.layout.margin.b - 48
    assert "294 patients" in with_words.layout.title.text
    assert "<b>" not in with_words.layout.title.text
    assert isinstance(with_words, go.Figure)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (number(-0.0312, 3), "−0.031"),
        (number(-0.0001, 3), "0.000"),
        (number(0.004, 3, sign=True), "+0.004"),
        (number(0.0, 3, sign=True), "0.000"),
        (number(float("nan")), "–"),
        (number(12345, 0), "12\u202f345"),
        (percent(0.3605), "36.0%"),
        (percent(1.0), "100.0%"),
        (compact(71.0), "71"),
        (compact(-2.5), "−2.5"),
        (interval(Estimate(0.744, 0.69, 0.79), 2), "0.74 (0.69 to 0.79)"),
        (interval(Estimate(0.744), 2), "0.74"),
        (plain("<b>%{x}"), "&lt;b&gt;%&#123;x}"),
        (shortened("resting_blood_pressure_mmHg", 20), "resting_blood…e_mmHg"),
    ],
)
def test_numbers_and_names_are_written_as_a_reader_expects(written, expected):
    assert written == expected
