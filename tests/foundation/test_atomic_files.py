"""A file is the old one or the new one, whatever happens while it is written."""

import os
import threading

import pytest

from medtune.foundation.files import write_atomically, write_record
from medtune.foundation.records import from_json
from medtune.foundation.words import Sentence, say


def test_text_and_bytes_are_written_as_they_are(tmp_path):
    write_atomically(tmp_path / "a.txt", "年龄\r\nage\n")
    assert (tmp_path / "a.txt").read_bytes() == "年龄\r\nage\n".encode()
    write_atomically(tmp_path / "a.txt", b"\x00\xff")
    assert (tmp_path / "a.txt").read_bytes() == b"\x00\xff"


def test_a_failed_write_leaves_the_old_file_and_no_rest(tmp_path, monkeypatch):
    path = write_atomically(tmp_path / "result.json", "old")

    def full(*_):
        raise OSError("no space left")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="no space"):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["result.json"]


def test_a_reader_never_sees_half_a_file(tmp_path):
    path = write_atomically(tmp_path / "big", "a" * 300_000)
    seen, stop = set(), threading.Event()

    def read():
        while not stop.is_set():
            text = path.read_text()
            seen.add((text[0], text[-1], len(text)))

    reader = threading.Thread(target=read)
    reader.start()
    for letter in "bcdefgh" * 6:
        write_atomically(path, letter * 300_000, durable=False)
    stop.set()
    reader.join()
    assert seen
    assert all(first == last and length == 300_000 for first, last, length in seen)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_only_this_user_can_read_it(tmp_path):
    assert write_atomically(tmp_path / "cohort.json", "{}").stat().st_mode & 0o077 == 0


def test_a_record_comes_back(tmp_path):
    sentence = say("Fitting fold {fold} of {folds}.", fold=2, folds=5)
    assert from_json(Sentence, write_record(tmp_path / "r.json", sentence).read_text()) == sentence
