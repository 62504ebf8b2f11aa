"""Pictures as another machine might have taken them: other contrast, noise, sharpness and framing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from medtune.foundation.words import Sentence, say

ONE_SOURCE = say(
    "The held-out pictures come from the same source as the others. What pictures of another machine would do cannot "
    "be seen here; the Pictures page tries a part of it."
)


@dataclass(frozen=True)
class Alteration:
    """One way to alter a picture: its key, its words, and what it does to pixels given a random generator."""

    key: str
    title: Sentence
    apply: Callable[[np.ndarray, np.random.Generator], np.ndarray]


def _bytes(values: np.ndarray) -> np.ndarray:
    return np.clip(np.round(values), 0, 255).astype(np.uint8)


def _flatter(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    middle = pixels.mean()
    return _bytes(middle + 0.7 * (pixels - middle))


def _darker(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return _bytes(0.8 * pixels.astype(float))


def _noisy(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return _bytes(pixels + rng.normal(0, 8, pixels.shape))


def _blurred(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    from scipy.ndimage import gaussian_filter

    width = 0.025 * max(pixels.shape[:2])
    return _bytes(gaussian_filter(pixels.astype(float), (width, width, 0)[: pixels.ndim]))


def _moved(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    from scipy.ndimage import shift

    by = [0.07 * side * rng.choice([-1, 1]) for side in pixels.shape[:2]]
    return _bytes(shift(pixels.astype(float), (*by, 0)[: pixels.ndim], order=1, mode="nearest"))


def _closer(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    from PIL import Image

    height, width = pixels.shape[:2]
    edge_x, edge_y = round(0.05 * width), round(0.05 * height)
    cut = Image.fromarray(pixels).crop((edge_x, edge_y, width - edge_x, height - edge_y))
    return np.asarray(cut.resize((width, height), Image.Resampling.BICUBIC))


ALTERATIONS = (
    Alteration("flatter", say("less contrast (70%)"), _flatter),
    Alteration("darker", say("darker (80%)"), _darker),
    Alteration("noisy", say("more noise"), _noisy),
    Alteration("blurred", say("less sharp"), _blurred),
    Alteration("moved", say("moved by 7% of the frame"), _moved),
    Alteration("closer", say("taken closer (10%)"), _closer),
)
BY_KEY = {alteration.key: alteration for alteration in ALTERATIONS}


def altered(pixels: np.ndarray, key: str, place: int) -> np.ndarray:
    """A picture altered; the same for the same key and place.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (height, width) or (height, width, 3)
    key : str
        One of `ALTERATIONS`.
    place : int
        Of the picture among the others; seeds what is random.

    Returns
    -------
    ndarray of uint8, same shape
    """
    return BY_KEY[key].apply(pixels, np.random.default_rng(place))
