"""Gain, offset, read noise and correlation estimated from simulated images of known cameras.

    python benchmarks/camera_estimates.py [--images 400] [--side 512] [--frames 16]
        [--tables gain offset movie spread false-alarms detection]

Images are crystals simulated with tembench's own multislice (at 0.0625 angstrom per pixel, and
binned to 0.2), drawn lattices of 10 to 130 px (4 angstrom at 0.03 per pixel), and vacuum, in turn.
The doses are 0.1, 0.45 and 2 electrons per pixel, the gain is 8.3. Prints the tables of
docs/micrographs.md: bias and scatter of what is found, the half width of its 95 % interval, and the
share of intervals that contain the truth.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator

import numpy as np
from crystal_models import SPECIMENS, image_of
from scipy import ndimage

from tembench.core import ImageError, markdown_table, seed_sequence
from tembench.micrographs.camera_noise import (
    GainEstimate,
    counting_of,
    estimate_gain,
    measure_correlation,
)
from tembench.micrographs.electrons import resample

DOSES, GAIN, OFFSET, READ_E = (0.1, 0.45, 2.0), 8.3, 100.0, 0.3
QUANTA = 30
Draw = np.random.Generator


def scenes(side: int) -> dict[str, np.ndarray]:
    """Expected electrons (y, x) of images of one electron per pixel in vacuum."""
    made = {"vacuum": np.ones((side, side))}
    y, x = np.mgrid[:side, :side]
    for period_px in (10.0, 14.3, 40.0, 130.0):
        waves = np.cos(2 * np.pi * x / period_px)
        waves = waves + np.cos(2 * np.pi * (0.5 * x + 0.866 * y) / period_px)
        made[f"lattice of {period_px:g} px"] = (1 + 0.25 * waves) * np.where(y > 0.4 * side, 0.7, 1)
    for specimen in (SPECIMENS[2], SPECIMENS[5], SPECIMENS[10]):
        fine = np.maximum(image_of(*specimen)[0], 0)
        coarse = resample(fine, 0.3125, (250, 250)).astype(np.float64)
        for name, image in ((specimen[0], fine), (f"{specimen[0]}, 0.2 Å/px", coarse)):
            tiles = [-(-side // length) for length in image.shape]
            mirrored = np.concatenate([image, image[::-1]])
            mirrored = np.concatenate([mirrored, mirrored[:, ::-1]], axis=1)
            made[name] = np.tile(mirrored, tiles)[:side, :side]
    return made


def draws(
    made: dict[str, np.ndarray], dose: float, images: int, table: str
) -> Iterator[tuple[np.ndarray, Draw]]:
    """Expected electrons (y, x) of each image in turn, and the generator of its noise."""
    names = list(made)
    for index in range(images):
        seed = seed_sequence(index, f"camera estimates, {table}, {dose}")
        yield made[names[index % len(names)]] * dose, np.random.default_rng(seed)


def row(values: list[GainEstimate], read_e: float, offset: float, gain: float = GAIN) -> list[str]:
    """Bias, scatter, half width and coverage of those that are determinate."""
    used = [value for value in values if value.determinate]
    if not used:
        return ["-"] * 5 + [f"{len(values)}"]
    gains = np.array([value.gain for value in used]) / gain - 1
    ends = np.array([value.gain_interval for value in used])
    offsets = np.array([value.offset for value in used]) - offset
    covered = np.mean((ends[:, 0] <= gain) & (gain <= ends[:, 1]))
    offset_ends = np.array([value.offset_interval for value in used])
    held = np.mean((offset_ends[:, 0] <= offset) & (offset <= offset_ends[:, 1]))
    read = [value.read_noise_e or 0.0 for value in used]
    return [
        f"{100 * gains.mean():+.1f}, {100 * gains.std():.1f}",
        f"{50 * np.mean(np.diff(ends) / gain):.1f}",
        f"{100 * covered:.0f}",
        f"{offsets.mean() / gain:+.3f}, {offsets.std() / gain:.3f}; {100 * held:.0f}",
        f"{np.mean(read):.2f}, {np.std(read):.2f}" if read_e else "-",
        f"{len(values) - len(used)}",
    ]


COLUMNS = (
    "e/px", "read noise, e", "offset", "gain: bias, scatter, %", "half width, %", "coverage, %",
    "offset: bias, scatter, e; coverage, %", "read noise found, e", "refused",
)  # fmt: skip


def gain_table(made: dict[str, np.ndarray], images: int, frames: int, kind: str) -> str:
    """One image with its offset unknown or given, or a movie that drifts by a pixel a frame."""
    rows = []
    for read_e in (0.0, READ_E):
        for offset in (0.0, OFFSET):
            for dose in DOSES:
                found = []
                number = images if kind != "movie" else max(2, images // frames)
                for expected, draw in draws(made, dose, number, kind):
                    recorded = []
                    for index in range(frames if kind == "movie" else 1):
                        moved = np.roll(expected, (index, index), axis=(0, 1))
                        noise = read_e * draw.standard_normal(expected.shape)
                        recorded.append(offset + GAIN * (draw.poisson(moved) + noise))
                    known = offset if kind == "offset" else None
                    found.append(estimate_gain(recorded, offset=known))
                rows.append(
                    [f"{dose:g}", f"{read_e:g}", f"{offset:g}", *row(found, read_e, offset)]
                )
    return markdown_table([COLUMNS, *rows])


def spread_out(counts: np.ndarray, spread_px: float) -> np.ndarray:
    return ndimage.gaussian_filter(counts.astype(np.float64), spread_px, truncate=6)


def scintillated(spread_px: float) -> Callable[[np.ndarray, Draw], np.ndarray]:
    """A camera that turns an electron into quanta, spread before they are counted."""
    return lambda counts, draw: draw.poisson(QUANTA * spread_out(counts, spread_px)) / QUANTA


def blurred(spread_px: float) -> Callable[[np.ndarray, Draw], np.ndarray]:
    return lambda counts, draw: spread_out(counts, spread_px)


def doubled(share: float) -> Callable[[np.ndarray, Draw], np.ndarray]:
    """A camera that counts some electrons again in one of the four next pixels."""

    def record(counts: np.ndarray, draw: Draw) -> np.ndarray:
        again, total = draw.binomial(counts, share), counts.copy()
        for left, (axis, step) in zip(
            (4, 3, 2, 1), ((0, 1), (0, -1), (1, 1), (1, -1)), strict=True
        ):
            part = draw.binomial(again, 1 / left)
            again = again - part
            total = total + np.roll(part, step, axis)
        return total

    return record


def spread_table(made: dict[str, np.ndarray], images: int) -> str:
    """Gains where electrons reach their neighbours, with and without the extrapolation."""
    rows = []
    for spread_px in (0.5, 0.9):
        for dose in DOSES:
            plain, found = [], []
            for expected, draw in draws(made, dose, images, f"spread {spread_px}"):
                values = GAIN * scintillated(spread_px)(draw.poisson(expected), draw)
                correlation = measure_correlation([values])
                plain.append(estimate_gain([values], offset=0.0).gain / GAIN)
                found.append(estimate_gain([values], offset=0.0, correlation=correlation))
            cells = row(found, 0.0, 0.0, GAIN * (1 + 1 / QUANTA))
            rows.append([f"{spread_px:g}", f"{dose:g}", f"{np.mean(plain):.3f}", *cells[:3]])
    columns = ("point spread, px", "e/px", "gain without, of the true one", *COLUMNS[3:6])
    return markdown_table([columns, *rows])


def false_alarm_table(made: dict[str, np.ndarray], images: int) -> str:
    """Alarms of correlation, and values not taken as they are, where counts are white."""
    rows = []
    for dose in (*DOSES, 20.0):
        alarms = converted = 0
        scores = []
        for expected, draw in draws(made, dose, images, "false alarms"):
            try:
                counting = counting_of([draw.poisson(expected)])
            except ImageError:
                converted += 1
                continue
            found = counting.correlation
            scores.append(found.neighbours / found.standard_error)
            alarms += found.correlated
            converted += counting.gain != 1 or counting.offset != 0
        rows.append([f"{dose:g}", f"{alarms} of {images}", f"{np.std(scores):.2f}", f"{converted}"])
    columns = ("e/px", "false alarms", "sd of correlation / standard error", "counts converted")
    return markdown_table([columns, *rows])


def detection_table(made: dict[str, np.ndarray], images: int) -> str:
    """Images whose correlation is detected, and what it is explained by."""
    cameras = {
        **{f"point spread {px:g} px": blurred(px) for px in (0.3, 0.4, 0.5, 0.9)},
        "scintillator, point spread 0.9 px": scintillated(0.9),
        **{f"{100 * share:g} % counted twice": doubled(share) for share in (0.01, 0.05, 0.2)},
    }
    rows = []
    for name, record in cameras.items():
        for dose in DOSES:
            found = []
            for expected, draw in draws(made, dose, images, name):
                found.append(measure_correlation([record(draw.poisson(expected), draw)]))
            twice = [f.doubled for f in found if f.doubled is not None]
            rows.append(
                [
                    name,
                    f"{dose:g}",
                    f"{np.mean([f.neighbours for f in found]):.4f}",
                    f"{100 * np.mean([f.correlated for f in found]):.0f}",
                    f"{np.mean([f.reach_px for f in found]):.1f}",
                    f"{np.mean([f.spread_px for f in found]):.2f}",
                    f"{100 * len(twice) / len(found):.0f}: {100 * np.mean(twice or [0]):.1f}",
                ]
            )
    columns = (
        "camera", "e/px", "correlation", "detected, %", "reach, px", "point spread, px",
        "said to be doubled, % of images: % of electrons",
    )  # fmt: skip
    return markdown_table([columns, *rows])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=400)
    parser.add_argument("--side", type=int, default=512)
    parser.add_argument("--frames", type=int, default=16)
    kinds = ("gain", "offset", "movie", "spread", "false-alarms", "detection")
    parser.add_argument("--tables", nargs="+", choices=kinds, default=kinds)
    arguments = parser.parse_args()
    made = scenes(arguments.side)
    for kind in arguments.tables:
        print(f"\n{kind}, {arguments.images} images\n", flush=True)
        if kind in ("gain", "offset", "movie"):
            print(gain_table(made, arguments.images, arguments.frames, kind))
        else:
            tables = {
                "spread": spread_table,
                "false-alarms": false_alarm_table,
                "detection": detection_table,
            }
            print(tables[kind](made, arguments.images))


if __name__ == "__main__":
    main()
