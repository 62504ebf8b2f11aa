"""DICOM files: their pixels as a radiologist's screen shows them, and nothing of the header that tells who it is."""

from __future__ import annotations

import io

import numpy as np

from medtune.foundation.errors import PicturesError
from medtune.images.decoding import Picture, as_bytes, check_size, reduced

# Kinds of picture into which devices commonly write name and date: ultrasound, secondary capture, endoscopy, others.
OFTEN_WRITTEN_ON = ("US", "SC", "OT", "ES", "XC", "GM", "ECG")


def read_dicom(content: bytes) -> Picture:
    """Read a DICOM file.

    Parameters
    ----------
    content : bytes

    Returns
    -------
    Picture
        Of the header only the patient id, to be replaced at once, and the modality are passed on.

    Raises
    ------
    PicturesError
        When it is corrupt, holds no picture, or is compressed in a way that cannot be read here.

    Notes
    -----
    Rescale slope and the first window or look-up table of the header are applied; "MONOCHROME1" is inverted, so that
    bright means bright in every picture. A file without a window is stretched as other pictures of many bits are.
    """
    import pydicom
    from pydicom.errors import InvalidDicomError

    try:
        with pydicom.config.disable_value_validation():
            dataset = pydicom.dcmread(io.BytesIO(content))
            frames = int(dataset.get("NumberOfFrames") or 1)
            if "PixelData" not in dataset:
                raise PicturesError("is a DICOM file without a picture")
            check_size(int(dataset.Columns), int(dataset.Rows))
            pixels = _pixels(dataset, frames)
            modality = str(dataset.get("Modality") or "")
            written = str(dataset.get("BurnedInAnnotation") or "").upper()
            patient = str(dataset.get("PatientID") or "")
            bits = int(dataset.get("BitsStored") or 8)
    except PicturesError:
        raise
    except (NotImplementedError, RuntimeError) as trouble:
        raise PicturesError("is compressed in a way that cannot be read here; export it uncompressed") from trouble
    except (InvalidDicomError, OSError, ValueError, AttributeError, KeyError, TypeError, EOFError) as trouble:
        raise PicturesError("is corrupt") from trouble
    risk = written == "YES" or (written != "NO" and modality in OFTEN_WRITTEN_ON)
    size = int(dataset.Columns), int(dataset.Rows)
    return Picture(reduced(pixels), size, bits, patient, modality, risk, frames)


def _pixels(dataset, frames: int) -> np.ndarray:
    from pydicom.pixels import apply_color_lut, apply_modality_lut, apply_voi_lut, pixel_array

    kind = str(dataset.get("PhotometricInterpretation") or "MONOCHROME2")
    # Colour spaces are turned into RGB by pixel_array itself.
    values = pixel_array(dataset, index=0) if frames > 1 else pixel_array(dataset)
    if kind == "PALETTE COLOR":
        values = apply_color_lut(values, dataset)
    elif values.ndim == 2:
        values = _windowed(np.asarray(apply_modality_lut(values, dataset)), dataset, apply_voi_lut)
        return 255 - values if kind == "MONOCHROME1" else values
    return as_bytes(values)


def _windowed(values: np.ndarray, dataset, apply_voi_lut) -> np.ndarray:
    """Grey values on the header's own scale, where it has one: black and white are the ends of the window."""
    if "VOILUTSequence" not in dataset and "WindowWidth" not in dataset:
        return as_bytes(values)
    shown = np.asarray(apply_voi_lut(values, dataset), dtype=np.float32)
    # What lies far outside the window is shown as its ends.
    ends = np.asarray(apply_voi_lut(np.array([[-(2**30), 2**30]]), dataset), dtype=np.float32)
    low, high = float(ends.min()), float(ends.max())
    share = (shown - low) / (high - low if high > low else 1.0)
    return np.round(255 * np.clip(share, 0, 1)).astype(np.uint8)
