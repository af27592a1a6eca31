"""Contrast classes of the test images of a closed recipe, for the groups of a table's page.

``python benchmarks/contrast_classes.py RECIPE`` simulates the models under test (some 25 s each on
a core) and writes ``recipes/RECIPE-contrast.csv``: the class depends on the images, not on the
recipe's text alone. Interrupted, it starts over.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from tembench.core import csv_text, progress, show_progress, write_text
from tembench.dataset import contents_of, part_images, simulate_task
from tembench.recipe import load_recipe

ROOT = Path(__file__).parent.parent


def main(name: str) -> None:
    recipe = load_recipe(name)
    table = contents_of(recipe).table()
    images = part_images(table, "model", "test", recipe.seed)
    models = [model.name for model in recipe.models]
    found: dict[int, str] = {}
    wanted = np.unique(table["model"].to_numpy()[images])
    with progress("Simulating models", len(wanted)) as advance:
        for model in wanted:
            number = models.index(model)
            classes = simulate_task(recipe, number).others["contrast"]
            first = recipe.first_image(number)
            found |= {first + i: str(one) for i, one in enumerate(classes)}
            advance(1)
    rows = [["image", "contrast"], *([int(image), found[int(image)]] for image in images)]
    path = ROOT / "recipes" / f"{name}-contrast.csv"
    write_text(path, csv_text(rows))
    print(f"{path}: written")


if __name__ == "__main__":
    show_progress()
    main(sys.argv[1])
