"""One picture file to plain grey or colour values: PNG, JPEG, TIFF, DICOM, 8 or 16 bits; no header is kept."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

import numpy as np

from medtune.foundation.errors import PicturesError

KEPT_SIDE = 512  # pixels of the longer side that are kept
MOST_PIXELS = 100_000_000
SMALLEST_SIDE = 8
DICOM_SIGN = b"DICM"


@dataclass(frozen=True, eq=False)
class Picture:
    """A decoded picture.

    Attributes
    ----------
    pixels : ndarray of uint8, shape (height, width) or (height, width, 3)
        At most 512 pixels on the longer side; grey where the three colours are the same.
    size : tuple of int
        Width and height as it came.
    bits : int
        Of each value, as it came.
    patient : str
        Patient id of a DICOM header, to group by and to be replaced at once; "" for none.
    modality : str
        Of a DICOM header ("CR", "US"); "" for none.
    text_risk : bool
        Whether a DICOM header says, or its kind suggests, that text is written into the picture.
    frames : int
        How many pictures the file holds; the first one is taken.
    """

    pixels: np.ndarray
    size: tuple[int, int]
    bits: int = 8
    patient: str = ""
    modality: str = ""
    text_risk: bool = False
    frames: int = 1


def decode(content: bytes) -> Picture:
    """Read a picture.

    Parameters
    ----------
    content : bytes
        Of the file; its kind is told by its content.

    Returns
    -------
    Picture

    Raises
    ------
    PicturesError
        When it is corrupt, of a kind that cannot be read, too large, or too small to see anything in.
    """
    if content[128:132] == DICOM_SIGN:
        from medtune.images.dicom import read_dicom

        return read_dicom(content)
    return _decoded(content)


def _decoded(content: bytes) -> Picture:
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a large picture is judged below, in a sentence
            with Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "TIFF")) as image:
                check_size(*image.size)
                frames = getattr(image, "n_frames", 1)
                size, mode = image.size, image.mode
                image.load()
                values = np.asarray(image if mode in _PLAIN else image.convert("RGB"))
    except UnidentifiedImageError as trouble:
        raise PicturesError("is no PNG, JPEG, TIFF or DICOM picture") from trouble
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError, TypeError) as trouble:
        raise PicturesError("is corrupt") from trouble
    if mode == "RGBA" or mode == "LA":
        values = values[..., :-1]
        values = values[..., 0] if values.shape[-1] == 1 else values
    bits = 1 if mode == "1" else 16 if values.dtype.itemsize > 1 else 8
    return Picture(reduced(as_bytes(values)), size, bits, frames=frames)


# Modes whose values can be taken as they are; palettes, CMYK and others are turned into colours first.
_PLAIN = ("1", "L", "I;16", "I;16B", "I;16L", "I", "F", "RGB", "RGBA", "LA")


def check_size(width: int, height: int) -> None:
    """See that a picture is neither too large nor too small.

    Parameters
    ----------
    width, height : int
        Pixels.

    Raises
    ------
    PicturesError
    """
    if width * height > MOST_PIXELS:
        raise PicturesError("has more than {most} million pixels", most=MOST_PIXELS // 1_000_000)
    if min(width, height) < SMALLEST_SIDE:
        raise PicturesError("is smaller than {least} pixels", least=SMALLEST_SIDE)


def as_bytes(values: np.ndarray) -> np.ndarray:
    """Values of any kind as 0 to 255.

    Parameters
    ----------
    values : ndarray
        8 bits stay as they are. More bits are stretched from the picture's own 0.5th to its 99.5th percentile,
        since 10, 12 and 16 bits all come in files of 16.

    Returns
    -------
    ndarray of uint8
    """
    if values.dtype == bool:
        return values.astype(np.uint8) * 255
    if values.dtype == np.uint8:
        return values
    values = np.nan_to_num(values.astype(np.float32))
    low, high = np.percentile(values, [0.5, 99.5])
    if high <= low:
        low, high = float(values.min()), float(values.max())
    spread = high - low if high > low else 1.0
    return np.round(255 * np.clip((values - low) / spread, 0, 1)).astype(np.uint8)


def reduced(pixels: np.ndarray) -> np.ndarray:
    """Grey where colours are the same, and at most `KEPT_SIDE` pixels on the longer side.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (height, width) or (height, width, 3)

    Returns
    -------
    ndarray of uint8
    """
    from PIL import Image

    if pixels.ndim == 3 and (pixels[..., 0] == pixels[..., 1]).all() and (pixels[..., 1] == pixels[..., 2]).all():
        pixels = pixels[..., 0]
    longest = max(pixels.shape[:2])
    if longest <= KEPT_SIDE:
        return np.ascontiguousarray(pixels)
    height, width = (max(1, round(side * KEPT_SIDE / longest)) for side in pixels.shape[:2])
    image = Image.fromarray(np.ascontiguousarray(pixels))
    return np.asarray(image.resize((width, height), Image.Resampling.LANCZOS))


def resized(pixels: np.ndarray, side: int) -> np.ndarray:
    """A picture as a square of `side` pixels, its proportions not kept.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (height, width) or (height, width, 3)
    side : int

    Returns
    -------
    ndarray of uint8, shape (side, side) or (side, side, 3)
    """
    from PIL import Image

    if pixels.shape[:2] == (side, side):
        return pixels
    smaller = max(pixels.shape[:2]) > side
    how = Image.Resampling.BOX if smaller else Image.Resampling.BICUBIC
    return np.asarray(Image.fromarray(pixels).resize((side, side), how))


def grey(pixels: np.ndarray) -> np.ndarray:
    """The brightness of a picture, uint8 of shape (height, width)."""
    if pixels.ndim == 2:
        return pixels
    return np.round(pixels @ np.array([0.299, 0.587, 0.114])).astype(np.uint8)


def as_png(pixels: np.ndarray) -> bytes:
    """A picture as a PNG file that holds nothing but its pixels."""
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(pixels).save(out, format="PNG", compress_level=1)
    return out.getvalue()
