"""How many clean images a second one core reads from a store, and how much of that is decoding.

    python benchmarks/reading.py STORE [--images 270]

Reads from the page cache: the disk is not measured. Images are read as a training reads them, in
random order to float32 electrons per pixel, and the same integers through Zarr, image by image and
in whole shards. The floor is the time that the codec alone takes for them from bytes in memory; the
rest is files, the unpacking to float32, and what a general reader does.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable

import numcodecs.blosc
import numpy as np
import zarr

from tembench.dataset import Store, open_store


def seconds(work: Callable[[], object]) -> float:
    """CPU seconds of the second of two runs; the first fills the cache."""
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

    clean = store.array("clean")
    ways: dict[str, Callable[[], object]] = {
        "Store.clean, random order": lambda: [store.clean(image) is None for image in order],
        "Zarr, random order": lambda: [clean[image] is None for image in order],
        "Zarr, whole shards": lambda: [
            clean[first : first + per_shard] is None for first in images[::per_shard]
        ],
    }
    floor = codec_seconds(store, images) / len(images)
    print(f"{len(images)} images of {store.shape[0]} x {store.shape[1]} px on one core")
    for name, work in ways.items():
        each = seconds(work) / len(images)
        print(f"{name:26} {1 / each:6.0f} images/s, {floor / each:.0%} of it decoding")


if __name__ == "__main__":
    main()
