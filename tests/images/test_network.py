"""The pretrained network: frozen, deterministic, better with it than the sentence that it is missing."""

import numpy as np
import pytest

from medtune.foundation.errors import PicturesError
from medtune.images import measuring
from medtune.images.measuring import PLAIN, WITH_NETWORK, measure, measures_here
from medtune.images.network import network_here
from tests.images.pictures import drawn

needs_network = pytest.mark.skipif(not network_here(), reason="the packages of requirements-images.txt are not here")


def test_without_the_packages_classic_measures_serve_and_say_so(monkeypatch):
    monkeypatch.setattr(measuring, "network_here", lambda: False)
    assert measures_here() is PLAIN
    assert "requirements-images.txt" in str(PLAIN.meaning)
    with pytest.raises(PicturesError, match=r"requirements-images\.txt"):
        measure([drawn(1)], WITH_NETWORK)


@needs_network
def test_the_network_measures_any_picture_and_stays_as_it_is():
    from medtune.images.network import embed, network

    before = {name: values.clone() for name, values in network().state_dict().items()}
    pictures = [drawn(1), drawn(2, side=60, colour=True), np.zeros((9, 300), np.uint8)]
    found = embed(pictures)
    assert found.shape == (3, 112)
    assert np.isfinite(found).all()
    assert np.allclose(embed(pictures[1:2]), found[1:2], atol=1e-4)
    assert all((values == before[name]).all() for name, values in network().state_dict().items())
    assert not any(parameter.requires_grad for parameter in network().parameters())


@needs_network
def test_rough_and_smooth_differ_in_the_embedding():
    from medtune.images.network import embed

    found = embed([drawn(place, side=64, rough=place % 2 == 1) for place in range(20)])
    found = (found - found.mean(0)) / (found.std(0) + 1e-9)
    between = np.linalg.norm(found[::2].mean(0) - found[1::2].mean(0))
    assert between > np.linalg.norm(found[:10].mean(0) - found[10:].mean(0))
