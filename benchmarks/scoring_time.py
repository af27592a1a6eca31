"""Time of scoring with every metric, compared with the same definitions written with scikit-image.

    python benchmarks/scoring_time.py OUTPUTS STORE [--images 60] [--workers 2]

OUTPUTS is a folder that `tembench denoise` made from STORE. All of its images are scored as
`tembench score` does, with worker processes; then some of them are scored one at a time with the
functions that such definitions are usually written with: `blob_log`, `structural_similarity`,
`peak_signal_noise_ratio`, `gaussian`, `disk`, NumPy's FFT and SciPy's assignment. Both use the same
images in one run; the largest difference of each metric that both compute is printed as well.
"""

from __future__ import annotations

import argparse
import functools
import resource
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import scipy.optimize
from skimage.draw import disk
from skimage.feature import blob_log
from skimage.filters import gaussian
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from tembench.dataset import Store, open_store
from tembench.metrics import METRICS, MetricInputs
from tembench.metrics.columns import CLEAN_THRESHOLD, DENOISED_THRESHOLD, SIGMA_A
from tembench.metrics.frc import BAND_PER_A, STEP_PER_A, STEPS_PER_RING
from tembench.metrics.inputs import DISC_A
from tembench.metrics.matching import MATCH_A
from tembench.metrics.paper_protocol import released_counts, surface_points
from tembench.ranking import metric_inputs, read_outputs, score_outputs


def paired(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Indices of the first points that an optimal assignment pairs within the radius."""
    if len(first) == 0 or len(second) == 0:
        return np.zeros(0, dtype=int)
    distance = np.hypot(*(first[:, None] - second[None]).transpose(2, 0, 1))
    cost = np.where(distance <= MATCH_A, distance - 1e3, 0.0)
    rows, columns = scipy.optimize.linear_sum_assignment(cost)
    return rows[cost[rows, columns] < 0]


def blobs_A(image: np.ndarray, threshold: float, pixel_A: float) -> np.ndarray:
    sigma = SIGMA_A / pixel_A
    found = blob_log(
        image.astype(np.float64), min_sigma=sigma, max_sigma=sigma, num_sigma=1, threshold=threshold
    )
    return found[:, [1, 0]] * pixel_A


@functools.lru_cache
def annuli(shape: tuple[int, int], pixel_A: float) -> np.ndarray:
    k = np.hypot(*np.meshgrid(*(np.fft.fftfreq(size, pixel_A) for size in shape)))
    return np.clip((k / STEP_PER_A).astype(int), 0, int(BAND_PER_A[1] / STEP_PER_A))


def rings(clean: np.ndarray, denoised: np.ndarray, pixel_A: float) -> np.ndarray:
    a, b = (np.fft.fft2(image - image.mean()) for image in (clean, denoised))
    number = annuli(clean.shape, pixel_A).ravel()
    sums = [
        np.convolve(np.bincount(number, weights=values.ravel()), np.ones(STEPS_PER_RING))
        for values in ((a * b.conj()).real, np.abs(a) ** 2, np.abs(b) ** 2)
    ]
    return sums[0] / np.maximum(np.sqrt(sums[1] * sums[2]), 1e-300)


def disc_mean(image: np.ndarray, xy_px: np.ndarray, radius: float) -> np.ndarray:
    return np.array(
        [image[disk((y, x), radius, shape=image.shape)].mean() for x, y in np.rint(xy_px)]
    )


def with_scikit_image(inputs: MetricInputs) -> dict[str, float]:
    """Metrics of one image, by name, as usually implemented."""
    clean, denoised = (i.astype(np.float64) for i in (inputs.clean, inputs.denoised))
    grey = [np.clip(image * 255, 0, 255) for image in (clean, denoised)]
    pixel_A, dose, sites = inputs.pixel_size_A, inputs.dose_e_per_px, inputs.sites
    mse = float(((denoised - clean) ** 2).mean())
    values = {
        "psnr_db": peak_signal_noise_ratio(*grey, data_range=255),
        "ssim": structural_similarity(*grey, data_range=255),
        "mse": mse,
        "skill": 1 - mse / float(((clean - dose) ** 2).mean()),
        "particle_skill": 1
        - ((denoised - clean)[inputs.particle_mask] ** 2).mean()
        / ((clean - dose)[inputs.particle_mask] ** 2).mean(),
        "vacuum_ripple": float((denoised - clean)[inputs.vacuum_mask].std()) / dose,
    }
    rings(clean, denoised, pixel_A)
    shown, weak, found = (
        blobs_A(image, threshold, pixel_A)
        for image, threshold in (
            (clean, CLEAN_THRESHOLD),
            (clean, DENOISED_THRESHOLD),
            (denoised, DENOISED_THRESHOLD),
        )
    )
    columns_A = sites.xy_A[sites.columns]
    paired(columns_A, weak)
    shown_A = columns_A[paired(columns_A, shown)]
    values["column_recall"] = len(paired(shown_A, found)) / max(len(shown_A), 1)
    floor_A = columns_A[:, 1].max() + MATCH_A
    counts = released_counts(
        *(points[surface_points(points, floor_A)] for points in (shown, found))
    )
    values["released_f1"] = counts.f1
    for image in (clean, denoised):
        for sigma_A in (0.375, 0.75):
            gaussian(image, sigma_A / pixel_A)
    radius, xy_px = DISC_A / pixel_A, columns_A / pixel_A
    rate = np.maximum(disc_mean(denoised, xy_px, radius), 1e-3 * dose)
    seen = np.array([disc_mean(copy, xy_px, radius) for copy in (inputs.noisy, *inputs.copies)])
    values["llr_columns"] = float((seen[1:] * np.log(rate / dose) - (rate - dose)).mean())
    a, b, c = (copy.astype(np.float64) for copy in inputs.copies)
    rate_map = np.maximum(denoised, 1e-3 * dose)
    values["llr_pixels"] = float(
        ((a + b + c) / 3 * np.log(rate_map / dose) - (rate_map - dose)).mean()
    )
    values["umse"] = float(((a - denoised) ** 2).mean() - ((b - c) ** 2).mean() / 2)
    pairs = ((a, b), (a, c), (b, c))
    values["umse_product"] = float(
        np.mean([((denoised - u) * (denoised - v)).mean() for u, v in pairs])
    )
    smooth = gaussian(inputs.noisy.astype(np.float64), 0.5 / pixel_A, mode="reflect")
    values["umse_paired"] = float(
        (denoised**2 - smooth**2 - 2 * (a + b + c) / 3 * (denoised - smooth)).mean()
    )
    return values


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("outputs", type=Path)
    parser.add_argument("store")
    parser.add_argument("--images", type=int, default=60)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    store = open_store(arguments.store)
    ours, total = timed_score(arguments.outputs, store, arguments.workers)
    reader = read_outputs(arguments.outputs, store).reader()
    images = [int(image) for image in store.images()]
    images = images[:: max(1, len(images) // arguments.images)]
    first = metric_inputs(store, images[0], reader.denoised(images[0]))
    with_scikit_image(first)
    worst: dict[str, float] = {}
    theirs = 0.0
    for image in images:
        started = time.perf_counter()
        inputs = metric_inputs(store, image, reader.denoised(image))
        values = with_scikit_image(inputs)
        theirs += (time.perf_counter() - started) / len(images)
        # This implementation does not look for dark columns.
        if inputs.truth.sign > 0:
            for name, value in values.items():
                difference = abs(value - float(ours.loc[image, name]))
                worst[name] = max(worst.get(name, 0.0), difference)
    count = len(ours)
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
    print(f"{count} images of {store.shape[0]} x {store.shape[1]} px, {len(METRICS)} metrics")
    print(
        f"tembench score   {total:6.1f} s, {1e3 * total / count:6.1f} ms per image with "
        f"{arguments.workers} workers, at most {memory:.2f} GB in one of them"
    )
    print(
        f"scikit-image     {theirs * count:6.1f} s, {1e3 * theirs:6.1f} ms per image, one at a time"
    )
    print(f"ratio            {theirs * count / total:.1f}")
    for name, difference in worst.items():
        print(f"largest difference of {name:16}{difference:.2g} {METRICS[name].unit}")


def timed_score(outputs: Path, store: Store, workers: int) -> tuple[pd.DataFrame, float]:
    """Score a copy of the outputs from scratch, including the start of the processes."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "outputs"
        shutil.copytree(outputs, copy, ignore=shutil.ignore_patterns("scores*", "panel.png"))
        started = time.perf_counter()
        scores = score_outputs(copy, store, workers=workers).scores
        return scores.set_index("image"), time.perf_counter() - started


if __name__ == "__main__":
    main()
