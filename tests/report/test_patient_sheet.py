"""The one-page summary of a patient holds what it was given, and nothing that runs."""

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from medtune.report.patient_sheet import Sheet, patient_sheet


class Seen(HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags, self.given, self.said = [], [], []
        self.feed(page.decode())

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.given += [name for name, _ in attrs]

    def handle_data(self, data):
        self.said.append(data)


NASTY = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&"


def a_page(words: str) -> Seen:
    return Seen(patient_sheet(Sheet(words, words, words, [(words, words, words)], [words], [words])))


def test_names_levels_and_titles_cannot_bring_markup():
    page = a_page(NASTY)
    assert not {"script", "img", "iframe", "a", "link"} & set(page.tags)
    assert not {"src", "href", "onerror"} & set(page.given)
    assert "".join(page.said).count(NASTY) == 9  # title twice, answer, model, three cells, note, alternative


@given(st.text(max_size=30))
def test_whatever_the_words_are_the_page_has_the_same_parts(words):
    assert a_page(words).tags == a_page("x").tags


def test_the_page_forbids_scripts_and_other_hosts():
    page = patient_sheet(Sheet("a", "b", "c", []))
    assert b"default-src 'none'" in page
    assert b"http://" not in page
    assert b"https://" not in page
