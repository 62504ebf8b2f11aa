"""Whether a run is about genes, and what was found of them, told without reading its patients."""

from __future__ import annotations

from pathlib import Path

from medtune.genes.record import GeneResult
from medtune.runs.folder import LATER, read_record

MARK, GENES = "of_genes", "genes.json"
# The mark is an empty file in the folder of such a run


def mark_genes(folder: Path) -> None:
    """Say that the run of a folder is about genes."""
    (folder / MARK).touch(mode=0o600)


def has_genes(folder: Path) -> bool:
    """Whether the run of a folder is about genes."""
    return (folder / MARK).exists()


def read_genes(folder: Path) -> GeneResult | None:
    """What was found of the genes of a run; None until it has been worked out, RunError when it is damaged."""
    return read_record(GeneResult, folder / LATER / GENES)
