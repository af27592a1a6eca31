"""The site: built strictly, without anything from elsewhere, and its tutorials run to their end."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.py"))
TUTORIALS = ("first-hour.md", "own-network.md")
# What a page does in minutes, done in seconds.
SHORTER = {"--set steps=400": "--set steps=2", "range(3)": "range(1)"}

DOCUMENTED = (
    "dataset.opening.open_store",
    "dataset.store.Store.to_xarray",
    "api.score_arrays.score_all",
    "torch.NoisyCleanPairs",
    "methods.protocol.Denoiser",
)


def blocks(page: str) -> list[tuple[str, str]]:
    """Language and content of a page's code blocks, in their order."""
    text = (ROOT / "docs" / page).read_text()
    found = re.findall(r"^```(\w*)\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    return [(language or "sh", code) for language, code in found]


@pytest.mark.slow
@pytest.mark.parametrize("page", TUTORIALS)
def test_a_tutorial_runs_from_its_first_line_to_its_last(
    page: str, tiny_store_path: Path, tmp_path: Path
) -> None:
    pytest.importorskip("torch")
    (tmp_path / "quickstart.zarr").symlink_to(tiny_store_path)
    ran = 0
    for language, code in blocks(page):
        for long, short in SHORTER.items():
            code = code.replace(long, short)
        if language == "python":
            commands = [[sys.executable, "-c", code]]
        else:
            lines = [shlex.split(line, comments=True) for line in code.splitlines()]
            # The store is there, of another recipe.
            commands = [
                [sys.executable, "-m", "tembench", *words[1:]]
                for words in lines
                if words and words[1] != "generate"
            ]
        for command in commands:
            run = subprocess.run(
                command, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False
            )
            assert run.returncode == 0, (command, run.stderr)
            ran += 1
    assert ran >= 2
    assert list((tmp_path / "submissions").iterdir())


@pytest.mark.slow
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(notebook: Path, tiny_store_path: Path, tmp_path: Path) -> None:
    (tmp_path / "quickstart.zarr").symlink_to(tiny_store_path)
    command = [sys.executable, str(notebook)]
    environment = os.environ | {"MPLBACKEND": "agg"}
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, timeout=300)
    assert list(tmp_path.glob("*.png"))


def test_the_scripts_are_as_short_as_they_are_said_to_be() -> None:
    smooth, network, _ = (
        code for language, code in blocks("own-network.md") if language == "python"
    )
    assert len([line for line in smooth.splitlines() if line.strip()]) <= 12
    assert len([line for line in network.splitlines() if line.strip()]) <= 25


@pytest.mark.slow
def test_a_project_that_imports_tembench_is_type_checked(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    script = tmp_path / "project.py"
    script.write_text(
        "import numpy as np\nimport tembench as tb\n\n"
        "def denoise(image: tb.NoisyImage) -> np.ndarray:\n"
        "    return image.counts.astype(np.float32)\n\n"
        "store: tb.Store = tb.open_store('quickstart.zarr')\n"
        "score: float = tb.score(denoise(store.noisy_image(1)), store, 1)['psnr_db']\n"
        "tb.submit(tb.write_outputs('out', store, denoise), store)\n"
        "reveal_type(tb.leaderboard('submissions').to_dataframe())\n"
        "tb.open_store(3)\n"
    )
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--ignore-missing-imports", str(script)],
        cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    errors = [line for line in checked.stdout.splitlines() if ": error:" in line]
    assert len(errors) == 1, checked.stdout
    assert 'Argument 1 to "open_store"' in errors[0]


@pytest.mark.slow
def test_the_site_is_built_strictly_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    pytest.importorskip("mkdocs")
    subprocess.run(
        # Quiet, it would not count warnings, and not be strict.
        [sys.executable, "-m", "mkdocs", "build", "--site-dir", str(tmp_path / "site")],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        check=True,
        timeout=300,
    )
    pages = list((tmp_path / "site").rglob("*.html"))
    assert len(pages) > 20
    for page in pages:
        text = page.read_text()
        assert not re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=[\"']https?:", text), page
    reference = (tmp_path / "site" / "python.html").read_text()
    assert all(f'id="tembench.{name}"' in reference for name in DOCUMENTED)
