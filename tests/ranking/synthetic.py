"""Scores and submissions without any image."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ranking_fakes import FakeStore, identity_tables

from tembench.core.toml_reader import Reader
from tembench.metrics import METRICS, versions
from tembench.ranking.submission import Submission
from tembench.ranking.untrusted.run_info import read_run_description

MODELS = ("alpha", "beta", "gamma", "delta")


def scores_of(images: int = 12, seed: int = 0) -> pd.DataFrame:
    """Random scores as `score` returns them; image numbers begin at 100."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {"image": 100 + np.arange(images), "model": [MODELS[i % 4] for i in range(images)]}
    )
    values = {name: rng.uniform(0.1, 0.9, images) for name in METRICS}
    # No image resolves more than the aperture lets through.
    values["frc_resolution_A"] += 1.0
    return frame.assign(**values, seconds=0.25)


def drawn_scores(
    specimens: int = 24, each: int = 2, *, part: str = "test", seed: int = 0
) -> pd.DataFrame:
    """Random scores of a drawn recipe's images, with the columns that they are grouped by."""
    rng = np.random.default_rng(seed)
    images = specimens * each
    number = np.arange(images) // each
    # What the images show is the same whatever the scores are.
    drawn = np.random.default_rng(99)
    frame = pd.DataFrame(
        {
            "image": 100 + np.arange(images),
            "model": [f"{part}-{i:05}" for i in number],
            "material": np.array(["Au on C", "Pt on CeO2"], dtype=object)[number % 2],
            "orientation": np.array(["[1 1 0]", "[1 0 0]", "off zone"], dtype=object)[number % 3],
            "dose_e_per_A2": np.exp(drawn.uniform(3, 7, images)),
            "C10_nm": drawn.uniform(-25, 25, images),
        }
    )
    values = {name: rng.uniform(0.1, 0.9, images) for name in METRICS}
    # No image resolves more than the aperture lets through.
    values["frc_resolution_A"] += 1.0
    # The error of a constant image, by which stores are compared, is that of the images.
    values["skill"] = 1 - values["mse"] / 1.0
    return frame.assign(**values, seconds=0.25)


def table_of(scores: pd.DataFrame) -> pd.DataFrame:
    """A store's table of more images than those, with every factor."""
    images = 200
    table = pd.DataFrame(index=pd.RangeIndex(images, name="image"))
    at = np.arange(images)
    table["model"] = "other"
    table.loc[scores["image"], "model"] = scores["model"].to_numpy()
    table["particle"] = np.array(["PtNp1", "PtNp2"])[at % 2]
    table["defect"] = np.array(["D0", "D1", "D2"])[at % 3]
    table["support"] = "flat"
    table["thickness_A"] = np.array([40.0, 50.0])[at % 2]
    table["tilt_x_deg"] = 0.0
    table["tilt_y_deg"] = 2.0
    table["defocus_nm"] = np.array([2.0, 12.0, 8.0])[at % 3]
    table["condition"] = "standard"
    table["dose_e_per_px"] = 0.45
    table["contrast"] = np.array(["white", "black"], dtype=object)[at % 2]
    return table


def perfect(scores: pd.DataFrame) -> pd.DataFrame:
    """Scores of the clean image: ideal, or better than all others where the ideal is infinite."""
    best = {"llr_columns": 1.0, "llr_pixels": 1.0, "umse_paired": -1.0}
    return scores.assign(**{name: best.get(name, m.ideal) for name, m in METRICS.items()})


def submission_of(
    name: str,
    scores: pd.DataFrame,
    *,
    kind: str = "classical",
    part: str = "test",
    given: str = "noisy",
    lacking: tuple[str, ...] = (),
    recipe: str = "tiny",
    trained_on: str | None = None,
    parameters: dict[str, Any] | None = None,
    method: str | None = None,
    seed_of: str = "",
) -> Submission:
    """A submission of such scores, without some of the metrics; `given` is the method's input."""
    if (name, kind) == ("clean", "control"):
        scores = perfect(scores)
    tables = identity_tables(FakeStore(), method or name, kind, len(scores))
    tables["data"] |= {"part": part, "recipe": recipe}
    tables["method"]["parameters"] |= parameters or {}
    if trained_on is not None:
        tables["run"]["training_recipe"] = trained_on
    tables["method"] |= {"input": given, "title": name.capitalize()}
    reader = Reader(tables)
    reader.integer("format")
    return Submission(
        name=name,
        path=Path(name),
        description=read_run_description(reader, tables),
        metrics={key: version for key, version in versions().items() if key not in lacking},
        scores=scores.drop(columns=list(lacking)),
        panel=b"",
        seed_of=seed_of,
    )
