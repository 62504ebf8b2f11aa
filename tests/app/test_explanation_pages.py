"""What changed and who changes side, as a reader meets it."""

import re

import pytest

from tests.app.test_run_pages import filled, made  # noqa: F401

CHANGES = "pages/results/changes.py"


@pytest.mark.usefixtures("filled")
def test_the_table_the_answer_and_the_worklist_count_the_same_patients(app):
    app.open(CHANGES)
    assert app.errors == []
    total, up, down = (int(n) for n in re.search(
        r"(\d+) of \d+ patients change side at a risk of [\d.]+%: (\d+) are newly flagged, (\d+) no longer", app.text
    ).groups())  # fmt: skip
    assert total == up + down > 0
    cells = re.findall(r'<td class="">(\d+)</td><td class="">(\d+)</td>', app.html)
    assert sum(int(u) for u, _ in cells[:2]) == up
    assert sum(int(d) for _, d in cells[:2]) == down
    assert app.html.count("counts differently") + app.html.count("moved together") == min(10, total)


@pytest.mark.usefixtures("filled")
def test_the_threshold_moves_the_sides(app):
    app.open(CHANGES)
    before = app.text
    app.widget("slider", "A patient is flagged from this risk on, %").set_value(60).run()
    assert "change side at a risk of 60.0%" in app.text
    assert app.text != before


def test_without_a_run_the_page_leads_to_one(app):
    app.open(CHANGES)
    assert "There is no run yet" in app.text
    assert app.errors == []
