"""What can be measured in a picture without a trained network: brightness, layout, edges and texture."""

from __future__ import annotations

import numpy as np

from medtune.images.decoding import grey, resized

LAYOUT_SIDE, WAVES = 32, 8
EDGE_SIDE, CELL, DIRECTIONS = 64, 32, 8
TEXTURE_SIDE, LEVELS = 128, 16
RINGS = ((8, 1), (16, 2))
STEPS = (1, 3)
PROPERTIES = ("contrast", "dissimilarity", "homogeneity", "energy", "correlation")
PERCENTILES = (5, 25, 50, 75, 95)

BRIGHTNESS = (
    *("brightness_mean", "brightness_sd", "brightness_skew", "brightness_entropy"),
    *(f"brightness_p{share}" for share in PERCENTILES),
    *("colour_red_green", "colour_blue_green", "colour_red_green_sd", "colour_blue_green_sd"),
)
LAYOUT = tuple(f"layout_{row}_{column}" for row in range(WAVES) for column in range(WAVES))
EDGES = tuple(
    f"edges_{row}{column}_{direction}"
    for row in range(EDGE_SIDE // CELL)
    for column in range(EDGE_SIDE // CELL)
    for direction in range(DIRECTIONS)
)
PATTERNS = tuple(f"pattern{radius}_{place:02d}" for points, radius in RINGS for place in range(points + 2))
TEXTURE = tuple(f"texture{step}_{name}" for step in STEPS for name in PROPERTIES)


def layout(pixels: np.ndarray) -> np.ndarray:
    """Where a picture is bright and dark, coarsely; shape (64,).

    The lowest 8 x 8 frequencies of a cosine transform of the picture at 32 x 32. Like the first principal
    components of pixels, but fixed beforehand, so that nothing is learnt from the patients.
    """
    from scipy.fft import dctn

    values = resized(grey(pixels), LAYOUT_SIDE).astype(np.float64) / 255
    return dctn(values, norm="ortho")[:WAVES, :WAVES].ravel()


def brightness(pixels: np.ndarray) -> np.ndarray:
    """Spread of the grey values, and of the colours where there are any; at most at 128 x 128 pixels; shape (13,)."""
    if max(pixels.shape[:2]) > TEXTURE_SIDE:
        pixels = resized(pixels, TEXTURE_SIDE)
    # There are 256 grey values at most, so counts of them tell all that the pixels would.
    counts, values = np.bincount(grey(pixels).ravel(), minlength=256), np.arange(256) / 255
    share = counts / counts.sum()
    mean = share @ values
    sd = np.sqrt(share @ (values - mean) ** 2)
    skew = share @ ((values - mean) / sd) ** 3 if sd > 1e-9 else 0.0
    binned = np.histogram(values, bins=32, range=(0, 1), weights=counts)[0] / counts.sum()
    entropy = -(binned[binned > 0] * np.log2(binned[binned > 0])).sum()
    colours = np.zeros(4)
    if pixels.ndim == 3:
        red, green, blue = (pixels[..., place].astype(np.float64) / 255 for place in range(3))
        colours = np.array([(red - green).mean(), (blue - green).mean(), (red - green).std(), (blue - green).std()])
    return np.concatenate([[mean, sd, skew, entropy], _percentiles(counts) / 255, colours])


def _percentiles(counts: np.ndarray) -> np.ndarray:
    """What `np.percentile` says of grey values of which there are so many each."""
    places = np.array(PERCENTILES) / 100 * (counts.sum() - 1)
    upto, below = np.cumsum(counts), np.floor(places)
    low, high = (np.searchsorted(upto, at, side="right") for at in (below, np.ceil(places)))
    return low + (high - low) * (places - below)


def texture(pixels: np.ndarray) -> np.ndarray:
    """Local patterns and how grey values follow each other; shape (38,).

    Local binary patterns (Ojala 2002) on two rings, and five properties of the grey-level co-occurrence matrix
    (Haralick 1973) at two distances, as the mean of four directions; at 128 x 128 pixels.
    """
    from skimage.feature import graycomatrix, graycoprops

    values = resized(grey(pixels), TEXTURE_SIDE)
    found = [_patterns(values, points, radius) for points, radius in RINGS]
    angles = np.arange(4) * np.pi / 4
    pairs = graycomatrix(values // (256 // LEVELS), STEPS, angles, levels=LEVELS, symmetric=True, normed=True)
    properties = np.stack([graycoprops(pairs, name).mean(axis=1) for name in PROPERTIES], axis=1)
    return np.concatenate([*found, properties.ravel()])


def _patterns(values: np.ndarray, points: int, radius: int) -> np.ndarray:
    """Share of each uniform local binary pattern on a ring; shape (points + 2,).

    What scikit-image's `local_binary_pattern` with method "uniform" gives, value for value, in a third of the time:
    all pixels at once for each point of the ring, instead of all points for each pixel.
    """
    side, around = len(values), radius + 1
    padded = np.zeros((side + 2 * around, side + 2 * around))
    padded[around:-around, around:-around] = values
    centre, place = padded[around:-around, around:-around], np.arange(side, dtype=float)
    before, total, changes = None, np.zeros((side, side), np.int8), np.zeros((side, side), np.int8)
    for turn in 2 * np.pi * np.arange(points) / points:
        down, right = np.round(-radius * np.sin(turn), 5), np.round(radius * np.cos(turn), 5)
        rows, columns = place + down, place + right
        top, left = (int(np.floor(step)) + around for step in (down, right))
        below, beside = (int(np.ceil(step)) + around for step in (down, right))
        dr, dc = (rows - np.floor(rows))[:, None], columns - np.floor(columns)
        upper, lower = (
            (1 - dc) * padded[at : at + side, left : left + side] + dc * padded[at : at + side, beside : beside + side]
            for at in (top, below)
        )
        brighter = (1 - dr) * upper + dr * lower - centre >= 0
        total += brighter
        if before is not None:
            changes += brighter != before
        before = brighter
    codes = np.where(changes <= 2, total, points + 1)
    return np.bincount(codes.ravel(), minlength=points + 2) / codes.size


def edges(pixels: np.ndarray) -> np.ndarray:
    """Directions of edges in each of 2 x 2 parts of the picture (HOG, Dalal and Triggs 2005); shape (32,)."""
    from skimage.feature import hog

    values = resized(grey(pixels), EDGE_SIDE)
    how = {"orientations": DIRECTIONS, "pixels_per_cell": (CELL, CELL), "cells_per_block": (1, 1)}
    return hog(values, **how, feature_vector=True)


def classic(pixels: np.ndarray) -> np.ndarray:
    """Brightness, layout, patterns, texture and edges of one picture; see `CLASSIC` for their names."""
    shade = grey(pixels)
    return np.concatenate([brightness(pixels), layout(shade), texture(shade), edges(shade)])


CLASSIC = (*BRIGHTNESS, *LAYOUT, *PATTERNS, *TEXTURE, *EDGES)
