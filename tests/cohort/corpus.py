"""Small malformed and odd files as hospitals send them, each with what must come of it.

`python -m tests.cohort.corpus FOLDER` writes them as files, to be opened by hand.
"""

from __future__ import annotations

import gzip
import io
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd

from medtune.cohort.wishes import Wishes
from tests.cohort.sas_file import sas7bdat


@dataclass(frozen=True)
class Case:
    """A file; `columns` is the table it holds, `said` words of its report or, without columns, of its refusal."""

    content: bytes
    columns: dict[str, list] | None = None
    said: str = ""
    wishes: Wishes | None = None


WORDS = {
    "utf-8": ("größe", "é", "男"),
    "utf-8-sig": ("größe", "é", "男"),
    "utf-16": ("größe", "é", "男"),
    "utf-16-le": ("größe", "é", "男"),
    "utf-16-be": ("größe", "é", "男"),
    "cp1252": ("größe", "Zoë", "Müller"),
    "gb18030": ("病历号", "糖尿病", "高血压"),
    "big5": ("病歷號", "糖尿病", "高血壓"),
    "shift_jis": ("患者番号", "糖尿病", "高血圧"),
    "euc_kr": ("환자번호", "당뇨병 진단", "고혈압 입원"),
}
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", "^": "carets", "~": "tildes"}
BODY = b"1,61,m,1.5\n2,70,f,2.5\n3,55,m,3.5\n"
PLAIN = {"id": [1, 2, 3], "age": [61, 70, 55], "sex": ["m", "f", "m"], "crp": [1.5, 2.5, 3.5]}
ONE_CLASS = {"age": list(range(40, 60)), "died": [0] * 20}
HEAD = b"id,age,sex,crp\n"


def cases() -> dict[str, Case]:
    """Every file by name."""
    parts = (_dialects, _rows, _names, _cells, _numbers, _answers, _refused, _packed, _programs)
    return {name: case for part in parts for name, case in part().items()}


def _dialects() -> dict[str, Case]:
    made = {}
    for delimiter, word in DELIMITERS.items():
        for encoding, (name, one, two) in WORDS.items():
            lines = [delimiter.join(row) for row in ((name, "wert"), (one, "1.5"), (two, "2.5"), (one, "3.5"))]
            content = "\r\n".join([*lines, ""]).encode(encoding)
            made[f"{word} in {encoding}"] = Case(content, {name: [one, two, one], "wert": [1.5, 2.5, 3.5]})
    return made


def _rows() -> dict[str, Case]:
    source = b"\nSource: laboratory,,,\n"
    return {
        "one remark above": Case(b"Ward 7 export\n" + HEAD + BODY, PLAIN, "Row 1 stands above the column names"),
        "remarks above": Case(b"Ward 7\nprinted\n\n" + HEAD + BODY, PLAIN, "Rows 1 to 2 stand above"),
        "padded remarks above": Case(b"Ward 7,,,\n,,,\n" + HEAD + BODY, PLAIN, "Rows 1 to 2 stand above"),
        "a comment above": Case(b"# by a, b, c and d\n" + HEAD + BODY, PLAIN, "Row 1 stands above"),
        "blank rows above": Case(b"\n\n\n" + HEAD + BODY, PLAIN),
        "a source below": Case(HEAD + BODY + source, PLAIN, "Row 6 stands below the patients"),
        "a sum below": Case(HEAD + BODY + b"Total,186,,7.5\n", PLAIN, "Row 5 stands below"),
        "a Chinese sum below": Case(HEAD + BODY + "合计,186,,7.5\n".encode(), PLAIN, "Row 5 stands below"),
        "a count below": Case(HEAD + BODY + b"(3 rows affected)\n", PLAIN, "Row 5 stands below"),
        "a line and a remark below": Case(HEAD + BODY + b"----,----,----,----\nexported by X\n", PLAIN, "Rows 5 to 6"),
        "a line under the names": Case(HEAD + b"---,---,---,---\n" + BODY, PLAIN, "Row 2 is only a line"),
        "names again further down": Case(
            HEAD + BODY + HEAD + BODY, {name: v + v for name, v in PLAIN.items()}, "Row 5 only repeats"
        ),
        "rows of separators": Case(
            HEAD + BODY + b",,,\n,,,\n", PLAIN, "2 rows are empty and were left out (rows 5, 6)"
        ),
        "blank rows between": Case(HEAD + b"\n".join([*BODY.splitlines(), b""]).replace(b"\n", b"\n\n"), PLAIN),
        "short rows": Case(
            b"a,b,c\n1,2,3\n4,5\n6\n", {"a": [1, 4, 6], "c": [3, None, None]}, "2 rows have fewer cells"
        ),
        "a row too long": Case(
            HEAD + BODY + b"4,5,m,1,8\n", None, "Row 5 has more cells than there are column names (4)"
        ),
        "rows too long": Case(HEAD + b"1,2,m,3,4\n" + BODY + b"4,5,m,1,8\n", None, "2 rows have more cells"),
        "a row too long, left out": Case(
            HEAD + BODY + b"4,5,m,1,8\n", PLAIN, "Row 5 has more cells", Wishes(long_rows="leave out")
        ),
        "empty cells at the end of a row": Case(HEAD + BODY[:-1] + b",,\n", PLAIN),
        "separators at each end": Case(b"a,b\n1,x,\n3,y,\n", {"a": [1, 3], "b": ["x", "y"]}),
        "one patient": Case(b"a,b\n1,2\n", {"a": [1], "b": [2]}),
        "no last line end": Case(HEAD + BODY[:-1], PLAIN),
        "line ends of old Macs": Case((HEAD + BODY).replace(b"\n", b"\r"), PLAIN),
        "two rows below, as the user says": Case(
            HEAD + BODY + BODY[:11] + b"9,9,m,1\n", PLAIN, "Rows 5 to 6", Wishes(footer=2)
        ),
    }


def _names() -> dict[str, Case]:
    labs = {"id": [1, 2, 3], "Admission Na": [140, 138, 137], "Discharge Na": [141, 139, 136]}
    values = b"1,140,4,141,5\n2,138,5,139,4\n3,137,4,136,4\n"
    return {
        "groups over names": Case(
            b",Admission,,Discharge,\nid,Na,K,Na,K\n" + values, labs, "rows 1 to 2 and were joined"
        ),
        "merged cells both ways": Case(b"id,Admission,,Discharge,\n,Na,K,Na,K\n" + values, labs, "rows 1 to 2"),
        "units under names": Case(b"id,age,sex,crp\n,years,,mg/L\n" + BODY, {"age years": [61, 70, 55]}, "rows 1 to 2"),
        "names twice": Case(b"a,a,b\n1,2,3\n", {"a": [1], "a (2)": [2], "b": [3]}, "Several columns are named 'a'"),
        "a name that the numbering would take": Case(b"a,a,a (2)\n1,2,3\n", {"a": [1], "a (3)": [2], "a (2)": [3]}),
        "a name left out": Case(b"a,,b\n1,2,3\n", {"column 2": [2]}, "called by its place: 'column 2'"),
        "names left out": Case(b"a,,b,\n1,2,3,4\n", {"column 2": [2], "column 4": [4]}, "called by their place"),
        "row names of R": Case(b'"a","b"\n"1",5,6\n"2",7,8\n', {"column 1": [1, 2], "a": [5, 7]}, "by its place"),
        "row numbers of pandas": Case(b",a,b\n0,5,6\n1,7,8\n", {"column 1": [0, 1], "b": [6, 8]}, "by its place"),
        "spaces round names": Case(b" a , b c \n1,2\n", {"a": [1], "b c": [2]}),
        "a name over two lines": Case(b'"blood\npressure",b\n1,2\n', {"blood pressure": [1], "b": [2]}),
        "years as names": Case(b"id,2019,2020\n1,2,3\n2,4,5\n", {"2019": [2, 4], "2020": [3, 5]}),
        "no names": Case(b"1,2\n3,4\n", None, "first row holds numbers"),
        "no names, as the user says": Case(b"1,2\n3,4\n", {"column 1": [1, 3]}, "no column names", Wishes(header=0)),
        "names in row 3, as the user says": Case(
            b"x,y\nu,v\na,b\n1,2\n", {"a": [1], "b": [2]}, "Rows 1 to 2 stand above", Wishes(header=3)
        ),
        "names in a row that is not there": Case(b"a,b\n1,2\n", None, "Row 9 holds no column names", Wishes(header=9)),
        "formula in a name": Case(b"=cmd|x,b\n1,2\n", {"=cmd|x": [1], "b": [2]}, "", Wishes(delimiter=",")),
        "ten thousand columns": Case(
            b",".join(b"c%d" % i for i in range(10_000)) + b"\n" + b"\n".join([b",".join([b"1"] * 10_000)] * 2),
            {"c0": [1, 1], "c9999": [1, 1]},
        ),
    }


def _cells() -> dict[str, Case]:
    mixed = "id,name\n1,Müller\n2,Größe\n3,Jäger\n".encode() + "4,Süß\n".encode("cp1252")
    return {
        "quotation marks": Case(b'"a","b"\n"1","x"\n"3","y"\n', {"a": [1, 3], "b": ["x", "y"]}),
        "rows in quotation marks": Case(
            b'"id,age,sex,crp"\n"1,61,m,1.5"\n"2,70,f,2.5"\n"3,55,""m"",3.5"\n', PLAIN, "one cell in quotation marks"
        ),
        "rows in quotation marks below plain names": Case(
            b'id,age,sex,crp\n"1,61,m,1.5"\n"2,70,f,2.5"\n"3,55,m,3.5"\n', PLAIN, "one cell in quotation marks"
        ),
        "line ends in a cell": Case(b'a,b\r\n1,"x\r\ny"\r\n2,z\r\n', {"b": ["x\ny", "z"]}),
        "separators in a cell": Case(b'a,b\n1,"x, y"\n2,z\n', {"b": ["x, y", "z"]}),
        "quotation marks in a cell": Case(b'a,b\n1,"x ""y"" z"\n2,z\n', {"b": ['x "y" z', "z"]}),
        "a sign of inches": Case(b'a,b\n5" tall,1\nx,2\n', {"a": ['5" tall', "x"], "b": [1, 2]}),
        "an open quotation mark": Case(b'a,b\n1,"x\n2,y\n3,z\n', None, "quotation mark that is not closed"),
        "spaces after separators": Case(b"a, b\n1, x\n3, y\n", {"a": [1, 3], "b": ["x", "y"]}),
        "tabs with empty cells": Case(b"a\tb\n1\t\n\t3\n", {"a": [1, None], "b": [None, 3]}),
        "formulas": Case(b"a,b\n=1+2,1\n@SUM(A1),2\n", {"a": ["=1+2", "@SUM(A1)"]}),
        "the word None": Case(b"a,b\nNone,1\nMild,2\n", {"a": ["None", "Mild"]}),
        "missing codes": Case(
            "a,b,c\n?,1,未查\nNA,2,x\n3,.,y\n".encode(),
            {"a": [None, None, 3], "b": [1, 2, None]},
            "'未查' is read as missing",
        ),
        "numbers as missing codes, as the user says": Case(
            b"a,b\n1,-9\n2,3\n999,4\n",
            {"a": [1, 2, None], "b": [None, 3, 4]},
            "'-9' is read as missing",
            Wishes(missing=("-9", "999")),
        ),
        "no missing codes, as the user says": Case(b"a,b\nNA,1\n?,2\n", {"a": ["NA", "?"]}, "", Wishes(missing=())),
        "errors of Excel": Case(
            b"a,b\n#N/A,1\n#DIV/0!,2\n3,3\n", {"a": [None, None, 3]}, "'#DIV/0!' is read as missing"
        ),
        "leading zeros": Case(b"a,b\n007,1\n012,2\n", {"a": ["007", "012"]}, "start with 0 and are kept as text"),
        "true and false": Case(b"a,b\nTrue,1\nFalse,2\n", {"a": [True, False]}),
        "another encoding in one row": Case(mixed, {"name": ["Müller", "Größe", "Jäger", "Süß"]}, "not in row 5"),
        "a byte order mark and another encoding": Case(b"\xef\xbb\xbf" + mixed, {"id": [1, 2, 3, 4]}, "not in row 5"),
        "only one Chinese letter a cell": Case(
            "id,sex\n1,男\n2,女\n3,男\n".encode("gb18030"), {"sex": ["男", "女", "男"]}, "GB18030"
        ),
        "units in a Western file": Case("µg,°C\n1,2\n3,4\n".encode("cp1252"), {"µg": [1, 3], "°C": [2, 4]}, "CP1252"),
        "an encoding as the user says": Case(
            "a,имя\n1,да\n2,нет\n".encode("cp1251"), {"имя": ["да", "нет"]}, "CP1251", Wishes(encoding="cp1251")
        ),
        "an encoding that does not fit": Case(
            "a,имя\n1,да\n".encode("cp1251"), None, "cannot be read as UTF-8", Wishes(encoding="utf-8")
        ),
        "an encoding that is none": Case(
            b"a,b\n1,2\n", None, "No encoding is called 'klingon'", Wishes(encoding="klingon")
        ),
        "a cell of a million signs": Case(b"a,b\n1,2\n3," + b"x" * 10**6 + b"\n", {"a": [1, 3]}),
    }


def _numbers() -> dict[str, Case]:
    return {
        "decimal commas": Case(b"a;b\n1,5;x\n2,25;y\n", {"a": [1.5, 2.25]}, "'a' are read with a decimal comma"),
        "decimal commas in quotation marks": Case(b'a,b\n"1,5",x\n"2,25",y\n', {"a": [1.5, 2.25]}, "decimal comma"),
        "thousands with commas": Case(b'a,b\n"1,234",x\n"12",y\n', {"a": [1234, 12]}, "separators of thousands"),
        "thousands with points": Case(
            b"a;b\n1.234,5;x\n12,1;y\n", {"a": [1234.5, 12.1]}, "Points in the numbers of 'a'"
        ),
        "thousands with spaces": Case(
            "a;b\n1\u202f234,5;x\n12,1;y\n".encode(), {"a": [1234.5, 12.1]}, "Spaces in the numbers"
        ),
        "thousands with apostrophes": Case(
            b"a;b\n1'234.5;x\n12;y\n", {"a": [1234.5, 12]}, "Apostrophes in the numbers"
        ),
        "dates with points beside decimal commas": Case(
            b"d;x\n01.02.2020;1,5\n12.03.2021;2,5\n", {"d": ["01.02.2020", "12.03.2021"], "x": [1.5, 2.5]}
        ),
        "infinite values": Case(b"a,b\n1,inf\n2,1e308\n3,-inf\n", {"b": [None, 1e308, None]}, "Infinite values in 'b'"),
        "beyond what a number holds": Case(b"a,b\n1,1e400\n2,3\n", {"b": [None, 3]}, "Infinite values in 'b'"),
        "very long whole numbers": Case(b"a,b\n110101199003074514,1\n110101199003072113,2\n", {"b": [1, 2]}),
        "twenty-digit numbers": Case(b"a,b\n12345678901234567890,1\n22345678901234567890,2\n", {"b": [1, 2]}),
        "a point as the user says": Case(b"a;b\n1,5;x\n2,5;y\n", {"a": ["1,5", "2,5"]}, "", Wishes(decimal=".")),
        "Excel's own first line": Case(b"sep=;\na;b\n1;2,5\n2;3,5\n", {"a": [1, 2], "b": [2.5, 3.5]}),
        "columns by spaces": Case(
            b"id  age sex\n1   61  m\n2   70  f\n3 55 m\n", {"age": [61, 70, 55], "sex": ["m", "f", "m"]}
        ),
        "colons": Case(b"id:age:sex\n1:61:m\n2:70:f\n", {"age": [61, 70]}, "colons"),
        "several signs between columns": Case(
            b"id::age\n1::61\n2::70\n", {"id": [1, 2], "age": [61, 70]}, "", Wishes(delimiter="::")
        ),
        "a sign outside ASCII between columns": Case(
            "id§age\n1§61\n2§70\n".encode(), {"age": [61, 70]}, "", Wishes(delimiter="§")
        ),
    }


def _answers() -> dict[str, Case]:
    """Cells whose meaning is found by the column, not by the file: they come as they are written."""
    yes_no = {
        "German": "ja nein",
        "Chinese": "是 否",
        "Chinese sexes": "男 女",
        "Chinese findings": "阳性 阴性",
        "tests": "pos neg",
    }
    return {
        **{
            f"yes and no, {language}": Case(
                "id,x\n1,{}\n2,{}\n3,{}\n".format(*words.split(), words.split()[0]).encode(),
                {"x": [*words.split(), words.split()[0]]},
            )
            for language, words in yes_no.items()
        },
        "below a limit": Case(b"a,b\n<0.5,1\n1.2,2\n>100,3\n", {"a": ["<0.5", "1.2", ">100"]}),
        "blood pressures in pairs": Case(
            b"id,BP,rest\n1,120/80,1/2\n2, 95 / 60 mmHg,1/3\n3,,1/4\n",
            {"BP systolic": [120, 95, None], "BP diastolic": [80, 60, None], "rest": ["1/2", "1/3", "1/4"]},
            "'BP' holds pairs such as 120/80",
        ),
        "units in the cells": Case(b"a,b\n12 mg/dL,1\n14 mg/dL,2\n", {"a": ["12 mg/dL", "14 mg/dL"]}),
        "dates in several ways": Case(
            b"a,b\n2024-05-06,1\n06.05.2024,2\n5/6/2024,3\n", {"a": ["2024-05-06", "06.05.2024", "5/6/2024"]}
        ),
        "an outcome of one class": Case(b"age,died\n" + b"".join(b"%d,0\n" % age for age in range(40, 60)), ONE_CLASS),
        "an outcome of one word": Case(
            b"age,died\n" + b"".join(b"%d,yes\n" % age for age in range(40, 60)), {"died": ["yes"] * 20}
        ),
        "an outcome that is missing throughout": Case(
            b"age,died\n" + b"".join(b"%d,\n" % age for age in range(40, 60)), {"died": [None] * 20}
        ),
    }


def _refused() -> dict[str, Case]:
    noise = bytes(np.random.default_rng(0).integers(1, 256, 4000, dtype=np.uint8))
    return {
        "empty": Case(b"", None, "file is empty"),
        "blank": Case(b" \n\t\n", None, "file is empty"),
        "a mark and nothing": Case(b"\xef\xbb\xbf", None, "file is empty"),
        "names only": Case(b"a,b,c\n", None, "no patients"),
        "names and a remark": Case(b"a,b,c\n\n", None, "no patients"),
        "one column": Case(b"a\n1\n2\n", None, "one column only"),
        "twenty megabytes on one line": Case(b"a," * 10_000_000, None, "no patients"),
        "zero bytes": Case(b"a,b\n1,2\n3,\x00\n", None, "zero bytes (first in row 3)"),
        "binary": Case(noise, None, "binary"),
        "a picture": Case(b"\x89PNG\r\n\x1a\n" + bytes(20), None, "a picture"),
        "a PDF": Case(b"%PDF-1.7\n" + noise, None, "a PDF document"),
        "a pickle": Case(b"\x80\x04\x95" + bytes(20), None, "a pickle"),
        "an error page": Case(b"\n<!DOCTYPE html><html><body>Sign in</body></html>", None, "web page"),
        "a table in a page": Case(b"<table><tr><td>1</td></tr></table>", None, "web page"),
        "JSON": Case(b'[{"a": 1}]', None, "JSON"),
        "conflict marks": Case(b"a,b\n<<<<<<< HEAD\n1,2\n=======\n1,3\n>>>>>>> x\n", None, "conflict marks"),
        "an old Office document": Case(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), None, "old Office document"),
        "a data file of R": Case(b"RDX3\nX\n" + noise, None, "data file of R"),
        "damaged gzip": Case(gzip.compress(b"a,b\n1,2\n" * 50)[:30], None, "damaged"),
        "a damaged archive": Case(b"PK\x03\x04" + noise, None, "damaged"),
    }


def _zip(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def _packed() -> dict[str, Case]:
    two = _zip({"a.csv": HEAD + BODY, "b.csv": b"x,y\n1,2\n"})
    return {
        "gzip": Case(gzip.compress(HEAD + BODY), PLAIN, "packed with gzip"),
        "zip": Case(_zip({"data/a.csv": HEAD + BODY}), PLAIN, "taken from 'data/a.csv'"),
        "zip with a note beside": Case(
            _zip({"a.csv": HEAD + BODY, "README.md": b"hello"}), PLAIN, "taken from 'a.csv'"
        ),
        "zip of a Mac": Case(_zip({"a.csv": HEAD + BODY, "__MACOSX/._a.csv": b"\0\1"}), PLAIN, "taken from"),
        "zip with two tables": Case(two, None, "The archive holds 2 files"),
        "zip with two tables, one chosen": Case(two, {"x": [1], "y": [2]}, "", Wishes(part="b.csv")),
        "zip with nothing": Case(_zip({}), None, "holds no table"),
        "gzip of nothing": Case(gzip.compress(b""), None, "file is empty"),
        "a workbook in a zip": Case(_zip({"a.xlsx": _workbook(s=[list(PLAIN), *_patients()])}), PLAIN, "sheet 's'"),
    }


def _patients() -> list[list]:
    return [list(row) for row in zip(*PLAIN.values(), strict=True)]


def _workbook(**sheets: list[list]) -> bytes:
    book, packed = openpyxl.Workbook(), io.BytesIO()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(packed)
    return packed.getvalue()


def _programs() -> dict[str, Case]:
    rows = [list(PLAIN), *_patients()]
    moved = [[], ["Ward 7"], [], *([None, *row] for row in rows)]
    codes = [["id", "zip"], ["007", "01067"], ["008", "80331"]]
    days = [["d", "t"], [pd.Timestamp("2020-03-01"), 1], [pd.Timestamp("2021-05-06 07:08"), 2]]
    parquet = io.BytesIO()
    pd.DataFrame(PLAIN).to_parquet(parquet)
    made = {
        "a workbook": Case(_workbook(patients=rows), PLAIN, "Read from sheet 'patients'"),
        "the larger of two sheets": Case(
            _workbook(info=[["about"], ["x"]], patients=rows), PLAIN, "another sheet, 'info'"
        ),
        "a sheet as the user says": Case(
            _workbook(a=rows, b=[["x", "y"], [1, 2]]), {"x": [1], "y": [2]}, "sheet 'b'", Wishes(part="b")
        ),
        "a table in the middle of a sheet": Case(_workbook(s=moved), {"age": [61, 70, 55]}, "Row 2 stands above"),
        "text that looks like numbers in a sheet": Case(
            _workbook(s=codes), {"id": ["007", "008"], "zip": ["01067", "80331"]}
        ),
        "dates in a sheet": Case(_workbook(s=days), {"d": ["2020-03-01", "2021-05-06 07:08:00"]}),
        "an empty workbook": Case(_workbook(s=[]), None, "workbook is empty"),
        "a sheet with one cell": Case(_workbook(s=[["x"]]), None, "holds no table"),
        "Parquet": Case(parquet.getvalue(), PLAIN, "a file of Parquet"),
        "damaged Parquet": Case(parquet.getvalue()[:200], None, "Parquet file is damaged"),
        "a data file of SAS": Case(
            sas7bdat({"sex": ("", ["male", "größer"]), "age": ("", [61.0, None]), "day": ("DATE", [21915.0, None])}),
            {"sex": ["male", "größer"], "age": [61, None]},
            "a file of SAS: 2 rows and 3 columns",
        ),
        "damaged SPSS": Case(b"$FL2@(#) SPSS DATA FILE" + bytes(100), None, "SPSS is damaged"),
        "damaged Stata": Case(b"<stata_dta><header>" + bytes(100), None, "Stata is damaged"),
    }
    for name, ending in (("SPSS", "sav"), ("Stata", "dta"), ("SAS", "xpt")):
        made[name] = Case(
            _labelled(ending),
            {"age": [61, None, 55], "sex": ["male", "female", "male"] if ending != "xpt" else [1, 2, 1]},
            f"a file of {name}",
        )
    return made


def _labelled(ending: str) -> bytes:
    import tempfile

    import pyreadstat

    frame = pd.DataFrame({"age": [61.0, np.nan, 55.0], "sex": [1, 2, 1]})
    labels = {"variable_value_labels": {"sex": {1: "male", 2: "female"}}}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"x.{ending}"
        write = {"sav": pyreadstat.write_sav, "dta": pyreadstat.write_dta, "xpt": pyreadstat.write_xport}[ending]
        write(frame, str(path), **({} if ending == "xpt" else labels))
        return path.read_bytes()


if __name__ == "__main__":
    place = Path(sys.argv[1])
    place.mkdir(parents=True, exist_ok=True)
    for number, (title, case) in enumerate(cases().items(), start=1):
        (place / f"{number:03d} {title}").write_bytes(case.content)
