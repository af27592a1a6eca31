"""Scenes of a drawn store's images: their specimens built again, far beyond the frame."""

from __future__ import annotations

import math

from tembench.core import StoreError
from tembench.dataset import DrawnStore, recipe_padding_A
from tembench.recipe import DrawnRecipe, DrawnSpecimen, draw_specimen
from tembench.simulation import ImpossibleDrawError, Specimen, build_specimen
from tembench.study.audit import Scene, needed_margin_A

_MOST_ATTEMPTS = 20


def drawn_scene(store: DrawnStore, image: int) -> Scene:
    """Scene of an image of a drawn store.

    Parameters
    ----------
    store : DrawnStore
        The store.
    image : int
        Number of an image, the first frame of its exposure.

    Returns
    -------
    Scene
        The drawn specimen. Its film and its vacancies, which are drawn for all atoms at once, are
        others than in the store, since it runs farther beyond the frame; so all cases of an audit,
        the base included, are simulated from one scene.

    Raises
    ------
    StoreError
        If the specimen, grown, cannot be built.
    """
    recipe, row, built = store.recipe, store.table.iloc[int(image)], store.specimen(image)
    padding, seed = recipe_padding_A(recipe), built.seed
    for _ in range(_MOST_ATTEMPTS):
        drawn = draw_specimen(recipe, seed, built.drawn.variant)
        try:
            specimen = _grown(recipe, drawn, padding)
            break
        except ImpossibleDrawError:
            # As the store does; the draw that follows is another specimen of the same kind.
            seed = seed.again()
    else:
        raise StoreError(
            f"the specimen of image {image} cannot be built beyond its frame",
            where=str(store.path),
            remedy="Audit other specimens, with another number of them",
        )
    taken = store.image_draw(image)
    exposure, azimuth = taken.exposure, math.radians(taken.exposure.drift_azimuth_deg)
    return Scene(
        specimen=specimen,
        frame=drawn.frame,
        physics=recipe.physics,
        padding_A=padding,
        optics=taken.optics,
        shift_A=(float(row["shift_x_A"]), float(row["shift_y_A"])),
        motion_A=(exposure.drift_A * math.cos(azimuth), exposure.drift_A * math.sin(azimuth)),
        seed=seed,
        scored=recipe.scored,
    )


def _grown(recipe: DrawnRecipe, drawn: DrawnSpecimen, padding_A: float) -> Specimen:
    return build_specimen(
        drawn.components,
        drawn.frame,
        needed_margin_A(drawn.frame, padding_A),
        drawn.seed,
        recipe.physics.displacement_A,
        prefix=f"specimens.{drawn.kind}.",
    )
