"""Whether boosted trees can be grown and read on this computer: LightGBM needs OpenMP, which pip does not bring."""

from __future__ import annotations

import ctypes
import importlib.util
from functools import cache
from pathlib import Path

from medtune.foundation.words import Sentence, say

LIBRARIES = ("lib/lib_lightgbm.so", "lib/lib_lightgbm.dylib", "bin/lib_lightgbm.dll", "lib/lib_lightgbm.dll")


@cache
def boosting_missing() -> Sentence | None:
    """What has to be installed before LightGBM can be used; None when nothing has.

    Returns
    -------
    Sentence or None
        Found out by loading LightGBM's library alone, which takes a few hundredths of a second; its Python part
        takes much longer, and a page that is only drawn must not wait for it.
    """
    found = importlib.util.find_spec("lightgbm")
    places = found.submodule_search_locations if found is not None else None
    for place in places or ():
        for library in LIBRARIES:
            if (Path(place) / library).exists():
                return _trouble(Path(place) / library)
    return say("Needs the package lightgbm, which is not installed here.")


def _trouble(library: Path) -> Sentence | None:
    try:
        ctypes.CDLL(str(library))
    except OSError:
        return say(
            "Needs OpenMP, which this computer lacks (Debian and Ubuntu: sudo apt install libgomp1; "
            "macOS: brew install libomp)."
        )
    return None
