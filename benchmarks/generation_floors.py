"""Time of each stage of generation, compared with the floor of that stage.

    python benchmarks/generation_floors.py STORE [--model PtNp2-D0_flat_40A]

One model of ptceo2-18k is simulated on one core, and its 189 images are encoded. The floor of
multislice and optics is the number of their Fourier transforms times the measured time of one
transform of that size; the floor of encoding is the measured time of the codec alone on images
of STORE.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numcodecs.blosc
import numpy as np
import scipy.fft
import zarr
from threadpoolctl import threadpool_limits

from tembench.core import timed_stages
from tembench.dataset import open_store, simulate_model
from tembench.simulation.multislice import slice_numbers
from tembench.simulation.optics import focal_average
from tembench.simulation.structures import build_structure


def seconds(work: Callable[[], object], repeats: int = 30) -> float:
    """Median time of a call, in seconds."""
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return float(np.median(times))


def transform(shape: tuple[int, int], kind: str = "fft2") -> float:
    """Seconds of a single-precision transform, in place where possible."""
    random = np.random.default_rng(1).standard_normal(shape, dtype=np.float32)
    array = random if kind == "rfft2" else random.astype(np.complex64)
    function = getattr(scipy.fft, kind)
    return seconds(lambda: function(array, overwrite_x=kind != "rfft2"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("store", type=Path)
    parser.add_argument("--model", default="PtNp2-D0_flat_40A")
    arguments = parser.parse_args()
    store = open_store(arguments.store)
    recipe = store.recipe
    number = [model.name for model in recipe.models].index(arguments.model)
    model = recipe.models[number]
    simulation, (height, width) = recipe.simulation, recipe.box.shape
    numcodecs.blosc.set_nthreads(1)
    zarr.config.set({"async.concurrency": 1, "threading.max_workers": 1})
    with threadpool_limits(1):
        simulate_model(recipe, number)  # loads modules and fills tables
        with timed_stages() as stages:
            content = simulate_model(recipe, number)
        slices = len(np.unique(slice_numbers(build_structure(recipe, model), simulation)))
        tilts, images = len(model.tilts_deg), model.n_images
        nodes = len(focal_average(model.defocus_nm, recipe.microscope.focal_spread_nm)[0])
        fine, coarse = simulation.wave_grid[::-1], simulation.detector_grid[::-1]
        rows = round(recipe.box.cell_height_A / recipe.box.pixel_size_A)
        lines = np.zeros((height, width // 2 + 1), dtype=np.complex64)
        columns = np.zeros((rows, 80), dtype=np.complex64)
        an_image = (
            transform(coarse, "rfft2")
            + seconds(lambda: scipy.fft.ifft(columns, axis=0))
            + seconds(lambda: scipy.fft.irfft(lines, n=width, axis=1))
        )
        floors = {
            "multislice": tilts * (2 * slices - 1) * transform(fine),
            "optics": tilts * nodes * transform(coarse, "ifft2") + images * an_image,
        }
        compressor = store.files.array("clean").compressors[0]
        shard = content.packed[:9]
        whole = zarr.create_array(
            zarr.storage.MemoryStore(),
            shape=shard.shape,
            chunks=(1, *shard.shape[1:]),
            dtype="uint16",
            compressors=compressor,
        )
        codec = numcodecs.blosc.Blosc("zstd", compressor.clevel, numcodecs.blosc.SHUFFLE)
        one = np.ascontiguousarray(shard[4])
        stages["encoding (in memory)"] = (
            images / len(shard) * seconds(lambda: whole.__setitem__(slice(None), shard), 5)
        )
        floors["encoding (in memory)"] = images * seconds(lambda: codec.encode(one))
    print(f"{model.name}: {images} images, {slices} slices, {tilts} tilts, {nodes} focal nodes")
    print(f"fine transform {1e3 * transform(fine):.2f} ms, coarse {1e3 * transform(coarse):.2f} ms")
    for name, spent in sorted(stages.items(), key=lambda item: -item[1]):
        floor = floors.get(name)
        apart = "" if floor is None else f", floor {floor:.2f} s: {spent / floor:.2f} times"
        print(f"{name:22} {spent:6.2f} s{apart}")
    print(f"per image: {1e3 * sum(stages.values()) / images:.1f} ms, without digests and noise")


if __name__ == "__main__":
    main()
