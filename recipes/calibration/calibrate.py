"""Calibration of a recipe's microscope: simulated images compared with released ones.

    python recipes/calibration/calibrate.py IMAGE.tif ... [--recipe ptceo2-18k] [--out FOLDER]

One microscope, the recipe's, is used for all images, and only specimens that the recipe's factors
offer. Thickness, tilt and defocus are determined from the lattice motif of the support, then the
model from the whole image. Writes ``calibration.json``, ``calibration.md`` and ``calibration.png``
to FOLDER.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

import motif
import numpy as np
from compare import Match, match_image
from PIL import Image

from tembench.core import TembenchError, progress, show_progress, write_text
from tembench.recipe import Recipe, load_recipe

PIXEL_SIZE_A = 50 / 1024
VACUUM_E_PER_PX = 0.45
# Below this fraction of its height, a released image shows only the support.
_BULK = 0.62


@dataclass(frozen=True, kw_only=True)
class Factors:
    """Thickness, tilt and defocus that fit a motif best, and the quality of the fit."""

    thickness_A: float
    tilt_deg: tuple[float, float]
    defocus_nm: float
    correlation: float
    contrast_ratio: float
    mean_ours: float
    mean_theirs: float


def read_image(path: Path) -> np.ndarray:
    """Read a released image: float32, (y, x), relative to vacuum."""
    with Image.open(path) as file:
        return np.asarray(file, dtype=np.float32) / VACUUM_E_PER_PX


def motif_library(recipe: Recipe) -> dict[tuple[float, tuple[float, float], float], motif.Motif]:
    """Motifs of all thicknesses, tilts and defoci of a recipe."""
    thicknesses = sorted({model.thickness_A for model in recipe.models})
    tilts = sorted({tilt for model in recipe.models for tilt in model.tilts_deg})
    library = {}
    with progress("Simulating motifs", len(thicknesses) * len(tilts)) as advance:
        for thickness in thicknesses:
            for tilt in tilts:
                for defocus, found in motif.simulate(recipe, thickness, tilt).items():
                    library[thickness, tilt, defocus] = found
                advance(1)
    return library


def find_factors(
    image: np.ndarray, library: dict[tuple[float, tuple[float, float], float], motif.Motif]
) -> Factors:
    """Find the thickness, tilt and defocus whose motif is closest to that of an image's support."""
    theirs = motif.measure(image[int(_BULK * len(image)) :], PIXEL_SIZE_A)
    best = min(library, key=lambda factors: motif.mismatch(library[factors], theirs))
    ours = library[best]
    return Factors(
        thickness_A=best[0],
        tilt_deg=best[1],
        defocus_nm=best[2],
        correlation=motif.correlate(ours, theirs),
        contrast_ratio=ours.std / theirs.std,
        mean_ours=ours.mean,
        mean_theirs=theirs.mean,
    )


def table(rows: list[tuple[str, Factors, Match]]) -> str:
    """The result as a Markdown table."""
    head = (
        "| image | model | thickness | tilt | defocus | motif | columns | whole image "
        "| contrast | mean of support | column positions |"
    )
    lines = [head, "|---" * 11 + "|"]
    for name, found, match in rows:
        lines.append(
            f"| {name} | {match.model} | {found.thickness_A:g} A "
            f"| {found.tilt_deg[0]:g}, {found.tilt_deg[1]:g} deg | {found.defocus_nm:g} nm "
            f"| {found.correlation:.4f} | {match.columns:.4f} | {match.whole:.4f} "
            f"| {found.contrast_ratio:.3f}, {match.contrast_ratio:.3f} "
            f"| {found.mean_ours:.4f} / {found.mean_theirs:.4f} "
            f"| {match.position_error_pm:.1f} pm |"
        )
    motifs = [found.correlation for _, found, _ in rows]
    lines += [
        "",
        f"Motif: minimum {min(motifs):.4f}, mean {np.mean(motifs):.4f}. Correlations are "
        "normalised cross-correlations; contrast is the ratio of standard deviations, ours to "
        "theirs, of the motif and of the whole image; means are relative to vacuum; column "
        "positions are the root mean square distance of the particle's bright spots after "
        "subtracting a common displacement.",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Calibrate on the images named on the command line."""
    from figure import draw

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("images", nargs="+", type=Path, metavar="IMAGE.tif")
    parser.add_argument("--recipe", default="ptceo2-18k")
    parser.add_argument("--out", type=Path, default=Path("runs/calibration"))
    arguments = parser.parse_args()
    show_progress()
    try:
        recipe = load_recipe(arguments.recipe)
        images = {path.stem: read_image(path) for path in arguments.images}
    except (TembenchError, OSError) as problem:
        parser.exit(2, f"Error: {problem}\n")
    library = motif_library(recipe)
    rows = []
    with progress("Comparing images", len(images)) as advance:
        for name, image in images.items():
            found = find_factors(image, library)
            match = match_image(
                image, recipe, found.thickness_A, found.tilt_deg, found.defocus_nm, PIXEL_SIZE_A
            )
            rows.append((name, found, match))
            advance(1)
    content = {
        name: {**dataclasses.asdict(found), **match.as_dict()} for name, found, match in rows
    }
    write_text(arguments.out / "calibration.json", json.dumps(content, indent=2) + "\n")
    write_text(arguments.out / "calibration.md", table(rows))
    draw(
        [(name, images[name], match.image) for name, _, match in rows],
        arguments.out / "calibration.png",
    )
    print(table(rows))


if __name__ == "__main__":
    main()
