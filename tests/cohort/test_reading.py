"""Files as hospitals export them open rightly, or one sentence says why not."""

import gzip
import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from medtune.cohort.dialect import careful_widths, row_widths
from medtune.cohort.reading import read_table
from medtune.foundation.errors import TableError
from tests.cohort.shared_data import shared

SENSIBLE = {"a": [1, 3], "b": ["x", "y"]}
OPENS = {
    "commas": b"a,b\n1,x\n3,y\n",
    "semicolons": b"a;b\n1;x\n3;y\n",
    "tabs": b"a\tb\n1\tx\n3\ty\n",
    "bars": b"a|b\n1|x\n3|y\n",
    "line ends of Windows": b"a,b\r\n1,x\r\n3,y\r\n",
    "line ends of old Macs": b"a,b\r1,x\r3,y\r",
    "no last line end": b"a,b\n1,x\n3,y",
    "blank lines": b"\n\na,b\n1,x\n\n3,y\n\n",
    "a byte order mark": b"\xef\xbb\xbfa,b\n1,x\n3,y\n",
    "UTF-16": "a,b\n1,x\n3,y\n".encode("utf-16"),
    "UTF-16 without a mark": "a,b\n1,x\n3,y\n".encode("utf-16-be"),
    "quotation marks": b'"a","b"\n"1","x"\n"3","y"\n',
    "spaces after the separator": b"a, b\n1, x\n3, y\n",
    "a separator at each end": b"a,b\n1,x,\n3,y,\n",
    "gzip": gzip.compress(b"a,b\n1,x\n3,y\n"),
}


@pytest.mark.parametrize("case", OPENS, ids=list(OPENS))
def test_the_same_table_is_read_from_each_way_of_writing_it(case):
    assert read_table(OPENS[case]).frame.to_dict("list") == SENSIBLE


REFUSED = {
    "an empty file": (b"", "file is empty"),
    "blank": (b"  \n \n", "file is empty"),
    "names only": (b"a,b\n", "no patients"),
    "one column": (b"a\n1\n2\n", "one column only"),
    "no names": (b"1,2\n3,4\n", "first row holds numbers"),
    "a web page": (b"\n<!DOCTYPE html><html><body>Sign in</body></html>", "web page"),
    "zero bytes": (b"a,b\n1,2\n3,\x00\n", r"zero bytes \(first in row 3\)"),
    "a workbook": (b"PK\x03\x04rest", "archive or workbook, but damaged"),
    "binary": (bytes(np.random.default_rng(0).integers(1, 256, 4000, dtype=np.uint8)), "binary"),
    "a row too long": (b"a,b\n1,2\n3,4,5\n6,7\n", r"Row 3 has more cells than there are column names \(2\)"),
    "rows too long": (b"a,b\n1,2,3\n\n3,4\n5,6,7\n", "2 rows have more cells .* first in row 2, 5;"),
    "an open quotation mark": (b'a,b\n1,2\n"3,4\n5,6\n', "quotation mark"),
    "conflict marks": (b"a,b\n<<<<<<< HEAD\n1,2\n", "conflict marks"),
    "damaged gzip": (gzip.compress(b"a,b\n1,2\n" * 50)[:30], "damaged"),
}


@pytest.mark.parametrize("case", REFUSED, ids=list(REFUSED))
def test_what_is_no_table_is_refused_in_one_sentence(case):
    content, match = REFUSED[case]
    with pytest.raises(TableError, match=match):
        read_table(content)


def test_a_file_that_is_not_there_is_named_without_its_folder(tmp_path):
    with pytest.raises(TableError, match=r"The file 'nope\.csv' cannot be opened") as refused:
        read_table(tmp_path / "nope.csv")
    assert str(tmp_path) not in str(refused.value)


SAID = {
    "missing codes": (b"a,b\n?,1\nNA,2\n3,?\n", r"'\?' is read as missing \(cells: 2, columns: 2", {"b": [1, 2, None]}),
    "repeated names": (b"a,a,b\n1,2,3\n", "Several columns are named 'a'", {"a": [1], "a (2)": [2]}),
    "a name left out": (b"a,,b\n1,2,3\n", "called by its place: 'column 2'", {"column 2": [2]}),
    "row names of R": (b'"a","b"\n"1",5,6\n"2",7,8\n', "called by its place: 'column 1'", {"a": [5, 7], "b": [6, 8]}),
    "decimal commas": (b"a;b\n1,5;x\n2,25;y\n", "'a' are read with a decimal comma", {"a": [1.5, 2.25]}),
    "thousands": (b'a,b\n"1,234",x\n"12",y\n', "separators of thousands", {"a": [1234.0, 12.0]}),
    "leading zeros": (b"a,b\n007,1\n012,2\n", "start with 0 and are kept as text", {"a": ["007", "012"]}),
    "short rows": (b"a,b,c\n1,2,3\n4,5\n", "Row 3 has fewer cells", {"c": [3.0, None]}),
    "a stray separator": (b"a,b,\n1,2,\n", "'column 3' has neither a name nor a value", {"a": [1], "b": [2]}),
}  # fmt: skip


@pytest.mark.parametrize("case", SAID, ids=list(SAID))
def test_what_was_found_is_said(case):
    content, match, columns = SAID[case]
    table = read_table(content)
    assert pd.Series([" ".join(map(str, table.report))]).str.contains(match).all()
    for name, values in columns.items():
        pd.testing.assert_series_equal(
            table.frame[name], pd.Series(values, name=name), check_dtype=False, check_index=False
        )


def test_chinese_and_accented_letters_are_told_apart():
    chinese = read_table("姓名,值\n张三,1\n李四,2\n".encode("gb18030"))
    french = read_table("nom,b\ncrâne,1\ncafé,2\n".encode("latin-1"))
    assert (chinese.encoding, list(chinese.frame["姓名"])) == ("gb18030", ["张三", "李四"])
    assert (french.encoding, list(french.frame["nom"])) == ("cp1252", ["crâne", "café"])


def test_none_is_a_word_and_not_missing():
    assert list(read_table(b"a,b\nNone,1\nMild,2\n").frame["a"]) == ["None", "Mild"]


def test_a_cell_may_hold_line_ends_separators_and_inch_marks():
    quoted = read_table(b'a,b\n"x\ny",1\n"z, w",2\n').frame
    assert list(quoted["a"]) == ["x\ny", "z, w"]
    assert list(read_table(b'a,b\n5" tall,1\nx,2\n').frame["a"]) == ['5" tall', "x"]


def test_paths_bytes_and_open_files_read_alike(tmp_path):
    path = tmp_path / "patients.csv"
    path.write_bytes(b"a,b\n1,2\n")
    for source in (path, str(path), path.read_bytes(), io.BytesIO(path.read_bytes())):
        assert read_table(source).frame.to_dict("list") == {"a": [1], "b": [2]}
    assert read_table(path).name == "patients.csv"


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet='ab,"\n', max_size=60))
def test_both_ways_of_counting_cells_agree_on_well_quoted_text(raw):
    cells = [[cell.replace('"', "") for cell in line.split(",")] for line in raw.split("\n")]
    text = "".join(",".join(f'"{cell}"' for cell in row) + "\n" for row in cells).encode()
    (widths, ends), (careful, careful_ends) = row_widths(text, ","), careful_widths(text, ",")
    assert list(widths) == list(careful)
    assert list(ends) == list(careful_ends)


word = st.text(alphabet=st.sampled_from("abcé是 ,;\"'\n-"), min_size=1, max_size=6).map(lambda text: f"w{text}w")
dialects = st.sampled_from([(",", "utf-8"), (";", "utf-8-sig"), ("\t", "utf-16"), ("|", "gb18030"), (";", "gb18030")])


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    rows=st.lists(st.tuples(st.floats(-1e9, 1e9), word, st.integers(-999, 999)), min_size=2, max_size=6),
    dialect=dialects,
)
def test_a_table_written_in_any_dialect_is_read_back_equal(rows, dialect):
    delimiter, encoding = dialect
    frame = pd.DataFrame(rows, columns=["x", "wörd", "n"] if encoding != "gb18030" else ["x", "字", "n"])
    content = frame.to_csv(sep=delimiter, index=False, lineterminator="\n", quoting=2).encode(encoding)
    again = read_table(content).frame
    pd.testing.assert_frame_equal(again, frame, check_dtype=False)


def test_the_shared_tables_open_and_say_their_missing_codes():
    table = read_table(shared("heart_four_hospitals.csv"))
    assert table.frame.shape == (920, 15)
    assert all(pd.api.types.is_numeric_dtype(dtype) for dtype in table.frame.dtypes.iloc[1:])
    assert "'?' is read as missing (cells: 1759, columns: 10)." in map(str, table.report)
    assert read_table(shared("gusto_tx.csv.gz")).frame.shape == (40830, 16)
