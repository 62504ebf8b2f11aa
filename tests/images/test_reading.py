"""Archives of pictures: every kind of file and label, and one sentence for each that cannot be used."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joblib import parallel_config
from PIL import Image
from scipy.ndimage import gaussian_filter

import medtune
from medtune.foundation.errors import MedtuneError, PicturesError
from medtune.images import archive as limits
from medtune.images import one_pass
from medtune.images.archive import Archive
from medtune.images.classic import CLASSIC, classic
from medtune.images.decoding import as_bytes, decode
from medtune.images.hashing import alike, perceptual_hash
from medtune.images.keeping import forget_sets, key_of, open_picture, sets_of
from medtune.images.measuring import PLAIN, measures_of
from medtune.images.opening import open_set, read_set
from tests.images.pictures import dicom, drawn, file_of, labelled, zipped


def read(content, tmp_path, **how):
    path = tmp_path / "given.zip"
    path.write_bytes(content)
    return read_set(path, "given.zip", tmp_path, measures=PLAIN, **how)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF"])
@pytest.mark.parametrize("colour", [False, True])
def test_common_kinds_are_read_as_they_are(form, colour):
    pixels = drawn(1, colour=colour)
    found = decode(file_of(pixels, form))
    assert found.pixels.shape == pixels.shape
    assert np.abs(found.pixels.astype(int) - pixels).mean() < (12 if form == "JPEG" else 1e-9)
    assert found.size == (24, 24)


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_sixteen_bits_are_stretched_to_what_is_there(form):
    deep = (drawn(2).astype(np.uint16) << 4) + 7  # 12 bits in a file of 16
    found = decode(file_of(deep, form))
    assert found.bits == 16
    assert found.pixels.dtype == np.uint8
    assert np.corrcoef(found.pixels.ravel(), deep.ravel())[0, 1] > 0.99
    assert (found.pixels.min(), found.pixels.max()) == (0, 255)


def test_a_grey_picture_saved_in_colours_is_grey_again():
    assert decode(file_of(np.stack([drawn(3)] * 3, axis=-1))).pixels.ndim == 2


def test_a_large_picture_is_kept_small():
    assert max(decode(file_of(drawn(4, side=1500))).pixels.shape) == 512


@given(st.integers(1, 16), st.integers(0, 1000))
@settings(max_examples=25, deadline=None)
def test_values_of_any_depth_keep_their_order(bits, seed):
    values = np.random.default_rng(seed).integers(0, 2**bits, (9, 9)).astype(np.uint16)
    bytes_ = as_bytes(values)
    order = np.argsort(values.ravel(), kind="stable")
    assert (np.diff(bytes_.ravel()[order].astype(int)) >= 0).all()


def test_dicom_is_read_without_its_identifiers(tmp_path):
    deep = drawn(5).astype(np.uint16) * 16
    found = decode(dicom(deep))
    assert np.corrcoef(found.pixels.ravel(), deep.ravel())[0, 1] > 0.99
    inverted = decode(dicom(deep, "MONOCHROME1"))
    assert np.corrcoef(inverted.pixels.ravel(), deep.ravel())[0, 1] < -0.99
    windowed = decode(dicom(deep, WindowCenter=1600, WindowWidth=400))
    assert (windowed.pixels == 0).mean() > 0.3
    wide = decode(dicom(deep, WindowCenter=4096, WindowWidth=8193))  # 0 is black, 8,192 is white
    np.testing.assert_allclose(wide.pixels, deep * (255 / 8192), atol=1)
    plain = drawn(5)
    eight = {"BitsAllocated": 8, "BitsStored": 8, "HighBit": 7, "PixelData": plain.tobytes()}
    assert np.array_equal(decode(dicom(plain, **eight)).pixels, plain)
    colours = drawn(5, colour=True)
    three = {**eight, "SamplesPerPixel": 3, "PlanarConfiguration": 0, "PixelData": colours.tobytes()}
    assert np.array_equal(decode(dicom(colours, "RGB", **three)).pixels, colours)
    files = {f"{'ab'[place % 2]}/{place}.dcm": dicom(drawn(place, rough=place % 2 == 1) * 16.0) for place in range(12)}
    kept = read(zipped(files), tmp_path)
    assert kept.about.roles.patient == "patient"
    assert set(kept.frame["patient"]) == {"patient 1"}
    everything = b"".join(path.read_bytes() for path in (tmp_path / "images").rglob("*") if path.is_file())
    assert b"MRN-4711" not in everything
    assert b"Doe" not in everything
    assert any("replaced by numbers" in str(doubt) for doubt in kept.about.doubts)


@pytest.mark.parametrize(
    ("header", "warned"),
    [
        ({"Modality": "US"}, True),
        ({"Modality": "US", "BurnedInAnnotation": "NO"}, False),
        ({"BurnedInAnnotation": "YES"}, True),
        ({}, False),
    ],
)
def test_text_written_into_a_dicom_picture_is_warned_about(header, warned, tmp_path):
    files = {f"{'ab'[place % 2]}/{place}": dicom(drawn(place) * 16.0, **header) for place in range(10)}
    doubts = read(zipped(files), tmp_path).about.doubts
    assert any("written into" in str(doubt) for doubt in doubts) == warned


def test_labels_come_from_a_table_with_all_its_columns(tmp_path):
    found = read(labelled(), tmp_path)
    assert list(found.frame.columns[:5]) == ["image", "diagnosis", "patient", "ward", "picture"]
    assert (found.about.roles.outcome, found.about.roles.patient) == ("diagnosis", "patient")
    assert set(found.about.roles.predictors) <= set(CLASSIC)
    assert (found.frame["diagnosis"] == "rough").tolist() == [bool(place % 2) for place in range(24)]
    assert np.array_equal(open_picture(tmp_path, found.frame["picture"][3]), drawn(3, rough=True))
    assert open_set(tmp_path, found.id).frame.equals(found.frame)


def test_labels_come_from_folders(tmp_path):
    files = {f"set/{'rough' if p % 2 else 'smooth'}/{p}.png": file_of(drawn(p)) for p in range(12)}
    found = read(zipped(files), tmp_path)
    assert found.frame["label"].value_counts().to_dict() == {"rough": 6, "smooth": 6}
    assert any("same patient" in str(doubt) for doubt in found.about.doubts)


def test_three_labels_are_three_classes(tmp_path):
    files = {f"{'abc'[p % 3]}/{p}.png": file_of(drawn(p)) for p in range(36)}
    assert read(zipped(files), tmp_path).about.roles.classes == ("a", "b", "c")


def test_what_does_not_fit_is_left_out_and_said(tmp_path):
    table = "name;truth\n" + "\n".join(f"P{p:02d};{p % 2}" for p in range(20)) + "\nP77;1\n"
    content = labelled(22, table)
    files = {name: zipfile.ZipFile(io.BytesIO(content)).read(name) for name in Archive(content).contents.pictures}
    files |= {
        "labels.csv": table,
        "pictures/p05.png": b"\x89PNG broken",
        "pictures/p07.png": files["pictures/p07.png"][:150],
    }
    found = read(zipped(files), tmp_path)
    said = "\n".join(str(sentence) for sentence in found.about.report)
    assert len(found.frame) == 18
    assert "2 pictures are not named in 'labels.csv'" in said
    assert "1 row of 'labels.csv' names a picture that is not in the archive" in said
    assert "'p05.png'" in said
    assert "'p07.png' is corrupt" in said


BAD = {
    "no archive": (b"PK\x03\x04 nothing", "damaged"),
    "no picture": (zipped({"a.docx": "x", "b.xyz": "y"}), "no picture"),
    "no label": (zipped({f"{p}.png": file_of(drawn(p)) for p in range(9)}), "No labels were found"),
    "table that names nothing": (labelled(9, "a,b\n1,2\n3,4\n5,6\n"), "names the pictures"),
    "one class": (labelled(9, "file,label\n" + "\n".join(f"p0{p}.png,1" for p in range(9))), "same label"),
    "all corrupt": (zipped({f"{'ab'[p % 2]}/{p}.png": b"no picture" for p in range(9)}), "None of the pictures"),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_cannot_be_used_is_one_sentence(kind, tmp_path):
    content, match = BAD[kind]
    with pytest.raises(PicturesError, match=match):
        read(content, tmp_path)


def test_bombs_and_floods_are_refused_before_they_unpack(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "LARGEST_FILE", 100_000)
    with pytest.raises(PicturesError, match="larger than"):
        Archive(zipped({"a/1.png": b"\0" * 200_000, "b/2.png": b""}))
    monkeypatch.setattr(limits, "LARGEST", 150_000)
    with pytest.raises(PicturesError, match="would unpack"):
        Archive(zipped({f"{p}/1.png": b"\0" * 90_000 for p in range(2)}))
    monkeypatch.setattr(limits, "MOST", 5)
    with pytest.raises(PicturesError, match="at most 5"):
        Archive(labelled(6))


def test_a_picture_of_too_many_pixels_is_refused_without_unpacking(monkeypatch):
    monkeypatch.setattr("medtune.images.decoding.MOST_PIXELS", 500)
    with pytest.raises(PicturesError, match="million pixels"):
        decode(file_of(drawn(1)))


def test_a_table_reader_sends_pictures_on():
    with pytest.raises(MedtuneError, match="holds pictures"):
        medtune.read_table(labelled(4))


def test_copies_are_found_whatever_was_done_to_them():
    field = gaussian_filter(np.random.default_rng(1).normal(size=(2, 64, 64)), (0, 5, 5))
    first, other = np.clip(128 + 900 * field, 20, 230).astype(np.uint8)
    brighter = np.clip(first.astype(int) + 12, 0, 255).astype(np.uint8)
    smaller = np.asarray(Image.fromarray(first).resize((40, 40)))
    hashes = [perceptual_hash(pixels) for pixels in (first, other, brighter, smaller)]
    assert alike(hashes) == [[0, 2, 3]]


@given(st.integers(0, 10_000), st.booleans(), st.integers(8, 90))
@settings(max_examples=20, deadline=None)
def test_measures_are_finite_for_any_picture(seed, colour, side):
    pixels = (
        np.random.default_rng(seed).integers(0, 256, (side, side + seed % 7, *([3] if colour else []))).astype(np.uint8)
    )
    found = classic(pixels)
    assert found.shape == (len(CLASSIC),)
    assert np.isfinite(found).all()
    assert np.isfinite(classic(np.full_like(pixels, seed % 256))).all()


def test_measures_are_known_by_their_names():
    assert measures_of(CLASSIC[:5]) is PLAIN
    assert measures_of(["age"]) is None


def test_an_archive_that_was_read_is_not_read_again(tmp_path, monkeypatch):
    first = read(labelled(), tmp_path)
    monkeypatch.setattr("medtune.images.opening.gather", lambda *_: pytest.fail("read again"))
    assert read(labelled(), tmp_path).frame.equals(first.frame)


def test_measuring_goes_on_where_it_was_interrupted(tmp_path, monkeypatch):
    from medtune.images import opening

    whole = opening.table_of

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(opening, "table_of", interrupted)
    with pytest.raises(KeyboardInterrupt):
        read(labelled(), tmp_path)
    monkeypatch.setattr(opening, "table_of", whole)
    monkeypatch.setattr(one_pass, "measure", lambda *_: pytest.fail("measured again"))
    with parallel_config(backend="sequential"):
        found = read(labelled(), tmp_path)
    assert len(found.frame) == 24
    assert not list((tmp_path / "images" / found.id).glob("rows-*"))


def test_each_picture_is_decoded_once_and_keeps_its_own_pixels(tmp_path, monkeypatch):
    decoded = []
    monkeypatch.setattr(one_pass, "decode", lambda content: decoded.append(content) or decode(content))
    files = {f"{'ab'[place % 2]}/{place:02d}.png": file_of(drawn(place)) for place in range(40)}
    files["b/07.png"] = files["a/20.png"] = b"no picture"
    with parallel_config(backend="sequential"):
        found = read(zipped(files), tmp_path)
    assert sorted(decoded) == sorted(files.values())
    assert len(found.frame) == 38
    for name, key in zip(found.frame["image"], found.frame["picture"], strict=True):
        assert np.array_equal(open_picture(tmp_path, key), drawn(int(name[-6:-4])))
    assert np.array_equal(
        found.frame[list(PLAIN.names)].to_numpy()[5], classic(open_picture(tmp_path, found.frame["picture"][5]))
    )


def test_pictures_go_with_the_last_cohort_that_has_them(tmp_path):
    from medtune.images.opening import cohort_of
    from medtune.runs.store import Store

    found = read(labelled(), tmp_path)
    store = Store(tmp_path)
    first, second = store.add_cohort(cohort_of(found)), store.add_cohort(cohort_of(found).take(np.arange(20)))
    assert sets_of(store.cohort_folder(first)) == {found.id}
    store.delete_cohort(first)
    forget_sets(tmp_path, {found.id})
    assert open_picture(tmp_path, key_of(found.id, 0)).shape == (24, 24)
    table = store.cohort_folder(second) / "cohort.parquet"
    whole = table.read_bytes()
    table.write_bytes(whole[:50])  # patients that cannot be read may have these pictures: none go
    forget_sets(tmp_path, {found.id})
    assert open_picture(tmp_path, key_of(found.id, 0)).shape == (24, 24)
    table.write_bytes(whole)
    store.delete_cohort(second)
    with pytest.raises(PicturesError, match="no longer kept"):
        open_picture(tmp_path, key_of(found.id, 0))


def test_a_cohort_of_pictures_comes_in_one_call():
    cohort = medtune.read_pictures(labelled(), measures=PLAIN)
    assert (cohort.n, cohort.events) == (24, 12)
    assert cohort.patients[:4].tolist() == ["id0", "id0", "id0", "id1"]
