"""A synthetic gene study in two hospitals: a signature made at one, measured a little differently at the other."""

from __future__ import annotations

import numpy as np
import pandas as pd

from medtune.cohort.roles import Event, Roles
from medtune.cohort.table import Cohort, make_cohort

N_SOURCE, N_LOCAL, GENES, CARRYING, PATHWAY = 160, 110, 1_500, 6, 15
SHIFT, SIZE, TOGETHER = 0.8, 0.75, 0.8


def two_gene_studies(seed: int = 0) -> tuple[Cohort, Cohort]:
    """Relapse within three years after treatment, and 1,500 genes; drawn, nobody's patients.

    Parameters
    ----------
    seed : int

    Returns
    -------
    source, local : Cohort
        160 patients of "Hospital A", 110 of "Hospital B" measured on two plates.

    Notes
    -----
    The truth: genes come in pathways of 15 that rise and fall together (correlation 0.8), log2 scale, gene means 4 to
    11. Six pathways carry the outcome: log-odds of relapse -0.2 + 3 x their signed sum over sqrt(6) at Hospital A,
    and 0.75 of that, less 0.8, at Hospital B. There the second plate measures every gene up to 0.6 higher or lower,
    whatever the outcome.
    """
    rng = np.random.default_rng(seed)
    means, spread = rng.uniform(4, 11, GENES), rng.uniform(0.5, 1.6, GENES)
    carrying = rng.permutation(GENES // PATHWAY)[:CARRYING]
    signs = rng.choice([-1.0, 1.0], CARRYING)
    plate = rng.uniform(-0.6, 0.6, GENES)
    cohorts = []
    for name, n, local in (("A", N_SOURCE, False), ("B", N_LOCAL, True)):
        pathways = rng.normal(size=(n, GENES // PATHWAY))
        together = np.sqrt(TOGETHER) * np.repeat(pathways, PATHWAY, axis=1)
        z = together + np.sqrt(1 - TOGETHER) * rng.normal(size=(n, GENES))
        eta = -0.2 + 3.0 * (pathways[:, carrying] @ signs) / np.sqrt(CARRYING)
        eta = SIZE * eta - SHIFT if local else eta
        relapse = rng.random(n) < 1 / (1 + np.exp(-eta))
        second = (rng.random(n) < 0.4) & local
        values = means + spread * z + second[:, None] * plate
        genes = pd.DataFrame(values.round(3), columns=[f"SYN{at + 1:04d}" for at in range(GENES)])
        about = pd.DataFrame(
            {
                "sample": [f"{name}{at + 1:03d}" for at in range(n)],
                "plate": np.where(second, "plate 2", "plate 1"),
                "relapse": np.where(relapse, "yes", "no"),
            }
        )
        roles = Roles(
            "relapse",
            Event(values=("yes",)),
            tuple(genes.columns),
            patient="sample",
            site="plate" if local else None,
        )
        table = pd.concat([about, genes], axis=1)
        cohorts.append(make_cohort(table, roles, name=f"Hospital {name}, genes (synthetic)"))
    return cohorts[0], cohorts[1]
