"""Columns that tell who a patient is are found, under whatever name; measurements are left alone."""

import numpy as np
import pandas as pd
import pytest

from medtune.cohort.columns import describe, propose_roles
from medtune.cohort.reading import read_table
from medtune.cohort.signs import chinese_id, identifies
from tests.cohort.shared_data import FOLDER

N = 60
rng = np.random.default_rng(1)
DIGITS = [rng.integers(0, 10, 12) for _ in range(N)]


def digits(row, count):
    return "".join(map(str, DIGITS[row][:count]))


def national_id(row):
    first = f"110105{1930 + row}0{1 + row % 9}1{row % 9}{row % 900 + 100}"
    return next(first + last for last in "0123456789X" if chinese_id(first + last))


FIRST, LAST = ["Anna", "Björn", "Chloé", "David", "Emma", "Fatma"], ["Meyer", "O'Neil", "García", "Smith", "Kowalski"]
PLANTED = {
    "full names": ("name", lambda i: f"{FIRST[i % 6]} {LAST[i % 5]}{chr(97 + i % 26)}{chr(97 + i // 26)}"),
    "Chinese names": ("姓名", lambda i: "王李张刘陈杨黄赵"[i % 8] + chr(0x4E00 + 37 * i) + chr(0x5E00 + 11 * i)),
    "streets": ("address", lambda i: f"{i + 3} Garden {'Street' if i % 2 else 'Road'}"),
    "German streets": ("Anschrift", lambda i: f"Lindenstraße {i + 3}"),
    "Chinese addresses": ("住址", lambda i: f"北京市朝阳区建国路{i + 1}号"),
    "post codes": ("zip", lambda i: f"{10000 + 137 * i}"),
    "birth dates": ("date_of_birth", lambda i: f"19{30 + i}-03-{1 + i % 28:02d}"),
    "telephones": ("phone", lambda i: f"+44 20 {digits(i, 4)} {digits(i, 4)}"),
    "Chinese mobiles": ("手机", lambda i: f"13{digits(i, 9)}"),
    "fax numbers": ("fax", lambda i: f"(0{digits(i, 3)}) {digits(i, 7)}"),
    "e-mails": ("email", lambda i: f"user{i}@example.org"),
    "social security numbers": ("ssn", lambda i: f"{digits(i, 3)}-{digits(i, 2)}-{digits(i, 4)}"),
    "Chinese national ids": ("身份证", national_id),
    "record numbers": ("mrn", lambda i: f"M{digits(i, 7)}"),
    "insurance numbers": ("insurance_number", lambda i: f"A{digits(i, 9)}"),
    "bank accounts": ("account", lambda i: f"DE{digits(i, 2)}{digits(i, 10)}{digits(i, 8)}"),
    "licences": ("license_no", lambda i: f"B{digits(i, 8)}"),
    "vehicles": ("vin", lambda i: f"WVWZZZ1JZXW{digits(i, 6)}"),
    "number plates": ("plate", lambda i: f"B-XY {100 + 7 * i}"),
    "devices": ("device_serial", lambda i: f"SN-{digits(i, 9)}"),
    "web addresses": ("url", lambda i: f"https://example.org/p/{i}"),
    "computers": ("ip", lambda i: f"10.0.{i}.{3 * i % 250}"),
    "finger prints": ("fingerprint", lambda i: digits(i, 12)),
    "pictures": ("photo", lambda i: f"face_{i}.jpg"),
    "UUIDs": ("uuid", lambda i: f"{digits(i, 8)}-{digits(i, 4)}-4{digits(i, 3)}-a{digits(i, 3)}-{digits(i, 12)}"),
    "remarks": ("comment", lambda i: f"the patient came with his wife number {i} and felt well"),
}
NAMELESS = ("post codes", "birth dates")  # without a telling name they are numbers and days like others


def planted():
    for kind, (name, make) in PLANTED.items():
        cells = pd.Series([make(i) for i in range(N)])
        yield f"{kind} as {name}", name, cells
        if kind not in NAMELESS:
            yield f"{kind} as c17", "c17", cells


def test_planted_identifiers_are_found():
    missed = []
    for title, name, cells in planted():
        frame = pd.DataFrame({name: cells, "age": np.arange(N) / 3})
        frame = read_table(frame.to_csv(index=False).encode()).frame
        column = describe(frame)[0]
        if not identifies(frame, column):
            missed.append(title)
    total = len(list(planted()))
    assert 1 - len(missed) / total >= 0.95, missed


def test_planted_identifiers_are_no_predictors_unless_chosen():
    for title, name, cells in planted():
        frame = pd.DataFrame({name: cells, "age": np.arange(N) / 3, "died": [0, 1] * (N // 2)})
        assert name not in propose_roles(read_table(frame.to_csv(index=False).encode()).frame).predictors, title


TRUE_ONES = {"rownames", "subject_id", "fake_first_name", "fake_last_name", "test_id", "id"}


@pytest.mark.skipif(not FOLDER.exists(), reason="../shared/data is not here")
def test_measurements_of_real_tables_are_left_alone():
    alarms, columns = [], 0
    for path in sorted(FOLDER.glob("*.csv*")):
        frame = read_table(path).frame.iloc[:1000, :400]
        for column in describe(frame):
            if column.name not in TRUE_ONES:
                columns += 1
                alarms += [f"{path.name}: {column.name}"] if identifies(frame, column) else []
    assert columns > 500
    assert len(alarms) / columns <= 0.02, alarms


def test_the_check_sign_of_a_national_id_is_checked():
    assert chinese_id("11010519491231002X")  # the example of the standard
    assert not chinese_id("110105194912310021")
    assert not chinese_id("11010519491331002X")
