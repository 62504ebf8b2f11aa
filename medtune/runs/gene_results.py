"""The genes of a run looked at one by one, after its result is there."""

from __future__ import annotations

from pathlib import Path

from medtune.foundation.files import write_record
from medtune.foundation.words import say
from medtune.genes.looking import look_at_genes
from medtune.genes.stability import PAIRS
from medtune.runs.gene_marks import GENES
from medtune.runs.local import Local
from medtune.runs.progress import Progress


def write_genes(folder: Path, local: Local, progress: Progress) -> None:
    """Look at the genes of a run, and leave what was found.

    Parameters
    ----------
    folder : Path
        Of what comes after the result.
    local : Local
        The patients of the run.
    progress : Progress
        Told of each pair of halves.
    """
    progress.stage(say("Choosing genes from halves of the patients again and again"), PAIRS, "genes")
    classes = local.cohort.classes or ("no event", "event")
    found = look_at_genes(local.columns, local.predictors, local.y, classes, local.settings, step=progress.step)
    write_record(folder / GENES, found)
