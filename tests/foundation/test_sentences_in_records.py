"""A sentence that went through a file reads as before, whatever stood in its places."""

from medtune.foundation.estimate import Estimate
from medtune.foundation.records import from_json, to_json
from medtune.foundation.words import Sentence, say


def test_sentences_and_estimates_inside_a_sentence_come_back():
    sentence = say(
        "{method} gains {gain:.2f} on {n} patients.",
        method=say("Refit of {model}", model="A"),
        gain=Estimate(0.5, 0.25, 0.75),
        n=294,
    )
    again = from_json(Sentence, to_json(sentence))
    assert str(again) == str(sentence) == "Refit of A gains 0.50 (0.25 to 0.75) on 294 patients."
    assert isinstance(again.fields["method"], Sentence)
