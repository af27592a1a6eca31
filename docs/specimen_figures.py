"""Figures of docs/physics-of-draws.md: aberrations, detector noise, and the frames of a movie.

python docs/specimen_figures.py            # draws all of them into docs/
python docs/specimen_figures.py cameras    # or those that are named
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tembench.core import INK, MUTED, figure_of, save_figure
from tembench.recipe.draws.drawn_recipe import Camera
from tembench.simulate import (
    detective_quantum_efficiency,
    modulation_transfer,
    noise_power,
    noise_variance,
    record_with_camera,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DOCS = Path(__file__).parent
BLUE, RED = "#2f6db3", "#c0504d"
POINTS = 7.5

# Round values near those that are measured: McMullan et al., Ultramicroscopy 147, 156 (2014) for
# the direct ones, Ruskin et al., J. Struct. Biol. 184, 385 (2013) for the scintillator.
COUNTING = Camera(
    kind="counting", dqe=0.8, mtf=(1.0, 0.0, 0.25, 1.8), gain=1.0, offset=0.0, read_noise=0.0
)
DIRECT = replace(COUNTING, kind="integrating", dqe=0.5, gain=40.0, offset=200.0, read_noise=10.0)
SCINTILLATOR = replace(DIRECT, dqe=0.7, mtf=(1.0, 0.08, 0.05, 1.3), gain=20.0, read_noise=5.0)
CAMERAS = {"counting": COUNTING, "direct, integrating": DIRECT, "scintillator": SCINTILLATOR}


def draw_cameras() -> Figure:
    """Noise of three cameras, and its measured power against the analytic one."""
    dose, size, number = 2.0, 256, 60
    figure = figure_of(7.4, 4.9, dpi=140)
    axes = figure.subplots(2, 3, height_ratios=(1.25, 1))
    figure.subplots_adjust(left=0.045, right=0.985, top=0.91, bottom=0.1, wspace=0.1, hspace=0.12)
    flat = np.full((size, size), dose, dtype=np.float32)
    for index, (name, camera) in enumerate(CAMERAS.items()):
        generator = np.random.default_rng(index)
        images = [record_with_camera(flat, camera, generator) for _ in range(number)]
        grey = 3 * np.sqrt(noise_variance(camera, dose))
        picture(axes[0, index], images[0][:64, :64], (dose - grey, dose + grey))
        axes[0, index].set_title(f"{name}\nDQE(0) {camera.dqe:g}", fontsize=POINTS + 1, color=INK)
        spectra(axes[1, index], camera, images, dose)
        axes[1, index].tick_params(labelleft=index == 0)
    axes[1, 0].legend(fontsize=POINTS - 0.5, frameon=False, loc="upper right", labelcolor=INK)
    return figure


def spectra(axes: Axes, camera: Camera[float], images: list[np.ndarray], dose: float) -> None:
    """Measured and analytic noise power over the dose, squared MTF and DQE."""
    size = len(images[0])
    power = np.mean([np.abs(np.fft.rfft2(image - dose)) ** 2 for image in images], axis=0)
    k = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size))
    ring = np.rint(k * 50).astype(int)
    centres = np.bincount(ring.ravel(), k.ravel()) / np.bincount(ring.ravel())
    measured = np.bincount(ring.ravel(), power.ravel() / size**2) / np.bincount(ring.ravel())
    shown = slice(1, 26)
    line = np.linspace(0, 0.5, 200)
    axes.plot(line, noise_power(camera, line, dose) / dose, color=BLUE, lw=1.4,
              label="noise power / dose, analytic")  # fmt: skip
    axes.plot(centres[shown], measured[shown] / dose, "o", color=INK, ms=2.6,
              label="noise power / dose, 60 images")  # fmt: skip
    axes.plot(line, modulation_transfer(camera, line) ** 2, "--", color=MUTED, lw=1.2,
              label="MTF²")  # fmt: skip
    axes.plot(line, detective_quantum_efficiency(camera, line, dose), color=RED, lw=1.4,
              label="DQE")  # fmt: skip
    axes.set(xlim=(0, 0.5), ylim=(0, 2.3), xticks=(0.1, 0.2, 0.3, 0.4, 0.5))
    axes.set_xlabel("frequency, cycles per pixel", fontsize=POINTS, color=INK)
    axes.tick_params(labelsize=POINTS, colors=INK, length=2.5)
    axes.spines[["top", "right"]].set_visible(False)


def picture(axes: Axes, image: np.ndarray, grey: tuple[float, float]) -> None:
    """Show an image without axes, on a grey scale."""
    axes.imshow(image, cmap="gray", vmin=grey[0], vmax=grey[1], interpolation="nearest")
    axes.set_axis_off()


FIGURES = {"cameras": draw_cameras}


def main(names: list[str]) -> None:
    """Draw the figures that are named, or all."""
    for name in names or FIGURES:
        print(save_figure(FIGURES[name](), DOCS / f"draws-{name}.png").relative_to(DOCS.parent))


if __name__ == "__main__":
    main(sys.argv[1:])
