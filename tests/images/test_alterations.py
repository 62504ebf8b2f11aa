"""Altered pictures: other values, the same shape, and the same each time."""

import numpy as np
import pytest

from medtune.images.alterations import ALTERATIONS, altered
from tests.images.pictures import drawn


@pytest.mark.parametrize("alteration", ALTERATIONS, ids=lambda alteration: alteration.key)
@pytest.mark.parametrize("colour", [False, True])
def test_an_alteration_changes_values_and_nothing_else(alteration, colour):
    pixels = drawn(3, side=40, rough=True, colour=colour)
    found = altered(pixels, alteration.key, 5)
    assert (found.shape, found.dtype) == (pixels.shape, np.uint8)
    assert not np.array_equal(found, pixels)
    assert np.array_equal(found, altered(pixels, alteration.key, 5))
    assert np.array_equal(pixels, drawn(3, side=40, rough=True, colour=colour))
