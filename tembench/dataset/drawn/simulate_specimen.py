"""Simulation of one drawn specimen: atoms, exit waves, images of all its frames, and the truth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tembench.core import RecipeError, stage
from tembench.dataset.drawn import (
    CLEAN_STEP,
    MASKS,
    DrawnContents,
    Place,
    motion_reach_A,
    recipe_padding_A,
)
from tembench.dataset.storage import Packing
from tembench.recipe import (
    Camera,
    DrawnImage,
    DrawnRecipe,
    DrawnSpecimen,
    DrawSeed,
    draw_images,
    draw_specimen,
)
from tembench.simulation import (
    ImpossibleDrawError,
    PaddedCell,
    Specimen,
    SpecimenColumns,
    SpecimenWave,
    build_specimen,
    component_masks,
    form_image,
    frame_motion,
    frame_states,
    plan_cell,
    record_with_camera,
    specimen_columns,
    specimen_wave,
)

MOST_ATTEMPTS = 20
"""Draws of a specimen before the recipe is refused."""


@dataclass(frozen=True, kw_only=True)
class BuiltSpecimen:
    """A specimen as it was drawn, once its atoms could be built.

    Attributes
    ----------
    seed : DrawSeed
        The seed of the attempt that succeeded.
    drawn : DrawnSpecimen
        The drawn values.
    specimen : Specimen
        Its atoms.
    cell : PaddedCell
        The padded cell that it is simulated in.
    """

    seed: DrawSeed
    drawn: DrawnSpecimen
    specimen: Specimen
    cell: PaddedCell


@dataclass(frozen=True, kw_only=True)
class SpecimenImages:
    """Everything that is stored of a specimen.

    Attributes
    ----------
    built : BuiltSpecimen
        The specimen.
    wave : SpecimenWave
        Its exit wave, at rest.
    packed : ndarray of uint16, shape (images, y, x)
        Its images, packed.
    images : sequence of DrawnImage
        What was drawn for each of them.
    shifts_A : sequence of (float, float)
        Displacement of each of them.
    columns : sequence of SpecimenColumns
        True columns at rest of each of them.
    mask : ndarray of uint8, shape (y, x)
        Bits of `MASKS`.
    """

    built: BuiltSpecimen
    wave: SpecimenWave
    packed: np.ndarray
    images: Sequence[DrawnImage]
    shifts_A: Sequence[tuple[float, float]]
    columns: Sequence[SpecimenColumns]
    mask: np.ndarray

    def clean(self, index: int) -> np.ndarray:
        """An image as it is stored: expected electrons over those in vacuum, float32."""
        return Packing(step=CLEAN_STEP).unpack(self.packed[index])

    def noisy(self, index: int, copy: int) -> np.ndarray:
        """A recording of an image; it depends on the recipe alone."""
        image = self.images[index]
        expected = self.clean(index) * np.float32(self.dose_e_per_px(image))
        return record_image(self.built.drawn, index, image.camera, expected, copy)

    def dose_e_per_px(self, image: DrawnImage) -> float:
        """Expected electrons per pixel in vacuum of one of the images."""
        return image.exposure.dose_e_per_A2 * self.built.cell.pixel_size_A**2


StoredWave = Callable[[DrawnRecipe, Place, BuiltSpecimen], SpecimenWave]
"""Returns the stored exit wave of a specimen; picklable."""


def built_specimen(recipe: DrawnRecipe, place: Place, attempt: int | None = None) -> BuiltSpecimen:
    """Draw a specimen and build its atoms; a draw that cannot be is drawn again.

    Parameters
    ----------
    recipe : DrawnRecipe
        The recipe.
    place : Place
        Place of the specimen.
    attempt : int, optional
        The attempt that succeeded, where it is known.

    Raises
    ------
    RecipeError
        If no attempt succeeds.
    """
    reason = ""
    for number in range(MOST_ATTEMPTS) if attempt is None else (attempt,):
        seed = DrawSeed(seed=recipe.root, part=place.part, specimen=place.draw, attempt=number)
        drawn = draw_specimen(recipe, seed, place.variant)
        padding = recipe_padding_A(recipe, place.part)
        try:
            specimen = build_specimen(
                drawn.components,
                drawn.frame,
                padding,
                seed,
                recipe.physics.displacement_A,
                prefix=f"specimens.{drawn.kind}.",
            )
        except ImpossibleDrawError as problem:
            reason = f"{problem.where}: {problem.what}" if problem.where else problem.what
            continue
        cell = plan_cell(drawn.frame, recipe.physics, padding, drawn.aperture_per_A)
        return BuiltSpecimen(seed=seed, drawn=drawn, specimen=specimen, cell=cell)
    raise RecipeError(
        f"specimen {place.name} cannot be drawn: none of {MOST_ATTEMPTS} attempts is possible, "
        f"the last since {reason}",
        where=recipe.name,
        remedy="Narrow the distributions of the specimen, and look with 'tembench recipe preview'",
    )


def simulate_specimen(
    recipe: DrawnRecipe,
    place: Place,
    stored: StoredWave | None = None,
    *,
    only: int | None = None,
) -> SpecimenImages:
    """Simulate all images of a specimen; they depend on the recipe alone.

    Parameters
    ----------
    recipe : DrawnRecipe
        The recipe.
    place : Place
        Place of the specimen.
    stored : callable, optional
        Source of the exit wave of the specimen at rest, instead of a simulation.
    only : int, optional
        Number of images to form, the first ones; None forms all.
    """
    with stage("atoms"):
        built = built_specimen(recipe, place)
        mask = _mask(built, recipe.shape)
        images = draw_images(recipe, built.drawn)
        frames = _frames(built, images)[:only]
        columns = _columns(recipe, place.part, [state for _, state, _, _ in frames])
    waves = _Waves(recipe, built, place, stored)
    packed = np.empty((len(frames), *recipe.shape), dtype=np.uint16)
    packing, shifts = Packing(step=CLEAN_STEP), []
    for index, (image, state, shift, motion) in enumerate(frames):
        wave = waves.of(state)
        with stage("optics"):
            formed = form_image(wave, built.cell, image.optics, shift_A=shift, motion_A=motion)
            packed[index] = packing.pack(np.maximum(formed, 0))
        shifts.append(shift)
    return SpecimenImages(
        built=built,
        wave=waves.of(built.specimen),
        packed=packed,
        images=images,
        shifts_A=shifts,
        columns=columns,
        mask=mask,
    )


class _Waves:
    """Exit waves of a specimen's states, each simulated once."""

    def __init__(
        self, recipe: DrawnRecipe, built: BuiltSpecimen, place: Place, stored: StoredWave | None
    ) -> None:
        self._recipe, self._built, self._place, self._stored = recipe, built, place, stored
        self._known: list[tuple[Specimen, SpecimenWave]] = []

    def of(self, state: Specimen) -> SpecimenWave:
        """The wave of a state, with one spectrum for each configuration of frozen phonons."""
        for known, wave in self._known:
            if known is state:
                return wave
        built = self._built
        if self._stored is not None and state is built.specimen:
            wave = self._stored(self._recipe, self._place, built)
        else:
            wave = specimen_wave(
                state,
                built.cell,
                self._recipe.physics,
                built.drawn.energy_keV,
                built.drawn.aperture_per_A,
                built.seed,
            )
        self._known.append((state, wave))
        return wave


def _frames(
    built: BuiltSpecimen, images: Sequence[DrawnImage]
) -> Sequence[tuple[DrawnImage, Specimen, tuple[float, float], tuple[float, float]]]:
    """Each image with the state of the specimen in it, its displacement and its path."""
    frames = []
    count = 1 + max(image.frame for image in images)
    for first in range(0, len(images), count):
        exposure, draw = images[first].exposure, images[first].draw
        motion = frame_motion(exposure, count, built.seed.generator("exposure.motion", draw))
        jumps = built.seed.generator("exposure.jumps", draw)
        states, indices = frame_states(built.specimen, exposure, count, jumps)
        for frame, (shift, path) in enumerate(motion):
            frames.append((images[first + frame], states[indices[frame]], shift, path))
    return frames


def _columns(recipe: DrawnRecipe, part: str, states: Sequence[Specimen]) -> list[SpecimenColumns]:
    """Columns of each state; none are defined where there is none, or more than are kept."""
    found: dict[int, SpecimenColumns] = {}
    most = DrawnContents(recipe).most_columns
    for state in states:
        if id(state) not in found:
            columns = specimen_columns(
                state,
                elements=recipe.scored.elements,
                components=recipe.scored.components,
                beyond_A=motion_reach_A(recipe, part),
            )
            defined = columns.defined and 0 < len(columns.x_A) <= most
            found[id(state)] = replace(columns, defined=defined)
    return [found[id(state)] for state in states]


def _mask(built: BuiltSpecimen, shape: tuple[int, int]) -> np.ndarray:
    masks = component_masks(built.specimen, shape, built.cell.pixel_size_A)
    bits = np.zeros(shape, dtype=np.uint8)
    for name, bit in MASKS.items():
        bits |= np.where(masks[name], np.uint8(bit), np.uint8(0))
    return bits


def record_image(
    drawn: DrawnSpecimen, index: int, camera: Camera[float], expected: np.ndarray, copy: int
) -> np.ndarray:
    """Draw the noisy image of a specimen's image; it depends on the arguments alone.

    The variants of a draw have the same seed, but noise of their own.
    """
    name = f"noise {copy}" + (f".{drawn.variant}" if drawn.variant else "")
    return record_with_camera(expected, camera, drawn.seed.generator(name, index))
