"""Maps over pictures: a model that looks at one corner is found out."""

import numpy as np
import pytest

from medtune.explanation.picture_maps import occlusion
from medtune.figures.picture import picture_map
from medtune.figures.theme import DARK, LIGHT
from medtune.images.decoding import as_png


@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize(("row", "column"), [(1, 6), (5, 2)])
def test_the_part_that_the_model_reads_is_found(row, column, colour):
    rng = np.random.default_rng(0)
    pixels = rng.integers(60, 120, (48, 64, *([3] if colour else []))).astype(np.uint8)
    pixels[row * 6 : row * 6 + 6, column * 8 : column * 8 + 8] = 255

    def bright_there(pictures):
        part = [picture[row * 6 : row * 6 + 6, column * 8 : column * 8 + 8].mean() for picture in pictures]
        return np.array(part) / 50 - 3

    found = occlusion(pixels, bright_there)
    assert found.shape == (8, 8)
    assert np.unravel_index(found.argmax(), found.shape) == (row, column)
    assert found[row, column] > 1
    assert abs(found[7, 7]) < 1e-9


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_map_lies_over_the_picture(theme):
    parts = np.zeros((8, 8))
    parts[2, 5] = -1.5
    figure = picture_map(as_png(np.zeros((10, 20), np.uint8)), parts.tolist(), 0.5, theme)
    assert "69% from the left and 31% from the top" in figure.layout.meta["alt"]
    assert figure.layout.images[0].source.startswith("data:image/png;base64,")
    assert (figure.data[0].zmin, figure.data[0].zmax) == (-1.5, 1.5)
    assert figure.layout.yaxis.range == (8, 0)
