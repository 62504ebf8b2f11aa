"""Pictures that look the same: a perceptual hash of each, and the groups whose hashes nearly agree."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from medtune.images.decoding import grey, resized

SIDE, LOW = 32, 9
# By rising frequency; the mean brightness, the first, is left out.
ORDER = sorted((row + column, row, column) for row in range(LOW) for column in range(LOW))[1:64]
ROWS, COLUMNS = [row for _, row, _ in ORDER], [column for *_, column in ORDER]
ALIKE = 3  # bits of 63 that may differ between two pictures that count as the same


def perceptual_hash(pixels: np.ndarray) -> int:
    """A number of 63 bits that stays nearly the same when a picture is rescaled, recompressed or brightened.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (height, width) or (height, width, 3)

    Returns
    -------
    int
        Signs of the lowest frequencies of a cosine transform, against their median ("pHash", Zauner 2010).
    """
    from scipy.fft import dctn

    waves = dctn(resized(grey(pixels), SIDE).astype(np.float64), norm="ortho")[:LOW, :LOW]
    low = waves[ROWS, COLUMNS]
    return int.from_bytes(np.packbits(low > np.median(low), bitorder="little").tobytes(), "little")


def alike(hashes: Sequence[int], most: int = ALIKE) -> list[list[int]]:
    """Groups of pictures whose hashes nearly agree.

    Parameters
    ----------
    hashes : sequence of int
        From `perceptual_hash`.
    most : int
        Bits in which two of them may differ.

    Returns
    -------
    list of list of int
        Positions, each group with two pictures or more; a picture may join by any one of its group.
    """
    known = np.array(hashes, dtype=np.uint64)
    parent = list(range(len(known)))

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    for place in range(len(known) - 1):
        differing = np.bitwise_count(known[place + 1 :] ^ known[place])
        for other in np.flatnonzero(differing <= most):
            first, second = root(place), root(place + 1 + int(other))
            parent[max(first, second)] = min(first, second)
    groups: dict[int, list[int]] = {}
    for place in range(len(known)):
        groups.setdefault(root(place), []).append(place)
    return [group for group in groups.values() if len(group) > 1]
