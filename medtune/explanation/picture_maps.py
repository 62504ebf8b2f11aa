"""Where in a picture a model looks: parts are covered one after the other, and the risk is estimated again."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

PARTS = 8
BLUR = 0.2  # of the longer side: so wide that a covered part tells no more than its mean


def occlusion(
    pixels: np.ndarray, log_odds: Callable[[Sequence[np.ndarray]], np.ndarray], parts: int = PARTS
) -> np.ndarray:
    """How much each part of a picture raises the log-odds.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (height, width) or (height, width, 3)
    log_odds : callable
        Of a sequence of pictures, shape (n,); any model on any measures.
    parts : int
        Along each side.

    Returns
    -------
    ndarray of shape (parts, parts)
        Log-odds as it is, less those with the part blurred away, so above 0 where the part raises the risk.

    Notes
    -----
    Zeiler and Fergus 2014 with blur in place of a grey patch, which would itself be a thing to see; the cover has a
    soft edge, and is wider than a part, so that neighbours overlap.
    """
    covered = [_covered(pixels, row, column, parts) for row in range(parts) for column in range(parts)]
    found = np.asarray(log_odds([pixels, *covered]), dtype=float)
    return (found[0] - found[1:]).reshape(parts, parts)


def _covered(pixels: np.ndarray, row: int, column: int, parts: int) -> np.ndarray:
    from scipy.ndimage import gaussian_filter

    height, width = pixels.shape[:2]
    wide = BLUR * max(height, width)
    away = gaussian_filter(pixels.astype(float), (wide, wide, 0)[: pixels.ndim])
    y = (np.arange(height) + 0.5) / height * parts - (row + 0.5)
    x = (np.arange(width) + 0.5) / width * parts - (column + 0.5)
    cover = np.clip(1.4 - np.abs(y), 0, 1)[:, None] * np.clip(1.4 - np.abs(x), 0, 1)[None, :]
    cover = cover if pixels.ndim == 2 else cover[..., None]
    return np.clip(np.round(cover * away + (1 - cover) * pixels), 0, 255).astype(np.uint8)
