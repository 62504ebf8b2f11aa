"""Fine-tuning of the last block of the network that is used: on kept maps, with altered copies and mixup."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from medtune.images.network import BLOCKS, WIDTH, as_batch, maps, quick_network

GRID = 8  # rows and columns of the maps before the last block, at 128 pixels
BATCH = 32
MOST_EPOCHS, PATIENCE = 20, 3
RATE, HEAD_RATE = 3e-4, 1e-3
MIXED = 0.2  # both parameters of the Beta distribution of mixup
TURN, SHIFT, LIGHT = 10.0, 0.07, 0.2  # degrees, share of a side, share of the brightness and of the contrast


@dataclass(frozen=True, eq=False)
class Examples:
    """Pictures as the last block gets them, each also altered, and what else is known of them.

    Attributes
    ----------
    maps : ndarray of float16, shape (n, 1 + copies, 112, 8, 8)
        Of the picture as it is, then of its altered copies.
    rest : ndarray of shape (n,)
        Log-odds by everything but the network; the block learns what these leave.
    y : ndarray of shape (n,)
        0 or 1.
    """

    maps: np.ndarray
    rest: np.ndarray
    y: np.ndarray

    def take(self, rows: np.ndarray) -> Examples:
        """Some of them."""
        return Examples(self.maps[rows], self.rest[rows], self.y[rows])


@dataclass(frozen=True, eq=False)
class Tuned:
    """The last block and the linear head on the means of its maps.

    Attributes
    ----------
    block : dict of str to ndarray
        Weights of the block that were changed, by name.
    head : ndarray of shape (112,)
        What each mean adds to the log-odds.
    intercept : float
    """

    block: dict[str, np.ndarray]
    head: np.ndarray
    intercept: float


def altered_copy(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A picture as it might also have been taken: mirrored, turned, moved, brighter or darker, in random measure.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (height, width) or (height, width, 3)
    rng : Generator

    Returns
    -------
    ndarray of uint8, same shape
    """
    from scipy.ndimage import affine_transform

    angle = np.deg2rad(rng.uniform(-TURN, TURN))
    turned = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turned[:, 1] *= rng.choice([-1, 1])  # mirrored left to right
    sides = np.array(pixels.shape[:2])
    middle = (sides - 1) / 2
    offset = middle - turned @ middle + rng.uniform(-SHIFT, SHIFT, 2) * sides
    layers = pixels[..., None] if pixels.ndim == 2 else pixels
    values = np.empty(layers.shape)
    for place in range(layers.shape[-1]):
        layer = layers[..., place].astype(float)
        values[..., place] = affine_transform(layer, turned, offset, order=1, mode="nearest")
    values = values.reshape(pixels.shape)
    contrast, light = 1 + rng.uniform(-LIGHT, LIGHT, 2)
    return np.clip(np.round((values - values.mean()) * contrast + values.mean() * light), 0, 255).astype(np.uint8)


def maps_before(pictures: Sequence[np.ndarray]) -> np.ndarray:
    """What the blocks before the last one make of pictures; float16, shape (n, 112, 8, 8)."""
    import torch

    found = [np.empty((0, WIDTH, GRID, GRID), np.float16)]
    with torch.inference_mode():
        for start in range(0, len(pictures), BATCH):
            batch = torch.from_numpy(as_batch(pictures[start : start + BATCH]))
            found.append(maps(batch, BLOCKS - 1).numpy().astype(np.float16))
    return np.concatenate(found)


def means_after(before: np.ndarray, block: dict[str, np.ndarray] | None = None) -> np.ndarray:
    """The means of the maps of the last block; float64, shape (n, 112).

    Parameters
    ----------
    before : ndarray of shape (n, 112, 8, 8)
        From `maps_before`.
    block : dict of str to ndarray, optional
        Changed weights; as they came unless given.
    """
    import torch

    last, found = _block(block), [np.empty((0, WIDTH))]
    with torch.inference_mode():
        for start in range(0, len(before), BATCH):
            part = _tensor(before[start : start + BATCH])
            found.append(last(part).mean((2, 3)).numpy().astype(np.float64))
    return np.concatenate(found)


def _block(weights: dict[str, np.ndarray] | None = None):
    """The last block by itself; its normalisation is part of its convolutions."""
    import torch

    last = copy.deepcopy(quick_network()._blocks[BLOCKS - 1])
    if weights is not None:
        last.load_state_dict({name: torch.from_numpy(values) for name, values in weights.items()}, strict=False)
    return last


def _tensor(before: np.ndarray):
    import torch

    return torch.from_numpy(before.astype(np.float32)).to(memory_format=torch.channels_last)


class Trainer:
    """Trains block and head together, epoch by epoch, from where they stand.

    Parameters
    ----------
    examples : Examples
        To learn from.
    start : Tuned
        The head as it was fitted to the frozen network.
    ridge : float
        Penalty on half the squared head, and of the block toward how it came, by the mean log-loss.
    seed : int
    """

    def __init__(self, examples: Examples, start: Tuned, ridge: float, seed: int) -> None:
        import torch

        self.examples, self.ridge, self.rng = examples, ridge, np.random.default_rng(seed)
        self.last = _block(start.block or None)
        self.weights = {name: value for name, value in self.last.named_parameters() if "conv" in name}
        self.came = {name: value.detach().clone() for name, value in self.weights.items()}
        for value in self.weights.values():
            value.requires_grad_(True)
        self.head = torch.tensor(start.head, dtype=torch.float32, requires_grad=True)
        self.intercept = torch.tensor(start.intercept, dtype=torch.float32, requires_grad=True)
        groups = [{"params": list(self.weights.values()), "lr": RATE}]
        # In proportion to the head, whose weights are as large as the maps are small.
        own = HEAD_RATE * float(np.abs(start.head).mean() + 0.01)
        groups.append({"params": [self.head, self.intercept], "lr": own})
        self.steps = torch.optim.Adam(groups)

    def epoch(self) -> None:
        """Each picture once: as it is or as one of its copies, mixed with another."""
        import torch

        given = self.examples
        order, copies = self.rng.permutation(len(given.y)), given.maps.shape[1]
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            seen = _tensor(given.maps[rows, self.rng.integers(copies, size=len(rows))])
            target = torch.from_numpy(given.y[rows].astype(np.float32))
            rest = torch.from_numpy(given.rest[rows].astype(np.float32))
            share, other = float(self.rng.beta(MIXED, MIXED)), torch.from_numpy(self.rng.permutation(len(rows)))
            seen, target, rest = (share * one + (1 - share) * one[other] for one in (seen, target, rest))
            odds = self.last(seen).mean((2, 3)) @ self.head + self.intercept + rest
            loss = torch.nn.functional.binary_cross_entropy_with_logits(odds, target)
            away = sum(((value - self.came[name]) ** 2).sum() for name, value in self.weights.items())
            self.steps.zero_grad()
            (loss + self.ridge / 2 * away).backward()
            self.steps.step()

    def now(self) -> Tuned:
        """Block and head as they stand."""
        block = {name: value.detach().numpy().copy() for name, value in self.weights.items()}
        return Tuned(block, self.head.detach().numpy().astype(np.float64), float(self.intercept.detach()))


def log_odds(examples: Examples, tuned: Tuned) -> np.ndarray:
    """Log-odds of the pictures as they are; shape (n,)."""
    means = means_after(examples.maps[:, 0], tuned.block)
    return means @ tuned.head + tuned.intercept + examples.rest
