"""The Data page: what was found in a file can be changed, and the file is read again from what was kept of it."""

import io

import numpy as np
import openpyxl
import pandas as pd

PAGE = "pages/cohort/data.py"
N = 60


def patients():
    rng = np.random.default_rng(5)
    ages, values = rng.integers(30, 90, N), rng.normal(5, 1, N).round(2)
    return pd.DataFrame({"age": ages, "crp": values, "died": np.arange(N) % 3 == 0})


def upload(app, content, name="patients.csv"):
    app.at.file_uploader[0].upload(name, content).run()
    return app


def german():
    return patients().to_csv(index=False, sep=";", decimal=",").encode()


def test_each_detail_that_was_found_is_shown(app):
    upload(app.open(PAGE), german())
    assert app.widget("selectbox", "Between columns").value == ";"
    assert app.widget("selectbox", "Decimal sign").value == ","
    assert app.widget("selectbox", "Encoding").value == "utf-8"
    assert app.widget("number_input", "Names in row").value == 1
    assert "Read as UTF-8 text with semicolons between columns: 60 rows and 3 columns." in app.text


def test_a_changed_detail_is_read_from_the_kept_file_and_survives_a_reload(app, new_session):
    upload(app.open(PAGE), b"from the ward,,\n" + patients().to_csv(index=False).encode())
    app.widget("multiselect", "Codes for a missing value, in every column").set_value(["?"])
    app.widget("number_input", "Names in row").set_value(0)
    app.press("Read again")
    assert "The file has no column names" in app.text
    again = new_session().open(PAGE)
    assert "The file has no column names" in again.text
    assert again.widget("number_input", "Names in row").value == 0
    again.widget("number_input", "Names in row").set_value(2)
    again.press("Read again")
    assert again.widget("selectbox", "Outcome").value == "died"
    assert "60 patients" in again.text


def test_the_sheet_of_a_workbook_can_be_chosen(app):
    workbook, book = openpyxl.Workbook(), io.BytesIO()
    workbook.remove(workbook.active)
    for name, frame in (("north", patients()), ("south", patients().head(30))):
        sheet = workbook.create_sheet(name)
        for row in [list(frame), *frame.to_numpy(dtype=object).tolist()]:
            sheet.append(row)
    workbook.save(book)
    upload(app.open(PAGE), book.getvalue(), "patients.xlsx")
    assert "Read from sheet 'north': 60 rows and 3 columns." in app.text
    assert not app.has("selectbox", "Encoding")
    app.widget("selectbox", "Sheet").select("south")
    app.press("Read again")
    assert "Read from sheet 'south': 30 rows and 3 columns." in app.text
    assert app.errors == []


def test_a_file_that_needs_a_word_is_read_once_it_is_said(app):
    content = patients().to_csv(index=False).encode() + b"44,5,True,moved\n"
    upload(app.open(PAGE), content)
    assert len(app.errors) == 1
    assert app.errors[0].startswith("Row 62 has more cells than there are column names (3)")
    app.widget("selectbox", "Rows with too many cells").select("leave out")
    app.press("Read again")
    assert app.errors == []
    assert "Row 62 has more cells than there are column names and was left out." in app.text
    assert "60 patients from 'patients.csv'" in app.text


def test_a_demo_has_no_file_to_read_again(app):
    app.open(PAGE)
    next(button for button in app.at.button if "synthetic" in button.label).click().run()
    assert not app.has("button", "Read again")


def test_table_one_tells_of_the_patients_in_use(app):
    upload(app.open(PAGE), german())
    assert "Table 1 tells of the patients in use" in app.text
    app.press("Use these patients")
    assert app.errors == []
    table = next(frame.value for frame in app.at.dataframe if "All patients" in frame.value.columns)
    assert table["All patients"].iloc[0] == "60"
    assert list(table.columns)[3:5] == ["no event", "event"]
