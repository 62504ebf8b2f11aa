"""Pictures to try medtune with: skin lesions drawn by this module, of two clinics with different cameras."""

from __future__ import annotations

import io
import zipfile

import numpy as np

from medtune.images.decoding import as_png

SIDE = 64
N_SOURCE, N_LOCAL = 240, 206
LABELS = ("harmless", "suspicious")


def two_clinics(seed: int = 0) -> tuple[bytes, bytes]:
    """Two zip files of drawn lesions with their labels. Nobody's pictures.

    Parameters
    ----------
    seed : int

    Returns
    -------
    source, local : bytes
        240 pictures of "Clinic A" and 208 of "Clinic B", each with `labels.csv` (file, label, patient, age). At
        Clinic B two pictures are filed twice, one of them with the other label.

    Notes
    -----
    Suspicious lesions have a rougher texture, a more ragged border and more shades; each of these overlaps with the
    harmless ones, so no model can tell all of them. Clinic B's camera is darker, softer and noisier, and fewer of its
    lesions are suspicious (30 rather than 45 of 100). Some patients have two or three pictures.
    """
    rng = np.random.default_rng(seed)
    return _clinic(rng, "A", N_SOURCE, 0.45, False), _clinic(rng, "B", N_LOCAL, 0.30, True)


def _clinic(rng: np.random.Generator, letter: str, n: int, share: float, other_camera: bool) -> bytes:
    packed, lines = io.BytesIO(), ["file,label,patient,age"]
    patient, left, skin, age = 0, 0, np.zeros(3), 0
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        drawn = []
        for _ in range(n):
            if left == 0:
                patient, left = patient + 1, int(rng.choice([1, 2, 3], p=[0.7, 0.2, 0.1]))
                skin = np.array([205, 160, 135]) + rng.normal(0, 12) + rng.normal(0, 4, 3)
                age = int(np.clip(rng.normal(55, 14), 18, 90))
            left -= 1
            label = int(rng.random() < share)
            pixels = _camera(rng, _lesion(rng, label, skin), other_camera)
            drawn.append((pixels, label, patient, age))
        copies = [(3, False), (11, True)] if other_camera else []
        for place, flip in copies:
            pixels, label, patient, age = drawn[place]
            drawn.append((np.clip(pixels.astype(int) + 4, 0, 255).astype(np.uint8), label ^ flip, patient, age))
        for number, (pixels, label, patient, age) in enumerate(drawn, start=1):
            name = f"lesion_{letter}{number:03d}.png"
            # A fixed date: the same demo is the same file on any day.
            archive.writestr(zipfile.ZipInfo(f"pictures/{name}"), as_png(pixels))
            lines.append(f"{name},{LABELS[label]},{letter}{patient:03d},{age}")
        archive.writestr(zipfile.ZipInfo("labels.csv"), "\n".join(lines) + "\n")
    return packed.getvalue()


def _lesion(rng: np.random.Generator, suspicious: int, skin: np.ndarray) -> np.ndarray:
    """One lesion on skin, floats of shape (64, 64, 3)."""
    rows, columns = np.mgrid[0:SIDE, 0:SIDE]
    y, x = (rows - SIDE / 2 - rng.normal(0, 3)), (columns - SIDE / 2 - rng.normal(0, 3))
    angle, reach = np.arctan2(y, x), np.hypot(y / rng.uniform(0.75, 1.25), x)
    ragged = np.clip(rng.normal(0.10 + 0.10 * suspicious, 0.06), 0.01, None)
    border = rng.uniform(14, 21) * (
        1 + ragged * sum(np.sin(k * angle + rng.uniform(0, 2 * np.pi)) / np.sqrt(k) for k in (2, 3, 5, 8))
    )
    inside = 1 / (1 + np.exp((reach - border) / rng.uniform(0.8, 2.0)))
    rough = np.clip(rng.normal(13 + 9 * suspicious, 6), 2, None)
    grain = _smooth(rng.normal(0, 1, (SIDE, SIDE)), rng.uniform(0.6, 1.6))
    blotches = _smooth(rng.normal(0, 1, (SIDE, SIDE)), 6)
    shades = np.clip(rng.normal(8 + 10 * suspicious, 7), 0, None)
    brown = np.array([115, 75, 55]) + rng.normal(0, 14) + rng.normal(0, 4, 3)
    lesion = brown + (rough * grain + shades * blotches)[..., None]
    ground = skin + 5 * _smooth(rng.normal(0, 1, (SIDE, SIDE)), 1.2)[..., None]
    return inside[..., None] * lesion + (1 - inside[..., None]) * ground


def _camera(rng: np.random.Generator, picture: np.ndarray, other: bool) -> np.ndarray:
    if other:
        picture = np.stack([_smooth(picture[..., place], 0.7, keep=True) for place in range(3)], axis=-1)
        picture = 0.75 * picture + rng.normal(0, 5, picture.shape)
    return np.clip(picture + rng.normal(0, 2, picture.shape), 0, 255).astype(np.uint8)


def _smooth(values: np.ndarray, width: float, keep: bool = False) -> np.ndarray:
    """Blurred by a Gaussian; noise gets back a standard deviation of 1 unless values are kept."""
    from scipy.ndimage import gaussian_filter

    blurred = gaussian_filter(values, width)
    return blurred if keep else blurred / blurred.std()
