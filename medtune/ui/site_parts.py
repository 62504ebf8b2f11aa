"""Site against site: which columns drive the risks where."""

from __future__ import annotations

from medtune.explanation.contributions import Explanation
from medtune.explanation.groups import by_group
from medtune.foundation.estimate import Estimate
from medtune.foundation.words import say
from medtune.ui import run_patients, widgets
from medtune.ui.memory import once
from medtune.ui.state import state
from medtune.ui.text import estimate, number

COLUMNS = 12


def sites(explanation: Explanation, order: list[str], of: str = "") -> None:
    """Mean contribution of each column at each site, `of` one class where there are several; nothing at one site."""
    found = run_patients.those()
    if found is None or found[0].site is None or explanation.rows.max(initial=0) >= found[0].n:
        return
    site = found[0].site[explanation.rows]
    if len(set(site)) < 2:
        return
    groups = once("site_groups", (state.run_id, state.class_in_view), lambda: by_group(explanation, site))
    if len(groups) < 2:
        return
    widgets.heading(say("Site against site"))
    unit = say("log-odds") if explanation.scale == "log-odds" else say("probability")
    heads = [say("Column"), *(say("{site}, n = {n}", site=group.name, n=number(group.n)) for group in groups)]
    rows = [[name, *(_stacked(group.mean[name]) for group in groups)] for name in order[:COLUMNS]]
    widgets.table(heads, rows)
    words = "Mean contribution in {unit}, with 95% CI: above 0 the column raises the risks of this site."
    if of:
        words = "Mean contribution in {unit}, with 95% CI: above 0 the column raises the risk of ‘{of}’ at this site."
    widgets.aside(
        say(words, unit=unit, of=of),
        say("Sites with fewer than 20 patients are left out."),
    )


def _stacked(value: Estimate) -> str:
    first, _, rest = estimate(value, 2, sign=True).partition(" (")
    return f"{first}\n({rest}" if rest else first
