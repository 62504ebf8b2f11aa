"""Words and numbers as a reader meets them."""

from datetime import UTC, datetime, timedelta

import pytest

from medtune.foundation.estimate import Estimate
from medtune.foundation.words import say
from medtune.ui import text
from medtune.ui.glossary import TERMS

MINUS, THIN = text.MINUS, text.THIN


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (text.number(12345), f"12{THIN}345"),
        (text.number(-0.214, 2), f"{MINUS}0.21"),
        (text.number(-0.001, 2), "0.00"),
        (text.number(float("nan")), text.NOTHING),
        (text.plain_number(63.0), "63"),
        (text.plain_number(2.3), "2.3"),
        (text.plain_number(100.04), "100"),
        (text.plain_number(0.0012), "0.0012"),
        (text.plain_number(123.4, 4), "123.4"),
        (text.plain_number(1234.4), f"1{THIN}234"),
        (text.signed(0.021), "+0.021"),
        (text.signed(-0.021), f"{MINUS}0.021"),
        (text.signed(0.0001), "0.000"),
        (text.percent(0.3605), "36.0%"),
        (text.percent(None), text.NOTHING),
        (text.of_patients(106, 294), "106 of 294 (36.1%)"),
        (text.of_patients(0, 0), f"0 of 0 ({text.NOTHING})"),
        (text.duration(3.2), "4 s"),
        (text.duration(700), "12 min"),
        (text.duration(7300), "3 h"),
        (text.duration(4 * 86_400), "4 days"),
    ],
)
def test_numbers_are_written_as_a_reader_expects(shown, expected):
    assert shown == expected


def test_an_estimate_carries_its_interval_in_brackets():
    assert text.estimate(Estimate(0.7812, 0.7249, 0.8371), 2) == "0.78 (0.72 to 0.84)"
    assert text.estimate(Estimate(0.361, 0.302, 0.42), 1, as_percent=True) == "36.1% (30.2 to 42.0%)"
    assert text.estimate(Estimate(-0.02, -0.03, 0.01), 2, sign=True) == f"{MINUS}0.02 ({MINUS}0.03 to +0.01)"
    assert text.estimate(Estimate(0.5)) == "0.500"
    assert text.estimate(Estimate(float("nan"))) == text.NOTHING == text.estimate(None)


def test_a_sentence_inside_a_sentence_is_translated_too():
    outer = say("{what} of {n} patients", what=say("{k} rows", k=3), n=9)
    assert text.translate(outer) == "3 rows of 9 patients"


def test_numbers_in_sentences_have_a_true_minus_sign():
    assert text.translate(say("{low:g} to {high:.2f}", low=-0.5, high=6.2)) == f"{MINUS}0.5 to 6.20"
    assert text.translate(say("{low}", low=-2.5)) == f"{MINUS}2.5"


def test_braces_in_plain_words_are_left_alone():
    assert text.translate("weight {kg}") == "weight {kg}"


@pytest.mark.parametrize("name", ["bp *mean*", "a_b_c", "cost $5$", ":red[x]", "[a](b)", "`x`", "<b>x</b>", ":smile:"])
def test_column_names_are_shown_as_written_in_markdown(name):
    shown = text.markdown("Column {name}", name=name)
    bare = shown.replace("\\", "")
    assert bare == f"Column {name}"
    assert shown != bare


def test_markup_lets_no_tag_through():
    assert text.markup("{x}", x="<script>") == "&lt;script&gt;"


def test_ages_are_told_in_words():
    now = datetime.now(UTC)
    assert text.ago(now.isoformat()) == "just now"
    assert text.ago(now - timedelta(minutes=3)) in ("3 min ago", "4 min ago")
    assert text.ago((now - timedelta(days=4)).timestamp()) == "4 days ago"
    assert text.ago(None) == text.NOTHING


@pytest.mark.parametrize("key", TERMS)
def test_every_term_is_one_or_two_short_sentences(key):
    meaning = str(TERMS[key][1])
    assert meaning.endswith(".")
    assert max(len(sentence.split()) for sentence in meaning.split(". ")) <= 20


def test_a_column_has_the_decimals_that_its_narrowest_interval_needs():
    column = [Estimate(-3.1, -4.2, -2.0), Estimate(0.0352, 0.02, 0.05), Estimate(float("nan"))]
    assert text.decimals(column) == 3
    assert text.decimals([*column, Estimate(0.0012, 0.0003, 0.0021)]) == 5
    assert text.decimals([Estimate(0.5), Estimate(-0.012), Estimate(0.0)]) == 3
    assert text.decimals([Estimate(2.0, 1.0, 3.0)]) == 2
    assert text.decimals([]) == 2
