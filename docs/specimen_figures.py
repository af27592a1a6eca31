"""Figures of drawn recipes: aberrations, detector noise, a movie's frames, previews of recipes.

python docs/specimen_figures.py                   # draws all of them into docs/
python docs/specimen_figures.py cameras srtio3    # or those that are named
"""

from __future__ import annotations

import sys
import tempfile
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.patches import Circle
from PIL import Image

from tembench.core import INK, MUTED, figure_of, recipes_folder, save_figure, scale_bar
from tembench.dataset import draw_preview
from tembench.dataset.drawn.drawn_contents import Place
from tembench.dataset.drawn.simulate_specimen import built_specimen
from tembench.recipe import Camera, DrawnRecipe, Optics, draw_images, load_recipe
from tembench.recipe.draws.parsing.atoms_files import files_beside
from tembench.recipe.draws.parsing.parse_drawn import parse_drawn
from tembench.simulation import (
    Specimen,
    aberration_phase,
    detective_quantum_efficiency,
    form_image,
    frame_motion,
    frame_states,
    modulation_transfer,
    noise_power,
    noise_variance,
    record_with_camera,
    specimen_wave,
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


ABERRATIONS = (
    {},
    {"C10_nm": 4.0},
    {"C12_nm": 4.0, "phi12_deg": 30.0},
    {"C21_nm": 400.0, "phi21_deg": 20.0},
    {"C23_nm": 300.0, "phi23_deg": 20.0},
    {"C30_um": 25.0},
    {"C32_um": 20.0, "phi32_deg": 30.0},
    {"C34_um": 25.0, "phi34_deg": 15.0},
    {"C50_mm": 100.0},
)
STRONTIUM_TITANATE = """
name = "aberrations"
version = "1.0.0"
description = "SrTiO3 [110] with a surface"
licence = "CC-BY-4.0"
seed = 3
draws = { train = 1, validation = 1, test = 1, images_each = 1 }
frame = { width_px = 256, height_px = 256, pixel_size_A = 0.1 }
exposure = { dose_e_per_A2 = 1000 }
[microscopes.perfect]
energy_keV = 300
aperture_per_A = 1.2
focal_spread_nm = 3
convergence_mrad = 0.2
image_spread_A = 0.3
[specimens.slab.crystal]
kind = "slab"
file = "atoms/SrTiO3.cif"
zone = [1, 1, 0]
up = [0, 0, 1]
thickness_A = 30
surface = 0.35
"""


def draw_aberrations() -> Figure:
    """Image of one specimen under one aberration after another, with the phase of each."""
    recipe = parsed(STRONTIUM_TITANATE)
    built = built_specimen(recipe, Place("train", 0, 0))
    perfect = draw_images(recipe, built.drawn)[0].optics
    wave = specimen_wave(
        built.specimen, built.cell, recipe.physics, perfect.energy_keV, perfect.aperture_per_A
    )
    figure = figure_of(6.6, 7.05, dpi=92)
    axes = figure.subplots(3, 3)
    margins = {"left": 0.005, "right": 0.995, "top": 0.965, "bottom": 0.005}
    figure.subplots_adjust(**margins, wspace=0.03, hspace=0.1)
    for place, values in zip(axes.flat, ABERRATIONS, strict=True):
        optics = replace(perfect, **values)
        picture(place, form_image(wave, built.cell, optics), (0.5, 1.8))
        place.set_title(aberration_label(values), fontsize=POINTS + 1, color=INK, pad=3)
        phase_disc(place, optics)
    scale_bar(axes[0, 0], 10 / recipe.pixel_size_A, POINTS + 1)
    return figure


def parsed(text: str) -> DrawnRecipe:
    """A recipe from its text; files of atoms are those of tembench's own recipes."""
    return parse_drawn(tomllib.loads(text), "figure", files_beside(recipes_folder()))


def aberration_label(values: dict[str, float]) -> str:
    """Name and value of an aberration, such as ``C12 = 4 nm at 30°``."""
    if not values:
        return "none"
    (key, value), *angle = values.items()
    name, unit = key.split("_")
    azimuth = f", φ{name[1:]} = {angle[0][1]:g}°" if angle else ""
    return f"{name} = {value:g} {unit.replace('u', 'µ')}{azimuth}"


def phase_disc(axes: Axes, optics: Optics[float]) -> None:
    """Draw cos(chi) within the aperture into an image's lower right corner."""
    k = np.linspace(-1, 1, 201) * optics.aperture_per_A
    shown = np.cos(aberration_phase(k[:, None], k, optics))
    shown[np.hypot(k[:, None], k) > optics.aperture_per_A] = np.nan
    inset = axes.inset_axes((0.69, 0.02, 0.29, 0.29))
    inset.imshow(shown, cmap="RdBu", vmin=-1.3, vmax=1.3, interpolation="bilinear")
    inset.set_axis_off()


GOLD = """
name = "movie"
version = "1.0.0"
description = "Au particle, frames of a movie"
licence = "CC-BY-4.0"
seed = 5
draws = { train = 1, validation = 1, test = 1, images_each = 1 }
frame = { width_px = 140, height_px = 140, pixel_size_A = 0.2 }
[exposure]
dose_e_per_A2 = 1500
frames = 8
drift_A = 0.5
drift_azimuth_deg = 20
jitter_A = 0.3
jump_share = 0.3
[microscopes.corrected]
preset = "300kV-corrected"
C10_nm = 8
[detectors.counting]
kind = "counting"
dqe = 0.8
mtf = [1.0, 0.0, 0.25, 1.8]
[specimens.gold.particle]
kind = "particle"
structure = "fcc"
elements = ["Au"]
lattice_A = [4.078]
diameter_A = 17
facets = { 100 = 1.15, 111 = 1.0 }
zone = [0, 1, 1]
x = 0.5
y = 0.5
"""


def draw_movie() -> Figure:
    """Frames of a movie, expected and recorded: drift, jitter, and the places of jumps."""
    recipe = parsed(GOLD)
    place = Place("train", 0, 0)
    built = built_specimen(recipe, place)
    image = draw_images(recipe, built.drawn)[0]
    number, generator = recipe.exposure.frames, np.random.default_rng(35)
    motion = frame_motion(image.exposure, number, generator)
    states, indices = frame_states(built.specimen, image.exposure, number, generator)
    shown = range(0, number, 2)
    figure = figure_of(7.4, 3.95, dpi=130)
    axes = figure.subplots(2, len(shown))
    margins = {"left": 0.005, "right": 0.995, "top": 0.94, "bottom": 0.005}
    figure.subplots_adjust(**margins, wspace=0.03, hspace=0.03)
    dose = image.exposure.dose_e_per_A2 * built.cell.pixel_size_A**2
    before = built.specimen
    for column, frame in enumerate(shown):
        (shift, path), state = motion[frame], states[indices[frame]]
        wave = specimen_wave(
            state, built.cell, recipe.physics, image.optics.energy_keV, image.optics.aperture_per_A
        )
        clean = form_image(wave, built.cell, image.optics, shift_A=shift, motion_A=path)
        picture(axes[0, column], clean, (0.75, 1.4))
        noisy = record_with_camera(dose * np.maximum(clean, 0), image.camera, generator)
        picture(axes[1, column], noisy, (0.55 * dose, 1.6 * dose))
        title = f"frame {frame + 1}: {shift[0]:+.1f}, {shift[1]:+.1f} Å".replace("-", "−")
        axes[0, column].set_title(title, fontsize=POINTS + 1, color=INK, pad=3)
        mark_jumps(axes[0, column], before, state, shift, recipe.pixel_size_A)
        before = state
    scale_bar(axes[0, 0], 10 / recipe.pixel_size_A, POINTS)
    return figure


def mark_jumps(
    axes: Axes, before: Specimen, after: Specimen, shift_A: tuple[float, float], pixel_size_A: float
) -> None:
    """Circle the places that atoms jumped from (dashed) and to."""
    jumped = np.any(before.positions_A != after.positions_A, axis=1)
    for specimen, style in ((before, (0, (2, 1.5))), (after, "-")):
        for place in (specimen.positions_A[jumped, :2] + shift_A) / pixel_size_A:
            circle = Circle(place, 1.6 / pixel_size_A, fill=False, ec="#ffb347", lw=1.3, ls=style)
            axes.add_patch(circle)


PREVIEWS = ("srtio3", "au-on-carbon", "mos2")
PREVIEW_PX = 1000
FIGURES = {"aberrations": draw_aberrations, "cameras": draw_cameras, "movie": draw_movie}


def draw_small_preview(name: str) -> Path:
    """Preview of a shipped recipe, in grey and smaller than `tembench recipe preview` draws it."""
    recipe = load_recipe(name)
    assert isinstance(recipe, DrawnRecipe)
    path = DOCS / f"preview-{name}.png"
    with tempfile.TemporaryDirectory() as folder:
        drawn = draw_preview(recipe, Path(folder) / "preview.png", 6)
        with Image.open(drawn) as picture:
            grey = picture.convert("L")
    grey.thumbnail((PREVIEW_PX, PREVIEW_PX))
    grey.save(path, optimize=True)
    return path


def main(names: list[str]) -> None:
    """Draw the figures that are named, or all."""
    for name in names or (*FIGURES, *PREVIEWS):
        if name in PREVIEWS:
            path = draw_small_preview(name)
        else:
            path = save_figure(FIGURES[name](), DOCS / f"draws-{name}.png")
        print(path.relative_to(DOCS.parent))


if __name__ == "__main__":
    main(sys.argv[1:])
