"""Genes: which differ between the outcomes, how surely, and which are chosen again and again."""

from medtune.foundation.words import say
from medtune.runs.gene_marks import has_genes
from medtune.ui import gene_parts, run_in_view, widgets

run, result = run_in_view.finished(say("Genes"))
if not has_genes(run.path):
    widgets.title(say("Genes"))
    widgets.empty(say("This run is not about genes: its columns are not many more than its patients."), "results")
found = gene_parts.found(run.path)
widgets.title(say("Genes"), found.sentence if found is not None else say("The genes are being looked at."))
if found is None:
    gene_parts.wait(run.path)
else:
    gene_parts.draw(found, run, result)
widgets.reading(
    say("A false discovery rate of 5% means that of the genes reported about 1 in 20 is expected to be chance."),
    say("A gene that is not chosen may matter as much as one that is: genes that rise together stand for each other."),
    say("These are associations in these patients. How good the model is stands on the Results page."),
)
