"""Records as JSON: arrays are written like the numbers in them."""

import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from medtune.foundation.records import to_plain

KINDS = st.sampled_from([np.float64, np.float32, np.int64, np.uint8, np.bool_, np.dtype("U5")])


@given(arrays(KINDS, array_shapes(max_dims=3, max_side=4)))
def test_an_array_is_written_as_its_elements_are(array):
    assert json.dumps(to_plain(array)) == json.dumps(to_plain(array.tolist()))


def test_what_is_not_a_number_becomes_null_and_objects_are_looked_into():
    assert to_plain(np.array([[1.5, np.nan], [np.inf, 2]])) == [[1.5, None], [None, 2.0]]
    assert to_plain(np.array(["a", np.float64("nan"), None, 3], dtype=object)) == ["a", None, None, 3]
