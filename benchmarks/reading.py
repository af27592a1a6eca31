"""Speed of reading a store on one core: images, and pairs for training beside plain xarray.

    python benchmarks/reading.py STORE [--images 270]

Reads from the page cache, so the disk is not measured. Images are read as in training, in random
order and as float32 electrons per pixel; the same integers are read through Zarr, image by image
and in whole shards. The floor is the time of the codec alone on bytes in memory; the rest is file
access, conversion to float32, and the overhead of a general reader.

Pairs are of crops of 100 x 100 bins of 8 px (or as large as the images allow), by
`tembench.torch.NoisyCleanPairs` and by a data set over `xarray.open_zarr` that does the same in the
obvious way: crop, Poisson noise in pixels, sums over bins. Both are read by a torch ``DataLoader``
in the process itself, in one run.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable

import numcodecs.blosc
import numpy as np
import torch
import xarray as xr
import zarr
from torch.utils.data import DataLoader, Dataset

from tembench.dataset import Store, open_store
from tembench.torch import NoisyCleanPairs

_BINNING = 8


def seconds(work: Callable[[], object]) -> float:
    """CPU seconds of the second of two runs; the first one fills the page cache."""
    work()
    started = time.process_time()
    work()
    return time.process_time() - started


def codec_seconds(store: Store, images: list[int]) -> float:
    codec = numcodecs.blosc.Blosc(
        cname="zstd", clevel=2, shuffle=1, blocksize=2 * store.shape[0] * store.shape[1], typesize=2
    )
    encoded = [codec.encode(store.packed(image)) for image in images]
    buffer = np.empty(store.shape, dtype=np.uint16)
    return seconds(lambda: [codec.decode(chunk, buffer) is None for chunk in encoded])


class PlainPairs(Dataset[tuple[torch.Tensor, torch.Tensor]]):
    """Noisy and clean crops, in bins, by xarray alone."""

    def __init__(self, path: str, images: np.ndarray, crop: int) -> None:
        self._clean = xr.open_zarr(path)["clean"]
        self._images, self._side = images, crop * _BINNING

    def __len__(self) -> int:
        return len(self._images)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, torch.Tensor]:
        random = np.random.default_rng(index)
        height, width = self._clean.shape[1:]
        top, left = (int(random.integers(size - self._side + 1)) for size in (height, width))
        image = self._clean[int(self._images[index])]
        crop = image[top : top + self._side, left : left + self._side].to_numpy()
        noisy, clean = (
            values.reshape(-1, _BINNING, self._side // _BINNING, _BINNING).sum((1, 3))
            for values in (random.poisson(crop), crop)
        )
        return torch.as_tensor(noisy, dtype=torch.float32), torch.as_tensor(clean).float()


def pairs_per_second(pairs: Dataset[object], count: int) -> float:
    subset = torch.utils.data.Subset(pairs, range(count))
    loader = DataLoader(subset, batch_size=8)
    for _ in loader:  # the first pass fills the page cache
        pass
    started = time.perf_counter()
    for _ in loader:
        pass
    return count / (time.perf_counter() - started)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("store")
    parser.add_argument("--images", type=int, default=270)
    arguments = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    zarr.config.set({"async.concurrency": 1, "threading.max_workers": 1})
    store = open_store(arguments.store)
    per_shard = store.recipe.images_per_shard
    random = np.random.default_rng(0)
    shards = random.permutation(store.recipe.n_images // per_shard)
    shards = shards[: max(1, arguments.images // per_shard)]
    images = [
        image for shard in shards for image in range(shard * per_shard, (shard + 1) * per_shard)
    ]
    order = random.permutation(images).tolist()

    clean = store.files.array("clean")
    variants: dict[str, Callable[[], object]] = {
        "Store.clean, random order": lambda: [store.clean(image) is None for image in order],
        "Zarr, random order": lambda: [clean[image] is None for image in order],
        "Zarr, whole shards": lambda: [
            clean[first : first + per_shard] is None for first in images[::per_shard]
        ],
    }
    floor = codec_seconds(store, images) / len(images)
    print(f"{len(images)} images of {store.shape[0]} x {store.shape[1]} px on one core")
    for name, work in variants.items():
        each = seconds(work) / len(images)
        print(f"{name:26} {1 / each:6.0f} images/s, {floor / each:.0%} of it decoding")
    crop = min(100, *(side // _BINNING for side in store.shape))
    ours = NoisyCleanPairs(store, crop=crop, binning=_BINNING)
    plain = PlainPairs(arguments.store, ours.images, crop)
    speeds = [pairs_per_second(pairs, min(arguments.images, len(ours))) for pairs in (ours, plain)]
    print(
        f"pairs of {crop} x {crop} bins: {speeds[0]:.0f}/s, by plain xarray {speeds[1]:.1f}/s, "
        f"{speeds[0] / speeds[1]:.1f} times as many"
    )


if __name__ == "__main__":
    main()
