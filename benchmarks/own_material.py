"""Own material: a network trained on drawn images of a specimen, against tuned BM3D.

    python benchmarks/own_material.py [RECIPE ...] [--out FOLDER] [--method unet]

For each recipe: simulate, tune BM3D on the validation images, train a network, denoise and score
the test images with both. Steps that are complete in the folder are reused. Prints the table of
docs/own-material.md: mean PSNR over the test images, each compared at 0.45 e/px.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tembench.core import read_toml, write_text, write_toml
from tembench.dataset import Store, generate, open_store
from tembench.methods import Method, denoise, load_method, train, tune
from tembench.methods.training.records import TRAINING
from tembench.ranking import score_outputs
from tembench.recipe import load_recipe

RECIPES = ("srtio3", "au-on-carbon", "mos2")
COLUMNS = (
    "recipe", "images trained on", "dose, e/A^2", "noisy, dB", "BM3D, dB", "its bins, px",
    "network, dB", "gain, dB", "training",
)  # fmt: skip


def made(recipe: str, folder: Path, workers: int) -> Store:
    """Return the store of a recipe, simulated where it is not complete."""
    path = folder / f"{recipe}.zarr"
    generate(load_recipe(recipe), path, workers=workers)
    return open_store(path)


def tuned(name: str, store: Store, folder: Path, workers: int, images: int) -> Method:
    """Return a method with the best setting on the validation images."""
    path = folder / f"{name}.toml"
    method = load_method(name)
    if not path.exists():
        result = tune(method, store, workers, most_images=images)
        write_text(folder / f"{name}.csv", result.table.to_csv(index=False))
        write_toml(path, {"best": dict(result.best)})
    return method.with_parameters(**read_toml(path, ValueError)["best"])


def mean_psnr_db(method: Method, store: Store, folder: Path, weights: Path | None) -> float:
    """Denoise and score the test images; return the mean of their PSNR."""
    out = denoise(method, store, folder / method.name, weights=weights, workers=1)
    return float(score_outputs(out, store, workers=1).scores["psnr_db"].mean())


def journey(recipe: str, arguments: argparse.Namespace) -> list[str]:
    """Go from a recipe to the scores of a network, and return its row of the table."""
    folder = arguments.out / recipe
    folder.mkdir(parents=True, exist_ok=True)
    store = made(recipe, arguments.out, arguments.workers)
    filtered = tuned("bm3d", store, folder, arguments.workers, arguments.tune_images)
    network = load_method(arguments.method).with_parameters(
        steps=arguments.steps, crop=arguments.crop
    )
    weights = train(network, store, folder / "weights")
    noisy, bm3d, learned = (
        mean_psnr_db(load_method("noisy"), store, folder, None),
        mean_psnr_db(filtered, store, folder, None),
        mean_psnr_db(network, store, folder, weights),
    )
    seconds = read_toml(weights / TRAINING, ValueError)["seconds"]
    low, high = store.recipe.doses_e_per_A2
    return [
        recipe,
        str(len(store.images("model", "train"))),
        f"{low:g} to {high:g}",
        f"{noisy:.1f}",
        f"{bm3d:.1f}",
        str(filtered.parameters["binning"]),
        f"{learned:.1f}",
        f"{learned - bm3d:.1f}",
        f"{seconds / 60:.0f} min",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recipes", nargs="*", default=RECIPES)
    parser.add_argument("--out", type=Path, default=Path("own-material"))
    parser.add_argument("--method", default="unet")
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--crop", type=int, default=64)
    parser.add_argument("--tune-images", type=int, default=6)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    rows = [journey(recipe, arguments) for recipe in arguments.recipes]
    for row in (COLUMNS, ["---"] * len(COLUMNS), *rows):
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
