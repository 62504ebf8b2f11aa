"""The report of a run holds what it was given, marks with their reasons, and nothing that runs."""

from medtune.foundation.words import say
from medtune.report.run_sheet import RunSheet, run_sheet
from tests.report.test_patient_sheet import NASTY
from tests.report.test_patient_sheet import Seen as Page


class Seen(Page):
    """The page of some bytes."""


def sheet(words: str, marks=()) -> RunSheet:
    heads = [say("Method"), say("Gain in log-loss")]
    return RunSheet(words, words, words, [words], heads, [(words, words)], 0, [(words, words)], [words], marks)


def test_names_reasons_and_notes_cannot_bring_markup():
    page = Seen(run_sheet(sheet(NASTY, [(NASTY, NASTY, NASTY, NASTY)])))
    assert not {"script", "img", "iframe", "a", "link"} & set(page.tags)
    assert not {"src", "href", "onerror"} & set(page.given)
    # Title twice, answer, model, verdict, two cells of the method, two of what was done, a note, four of the mark.
    assert "".join(page.said).count(NASTY) == 14


def test_marks_stand_in_the_report_and_their_absence_is_said():
    marked = run_sheet(sheet("x", [("7", "Label wrong", "seen in the record", "took part")])).decode()
    assert "seen in the record" in marked
    assert "Nobody marked" not in marked
    assert "Nobody marked a patient of this cohort." in run_sheet(sheet("x")).decode()


def test_the_page_forbids_scripts_and_other_hosts():
    page = run_sheet(sheet("x"))
    assert b"default-src 'none'" in page
    assert b"http://" not in page
    assert b"https://" not in page
