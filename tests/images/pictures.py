"""Small archives of pictures for tests, good and bad."""

from __future__ import annotations

import io
import zipfile

import numpy as np
from PIL import Image


def drawn(seed: int, side: int = 24, rough: bool = False, colour: bool = False) -> np.ndarray:
    """A disc on a ground, rough or smooth."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:side, 0:side]
    disc = (rows - side / 2) ** 2 + (columns - side / 2) ** 2 < (side / 3) ** 2 * rng.uniform(0.6, 1.2)
    values = 60 + 90 * disc + rng.normal(0, 22 if rough else 6, (side, side)) + rng.uniform(-20, 20)
    values = np.clip(values, 0, 255).astype(np.uint8)
    return np.stack([values, values // 2, values // 3], axis=-1) if colour else values


def file_of(pixels: np.ndarray, form: str = "PNG") -> bytes:
    """A picture as a file."""
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, format=form)
    return out.getvalue()


def zipped(files: dict[str, bytes | str]) -> bytes:
    """An archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def labelled(n: int = 24, table: str | None = None, **how) -> bytes:
    """An archive with `labels.csv`; every second picture is rough."""
    files = {f"pictures/p{place:02d}.png": file_of(drawn(place, rough=bool(place % 2), **how)) for place in range(n)}
    lines = ["file,diagnosis,patient,ward"]
    lines += [
        f"p{place:02d}.png,{'rough' if place % 2 else 'smooth'},id{place // 3},w{place % 2}" for place in range(n)
    ]
    return zipped({**files, "labels.csv": table if table is not None else "\n".join(lines)})


def dicom(pixels: np.ndarray, kind: str = "MONOCHROME2", bits: int = 12, **header) -> bytes:
    """A DICOM file with a name and an id in its header."""
    import pydicom
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, generate_uid

    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.1"
    meta.MediaStorageSOPInstanceUID = generate_uid()
    dataset = FileDataset("x", {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.PatientName, dataset.PatientID, dataset.Modality = "Doe^Jane", "MRN-4711", "CR"
    dataset.Rows, dataset.Columns = pixels.shape[:2]
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, kind
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, bits, bits - 1, 0
    dataset.PixelData = pixels.astype("<u2").tobytes()
    for name, value in header.items():
        setattr(dataset, name, value)
    out = io.BytesIO()
    pydicom.dcmwrite(out, dataset, enforce_file_format=True)
    return out.getvalue()
