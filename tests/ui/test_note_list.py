"""Notes of one kind about many columns are one sentence with a count; others stay as they are."""

import pandas as pd

from medtune.cohort.columns import describe
from medtune.cohort.conform import conform
from medtune.foundation.words import say
from medtune.ui.note_list import sorted_out


def differences(columns: int):
    known = pd.DataFrame({f"lab {at}": [1.5, 2.5, 3.5] for at in range(columns)})
    return conform(known * 10, describe(known, dict.fromkeys(known, "number"))).notes


def test_ranges_of_many_columns_become_one_sentence_with_its_counts():
    notes = [say("Another note."), *differences(6)]
    alone, [(sentence, some)] = sorted_out(notes)
    assert alone == notes[:1]
    assert str(sentence) == "18 values in 6 columns lie outside the range the model was made with."
    assert some == notes[1:]


def test_a_few_are_said_one_by_one():
    notes = list(differences(3))
    assert sorted_out(notes) == (notes, [])
