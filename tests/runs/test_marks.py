"""Marks of readers stay with the cohort, and nothing is left out by itself."""

import pytest

from medtune.foundation.errors import RunError
from medtune.runs.marks import Mark, excluded, mark, read_marks


def test_marks_are_kept_replaced_and_taken_away(tmp_path):
    mark(tmp_path, [3, 4], "unusual")
    mark(tmp_path, [4], "exclude", "  moved to another hospital ")
    assert read_marks(tmp_path) == {3: Mark(3, "unusual"), 4: Mark(4, "exclude", "moved to another hospital")}
    assert excluded(tmp_path) == (4,)
    mark(tmp_path, [4], None)
    assert excluded(tmp_path) == ()


def test_whoever_is_excluded_is_excluded_for_a_reason(tmp_path):
    with pytest.raises(RunError, match="Give a reason"):
        mark(tmp_path, [1], "exclude", " ")
    with pytest.raises(RunError, match="no remark of this kind"):
        mark(tmp_path, [1], "delete", "x")
    assert read_marks(tmp_path) == {}
