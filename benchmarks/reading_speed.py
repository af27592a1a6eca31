"""Speed of reading clean images from a store on one core, and the share of it that is decoding.

    python benchmarks/reading_speed.py STORE [--images 270]

Reads from the page cache, so the disk is not measured. Images are read as in training, in random
order and as float32 electrons per pixel; the same integers are read through Zarr, image by image
and in whole shards. The floor is the time of the codec alone on bytes in memory; the rest is file
access, conversion to float32, and the overhead of a general reader.
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


if __name__ == "__main__":
    main()
