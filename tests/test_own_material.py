"""The commands of docs/own-material.md, all of them in turn, on a small material."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest
import tifffile
from click.testing import CliRunner

from tembench.cli import cli

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "own-material.md"
# What makes each command small: the first words of a command, and further arguments.
SMALL = {
    ("recipe", "new"): ["--frame", "64", "--specimens", "5"],
    ("recipe", "preview"): ["--number", "2"],
    ("train",): ["--set", "steps=3", "--set", "channels=4"],
    ("tune",): ["--images", "1"],
}
WITH_WORKERS = (("recipe", "preview"), ("generate",), ("tune",), ("score",))


def commands() -> list[list[str]]:
    """The tutorial's commands, in the order of the page."""
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text(), flags=re.MULTILINE | re.DOTALL)
    text = "\n".join(blocks).replace("\\\n", " ")
    return [shlex.split(line) for line in text.splitlines() if line.startswith("tembench ")]


def small(words: list[str]) -> list[str]:
    """The same command, small and in one process."""
    for first, more in SMALL.items():
        if tuple(words[: len(first)]) == first:
            words = words + more
    of_a_store = words[0] == "denoise" and words[2].endswith(".zarr")
    if of_a_store or any(tuple(words[: len(first)]) == first for first in WITH_WORKERS):
        words = [*words, "--workers", "0"]
    return words


@pytest.mark.slow
def test_the_tutorial_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tembench.dataset import open_store

    shutil.copy(ROOT / "recipes" / "atoms" / "SrTiO3.cif", tmp_path)
    ran = []
    for words in commands():
        arguments = small(words[1:])
        if "micrograph.tif" in arguments:
            store = open_store(tmp_path / "my.zarr")
            image = store.noisy(int(store.images("model", "test")[0]))
            tifffile.imwrite(tmp_path / "micrograph.tif", image.astype(np.uint16))
        monkeypatch.chdir(tmp_path)
        done = CliRunner().invoke(cli, arguments)
        assert done.exit_code == 0, f"{' '.join(words)}: {done.output} {done.exception}"
        ran.append(words[1])
    assert ran[0] == "recipe"
    assert {"generate", "train", "tune", "denoise", "score"} <= set(ran)
    assert (tmp_path / "preview.png").exists()
    assert tifffile.imread(tmp_path / "denoised" / "micrograph.unet.tif").shape == (64, 64)
