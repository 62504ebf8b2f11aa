"""What a run says before it is started agrees with what it does when columns are genes."""

from dataclasses import replace

import pytest

from medtune.cohort.columns import Column
from medtune.foundation.settings import Genes, Settings, Starting
from medtune.tuning.candidates import NOT_FOR_GENES
from medtune.tuning.classes.planning import foresee_classes
from medtune.tuning.planning import foresee, read_by_methods

GENES = tuple(Column(f"gene {at}", "number", distinct=90) for at in range(1400))
KNOWN = [column.name for column in GENES[:12]]
FROM_MODEL = Settings(starting=Starting("model", "signature", "Signature"))


def test_updates_read_the_genes_that_the_starting_model_knows_and_no_others():
    reads = read_by_methods(FROM_MODEL, GENES, 90, KNOWN)
    assert (reads.genes, reads.updates, reads.new) == (True, 12, False)
    few = read_by_methods(FROM_MODEL, GENES[:20], 90, KNOWN)
    assert (few.genes, few.updates, few.new) == (False, 20, True)


@pytest.mark.parametrize("classes", [(), ("a", "b", "c")])
def test_no_method_is_refused_for_genes_that_it_would_not_read(classes):
    as_numbers = replace(FROM_MODEL, genes=Genes(use="no"))
    plan, whole = (
        foresee_classes(settings, GENES, (40, 30, 20), classes, known=KNOWN)
        if classes
        else foresee(settings, GENES, 90, 40, known=KNOWN)
        for settings in (FROM_MODEL, as_numbers)
    )
    assert plan.left_out["refit"] == NOT_FOR_GENES
    assert "extension" not in {*plan.methods, *plan.left_out}
    assert plan.seconds < whole.seconds
    assert "averaged" in plan.methods
