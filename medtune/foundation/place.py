"""Where medtune keeps what it keeps, unless a caller says otherwise."""

from __future__ import annotations

import os
from pathlib import Path


def usual_place() -> Path:
    """The folder of everything kept: MEDTUNE_HOME, or the user's data directory; it may not be there yet."""
    chosen = os.environ.get("MEDTUNE_HOME", "").strip()
    if chosen:
        return Path(chosen).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_data_dir("medtune", appauthor=False)).absolute()
