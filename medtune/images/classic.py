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
    values = grey(pixels).astype(np.float64).ravel() / 255
    sd = values.std()
    skew = (((values - values.mean()) / sd) ** 3).mean() if sd > 0 else 0.0
    share = np.histogram(values, bins=32, range=(0, 1))[0] / values.size
    entropy = -(share[share > 0] * np.log2(share[share > 0])).sum()
    colours = np.zeros(4)
    if pixels.ndim == 3:
        red, green, blue = (pixels[..., place].astype(np.float64) / 255 for place in range(3))
        colours = np.array([(red - green).mean(), (blue - green).mean(), (red - green).std(), (blue - green).std()])
    return np.concatenate([[values.mean(), sd, skew, entropy], np.percentile(values, PERCENTILES), colours])


def texture(pixels: np.ndarray) -> np.ndarray:
    """Local patterns and how grey values follow each other; shape (38,).

    Local binary patterns (Ojala 2002) on two rings, and five properties of the grey-level co-occurrence matrix
    (Haralick 1973) at two distances, as the mean of four directions; at 128 x 128 pixels.
    """
    from skimage.feature import graycomatrix, graycoprops, local_binary_pattern

    values = resized(grey(pixels), TEXTURE_SIDE)
    found = []
    for points, radius in RINGS:
        codes = local_binary_pattern(values, points, radius, method="uniform")
        found.append(np.bincount(codes.astype(int).ravel(), minlength=points + 2) / codes.size)
    angles = np.arange(4) * np.pi / 4
    pairs = graycomatrix(values // (256 // LEVELS), STEPS, angles, levels=LEVELS, symmetric=True, normed=True)
    properties = np.stack([graycoprops(pairs, name).mean(axis=1) for name in PROPERTIES], axis=1)
    return np.concatenate([*found, properties.ravel()])


def edges(pixels: np.ndarray) -> np.ndarray:
    """Directions of edges in each of 2 x 2 parts of the picture (HOG, Dalal and Triggs 2005); shape (32,)."""
    from skimage.feature import hog

    values = resized(grey(pixels), EDGE_SIDE)
    how = {"orientations": DIRECTIONS, "pixels_per_cell": (CELL, CELL), "cells_per_block": (1, 1)}
    return hog(values, **how, feature_vector=True)


def classic(pixels: np.ndarray) -> np.ndarray:
    """Brightness, layout, patterns, texture and edges of one picture; see `CLASSIC` for their names."""
    dark = grey(pixels)
    return np.concatenate([brightness(pixels), layout(dark), texture(dark), edges(dark)])


CLASSIC = (*BRIGHTNESS, *LAYOUT, *PATTERNS, *TEXTURE, *EDGES)
