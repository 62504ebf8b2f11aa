"""Boosted trees as text: looked over number by number and written anew before LightGBM is given them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from medtune.foundation.errors import ModelError
from medtune.models.boosting_here import boosting_missing

LONGEST = 50_000_000  # characters
LARGEST = 1e300
TREE = re.compile(r"^Tree=\d+$", re.MULTILINE)
HEAD = """tree
version=v4
num_class=1
num_tree_per_iteration=1
label_index=0
max_feature_idx={last}
objective=binary sigmoid:1
feature_names={names}
feature_infos={infos}
"""
INNER = {"split_feature": int, "threshold": float, "decision_type": int, "left_child": int, "right_child": int}
INNER |= {"internal_count": int}
LEAVES = {"leaf_value": float, "leaf_count": int}


def checked_text(text: Any, width: int | None = None) -> str:
    """The trees of a LightGBM model of two classes, written anew from numbers that were looked over.

    Parameters
    ----------
    text : str
        What LightGBM's `model_to_string` gives, or what this function gave.
    width : int, optional
        Columns that the trees must read; as many as the text says when None.

    Returns
    -------
    str
        Only what prediction and contributions need: no limits of columns, no settings of the training.

    Raises
    ------
    ModelError
        When it is no such text, or a tree points outside itself or its columns. LightGBM follows these
        indices without looking, so scoring with them could crash the program.
    """
    try:
        head, *trees = _parts(text)
        columns = int(head["max_feature_idx"]) + 1
        whole = (head["version"], head["num_class"], head["num_tree_per_iteration"]) == ("v4", "1", "1")
        if not (whole and head["objective"].startswith("binary")) or columns < 1 or (width or columns) != columns:
            raise ValueError
        written = [_tree(at, tree, columns) for at, tree in enumerate(trees)]
    except (ValueError, KeyError, OverflowError) as error:
        raise ModelError(
            "The model's boosted trees are not as LightGBM writes them, so the file is damaged or was tampered with; "
            "ask for it again."
        ) from error
    names = " ".join(f"Column_{at}" for at in range(columns))
    start = HEAD.format(last=columns - 1, names=names, infos=" ".join(["none"] * columns))
    return "\n".join([start, *written, "end of trees", ""])


def cuts(text: str) -> set[tuple[int, float]]:
    """Column and threshold of every question that the trees of a checked text ask, each once."""
    _, *trees = _parts(text)
    fields = (_numbers(tree, INNER) for tree in trees)
    return {cut for field in fields for cut in zip(field["split_feature"], field["threshold"], strict=True)}


def tree_fields(text: str) -> list[dict[str, list]]:
    """The numbers of each tree of a checked text, by name: questions, children, leaves and how many patients met them.

    Parameters
    ----------
    text : str
        What `checked_text` gives.

    Returns
    -------
    list of dict of str to list
    """
    _, *trees = _parts(text)
    return [_numbers(tree, {**INNER, **LEAVES}) for tree in trees]


@lru_cache(maxsize=32)
def read_booster(text: str, width: int):
    """The trees, ready to predict.

    Parameters
    ----------
    text : str
        As `checked_text` takes it.
    width : int
        Columns of the tables that will be scored.

    Returns
    -------
    lightgbm.Booster

    Raises
    ------
    ModelError
        When the text does not hold sound trees over so many columns, or LightGBM cannot be used on this computer.
    """
    missing = boosting_missing()
    if missing is not None:
        raise ModelError("The model's boosted trees cannot be read. {why}", why=missing)
    import lightgbm

    return lightgbm.Booster(model_str=checked_text(text, width))


def _parts(text: Any) -> list[dict[str, str]]:
    """The heading and each tree as names and values."""
    if not isinstance(text, str) or not text.startswith("tree\n") or len(text) > LONGEST:
        raise ValueError
    kept, _, _ = text.partition("\nend of trees")
    blocks = TREE.split(kept)
    lines = (block.strip().splitlines() for block in blocks)
    return [dict(line.split("=", 1) for line in block if "=" in line) for block in lines]


def _numbers(tree: dict[str, str], kinds: dict[str, type]) -> dict[str, list]:
    # A tree of one leaf says nothing of nodes.
    return {name: [kind(one) for one in tree.get(name, "").split()] for name, kind in kinds.items()}


def _tree(at: int, tree: dict[str, str], columns: int) -> str:
    leaves = int(tree["num_leaves"])
    inner, ends = _numbers(tree, INNER), _numbers(tree, LEAVES)
    if leaves == 1:
        inner, ends["leaf_count"] = {name: [] for name in INNER}, [0]
    if (tree.get("num_cat", "0"), tree.get("is_linear", "0")) != ("0", "0"):
        raise ValueError
    _look_over(leaves, inner, ends, columns)
    lines = [f"Tree={at}", f"num_leaves={leaves}", "num_cat=0"]
    lines += [f"{name}={' '.join(map(repr, values))}" for name, values in {**inner, **ends}.items()]
    return "\n".join([*lines, "is_linear=0", "shrinkage=1", "", ""])


def _look_over(leaves: int, inner: dict[str, list], ends: dict[str, list], columns: int) -> None:
    """ValueError unless every node leads forward to a node or leaf of this tree, each reached once."""
    sizes = {*map(len, inner.values()), *(len(values) - 1 for values in ends.values())}
    numbers = (*inner["threshold"], *ends["leaf_value"], *inner["internal_count"], *ends["leaf_count"])
    left, right = inner["left_child"], inner["right_child"]
    sound = (
        sizes == {leaves - 1}
        and all(abs(value) < LARGEST for value in numbers)  # not where it is infinite or no number
        and all(kind in (0, 2) for kind in inner["decision_type"])
        and all(0 <= column < columns for column in inner["split_feature"])
        and sorted(left + right) == ([at for at in range(-leaves, leaves - 1) if at] if leaves > 1 else [])
        and all(child < 0 or child > node for side in (left, right) for node, child in enumerate(side))
    )
    if not sound:
        raise ValueError
