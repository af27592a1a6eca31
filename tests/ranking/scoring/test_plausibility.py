"""Warnings about outputs in other units or at other positions, and none about correct ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from ranking_fakes import FakeStore, identity_tables, write_arrays

from tembench.core.files import write_toml
from tembench.ranking.scoring.output_reader import read_outputs
from tembench.ranking.scoring.plausibility import implausibilities

Change = Callable[[np.ndarray], np.ndarray]


class Slanted(FakeStore):
    """A store whose images look like themselves in one way only."""

    def clean(self, image: int) -> np.ndarray:
        rng = np.random.default_rng(7)
        y, x = np.mgrid[: self.side, : self.side]
        found = np.full(self.shape, 0.45)
        for _ in range(12):
            at = rng.uniform(8, self.side - 8, 2) + image % 3
            found -= 0.2 * np.exp(-((y - at[0]) ** 2 + (x - at[1]) ** 2) / 18)
        return found.astype(np.float32)


def found(folder: Path, change: Change, kind: str = "classical", noise: float = 0.05) -> list[str]:
    store = Slanted()
    images = store.images()
    rng = np.random.default_rng(1)
    denoised = [store.clean(i) + rng.normal(0, noise, store.shape) for i in images]
    folder.mkdir()
    write_arrays(folder, images, np.stack([change(d) for d in denoised]).astype(np.float32))
    write_toml(folder / "outputs.toml", identity_tables(store, "any", kind, len(images)))
    return implausibilities(read_outputs(folder, store), store)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda d: 255 * d, r"25. times that of the noisy"),
        (lambda d: d / 0.45, "2.22 times|2.2. times"),
        (lambda d: (d - d.min()) / np.ptp(d), "from 0 to 1, as if rescaled"),
        (lambda d: np.round(255 * (d - d.min()) / np.ptp(d)), "from 0 to 255, as if rescaled"),
        (lambda d: 1e30 * d, r"1e\+30 times"),
        (lambda d: 2 * d.mean() - d, "contrast seems inverted"),
        (lambda d: d.T, "better transposed: "),
        (lambda d: d[::-1], "mirrored top to bottom"),
        (lambda d: d[:, ::-1], "mirrored left to right"),
        (lambda d: np.rot90(d), "turned by 270°"),
        (lambda d: np.roll(d, (3, -5), (0, 1)), "shifted by -3 px in y and 5 px in x"),
        (lambda d: np.full_like(d, 0.45), "every image is constant"),
    ],
)
def test_implausible_outputs_give_a_warning(tmp_path: Path, change: Change, text: str) -> None:
    import re

    reported = found(tmp_path / "outputs", change)
    assert any(re.search(text, one) for one in reported), reported
    assert all("expected electrons per pixel" in one for one in reported)


@pytest.mark.parametrize(("noise", "kind"), [(0.0, "control"), (0.05, "learned"), (0.6, "control")])
def test_correct_outputs_give_no_warning(tmp_path: Path, noise: float, kind: str) -> None:
    assert found(tmp_path / "outputs", lambda d: d, kind, noise) == []


def test_the_constant_control_gives_no_warning(tmp_path: Path) -> None:
    assert found(tmp_path / "outputs", lambda d: np.full_like(d, 0.45), "control") == []
