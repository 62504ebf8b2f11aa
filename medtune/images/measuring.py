"""The predictors of pictures: which numbers are measured in each, and measuring many on all cores."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from medtune.foundation.errors import PicturesError
from medtune.foundation.settings import Family
from medtune.foundation.words import Sentence, say
from medtune.images.classic import CLASSIC, classic
from medtune.images.network import NETWORK, network_here

CHUNK = 32
# Ridge of a head on some hundred measures: measured on 524 chest X-rays and on drawn lesions, see docs/images.md.
HEAD = Family("logistic", strength=30.0)


@dataclass(frozen=True)
class Measures:
    """A set of numbers measured in each picture.

    Attributes
    ----------
    key : str
        Part of file names; another where the numbers are others.
    names : tuple of str
        Of the predictors.
    meaning : Sentence
        What they are, for a page.
    """

    key: str
    names: tuple[str, ...]
    meaning: Sentence

    @property
    def with_network(self) -> bool:
        """Whether a trained network takes part."""
        return self.key == WITH_NETWORK.key


PLAIN = Measures(
    "classic1",
    CLASSIC,
    say(
        "Measured in each picture: {count} numbers of brightness, layout, edges and texture. A pretrained network "
        "would add to them; it comes with the packages in requirements-images.txt, which are not installed here.",
        count=len(CLASSIC),
    ),
)
WITH_NETWORK = Measures(
    "lite0-classic1",
    (*NETWORK, *CLASSIC),
    say(
        "Measured in each picture: {net} numbers of a network trained on photographs (EfficientNet-Lite0, unchanged), "
        "and {count} of brightness, layout, edges and texture.",
        net=len(NETWORK),
        count=len(CLASSIC),
    ),
)
ALL = {measures.key: measures for measures in (PLAIN, WITH_NETWORK)}


def measures_here() -> Measures:
    """The best measures that can be had with what is installed."""
    return WITH_NETWORK if network_here() else PLAIN


def measures_of(columns: Sequence[str]) -> Measures | None:
    """The measures among which all these columns are; None where some are measured otherwise."""
    named = set(columns)
    return next((measures for measures in (PLAIN, WITH_NETWORK) if named <= set(measures.names)), None)


def measure(pictures: Sequence[np.ndarray], measures: Measures) -> np.ndarray:
    """Measure some pictures in this process.

    Parameters
    ----------
    pictures : sequence of ndarray of uint8, shape (height, width) or (height, width, 3)
    measures : Measures

    Returns
    -------
    ndarray of float64, shape (n, measures)

    Raises
    ------
    PicturesError
        When the network is needed and its packages are not installed.
    """
    plain = np.array([classic(pixels) for pixels in pictures]).reshape(len(pictures), len(CLASSIC))
    if not measures.with_network:
        return plain
    if not network_here():
        raise PicturesError(
            "These pictures need the pretrained network; install the packages in requirements-images.txt."
        )
    from medtune.images.network import embed

    return np.concatenate([embed(pictures), plain], axis=1)


def measure_many(
    count: int, get: Callable[[int], np.ndarray], measures: Measures, step: Callable[[int], None] = lambda n: None
) -> Iterator[tuple[slice, np.ndarray]]:
    """Measure many pictures on all cores, chunk by chunk.

    Parameters
    ----------
    count : int
        How many there are.
    get : callable
        Gives the pixels of the picture at a position; it is called in other processes.
    measures : Measures
    step : callable
        Told how many more pictures are done.

    Yields
    ------
    tuple of slice and ndarray
        The positions, and the numbers measured there, in order.
    """
    from joblib import Parallel, delayed

    chunks = [slice(start, min(start + CHUNK, count)) for start in range(0, count, CHUNK)]
    cores = max(min(os.cpu_count() or 1, len(chunks)), 1)
    done = Parallel(n_jobs=cores, return_as="generator")(delayed(_chunk)(get, part, measures) for part in chunks)
    for part, values in zip(chunks, done, strict=True):
        step(part.stop - part.start)
        yield part, values


def _chunk(get: Callable[[int], np.ndarray], part: slice, measures: Measures) -> np.ndarray:
    if measures.with_network:
        import torch

        torch.set_num_threads(1)  # each core has a process of its own
    return measure([get(place) for place in range(part.start, part.stop)], measures)
