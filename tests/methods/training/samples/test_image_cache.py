"""Cache of clean images."""

from __future__ import annotations

import torch
from training_fakes import DOSE

from tembench.methods.protocol import TrainingData
from tembench.methods.training.samples.image_cache import ImageCache

CPU = torch.device("cpu")


def test_images_that_do_not_fit_are_read_from_their_source(data: TrainingData) -> None:
    held, read = (ImageCache(data.train, DOSE, CPU, memory_GB) for memory_GB in (1.0, 0.0))
    assert (held.on_device, read.on_device) == (True, False)
    # Held in steps of 2^-15 e/px, as in a store.
    assert torch.allclose(held.crop(2, 3, 5, 40), read.crop(2, 3, 5, 40), rtol=0, atol=2**-16)
    assert held.digest() == read.digest()
