"""What a change of values is called: with the numbers that were tried, so that typing them gives the risk told."""

from medtune.explanation.what_if import Counterfactual
from medtune.ui.patient.answers import in_words
from medtune.ui.text import translate


def test_changes_are_written_with_the_digits_that_were_tried():
    one = Counterfactual({"glu": 123.4, "bmi": 31.47, "bp": 70.0, "pain": "none"}, 0.2514, 1.0)
    said = translate(in_words(one, {"glu": 148.0, "bmi": 33.65, "bp": 82.0, "pain": "typical"}))
    assert said == "glu 148 → 123.4, bmi 33.65 → 31.47, bp 82 → 70, pain typical → none: estimated risk 25.1%"
