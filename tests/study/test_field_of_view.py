"""Networks of different fields of view, from scores made up on the images of the tiny recipe."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from study_fakes import size_of

from tembench.cli import cli
from tembench.core.errors import OutputError, TableError
from tembench.core.files import write_text, write_toml
from tembench.dataset.image_table import image_table
from tembench.metrics import versions
from tembench.recipe import Recipe, recipe_id
from tembench.study.field_of_view import field_csv, field_markdown, recipe_of
from tembench.study.scored_networks import SHOWN, compare

UNET = {"scales": 4, "channels": 4, "widening": 2.0, "bias_free": False, "binning": 8}


def write_scored(
    folder: Path,
    recipe: Recipe,
    gain: float,
    metrics: tuple[str, ...] = SHOWN,
    part: str = "test",
    **parameters: Any,
) -> Path:
    """Outputs scored by some metrics; each image and metric has a value of its own, plus `gain`."""
    table = image_table(recipe)
    table = table[::2] if part == "test-subset" else table
    head = ["image", "model", *metrics, "seconds"]
    lines = [
        [image, model, *(0.01 * image + 0.1 + gain for _ in metrics), 0.5]
        for image, model in table["model"].items()
    ]
    write_text(folder / "scores.csv", "".join(f"{','.join(map(str, x))}\n" for x in [head, *lines]))
    method = {"name": "unet", "title": f"UNet {gain}", "kind": "learned"}
    write_toml(
        folder / "scores.toml",
        {
            "method": {**method, "parameters": {**UNET, **parameters}},
            "data": {
                "recipe": recipe.name,
                "version": recipe.version,
                "recipe_id": recipe_id(recipe),
                "split": "model",
                "part": part,
                "images": len(table),
            },
            "run": {"tembench": "0.1.0", "device": "cpu"},
            "metrics": {name: versions()[name] for name in metrics},
        },
    )
    return folder


@pytest.fixture
def folders(tiny_recipe: Recipe, tmp_path: Path) -> list[Path]:
    """Three networks, not in order."""
    return [
        write_scored(tmp_path / f"scales-{scales}", tiny_recipe, gain, scales=scales)
        for scales, gain in ((4, 0.3), (1, 0.0), (2, 0.1))
    ]


def test_networks_are_sorted_by_what_they_see(folders: list[Path], tiny_recipe: Recipe) -> None:
    networks = compare(folders, tiny_recipe)
    assert [network.scales for network in networks] == [1, 2, 4]
    # One scale is two 3 x 3 convolutions: 5 bins of 8 px of 50 A / 160.
    assert networks[0].field_px == 5 * 8
    assert networks[0].field_A == pytest.approx(5 * 8 * 50 / 160)
    # 1 to 4 and 4 to 4 channels, two values of batch normalisation each, and the last layer.
    assert networks[0].parameters == 9 * 4 + 2 * 4 + 9 * 16 + 2 * 4 + 4 + 1
    assert networks[0].gains == {}
    for network, gain in zip(networks[1:], (0.1, 0.2), strict=True):
        for name in SHOWN:
            found = network.gains[name]
            # The same for each image: nothing varies, however the images themselves do.
            assert (found.low, found.mean, found.high) == pytest.approx((gain,) * 3)
            assert network.values[name].high - network.values[name].low > 0.01


def test_tables_tell_all_networks(folders: list[Path], tiny_recipe: Recipe) -> None:
    networks = compare(folders, tiny_recipe)
    rows = list(csv.DictReader(io.StringIO(field_csv(networks))))
    assert [row["scales"] for row in rows] == ["1", "2", "4"]
    assert rows[0]["psnr_db_gain_mean"] == ""
    assert float(rows[2]["surface_f1_gain_mean"]) == pytest.approx(0.2)
    text = field_markdown(networks)
    assert "| UNet 0.0 | 1 | 12.5 | 40 |" in text
    assert "| 1 to 2 |" in text
    assert "| 2 to 4 |" in text


def test_one_metric_alone_is_compared_too(tiny_recipe: Recipe, tmp_path: Path) -> None:
    folders = [
        write_scored(tmp_path / str(scales), tiny_recipe, 0.0, ("psnr_db",), scales=scales)
        for scales in (1, 2)
    ]
    assert list(compare(folders, tiny_recipe)[1].gains) == ["psnr_db"]


@pytest.mark.slow
def test_what_does_not_belong_together_is_refused(
    folders: list[Path], tiny_recipe: Recipe, tmp_path: Path
) -> None:
    with pytest.raises(TableError, match="nothing to compare with"):
        compare(folders[:1], tiny_recipe)
    with pytest.raises(OutputError, match="neither a submission nor scored outputs"):
        compare([*folders, tmp_path / "nowhere"], tiny_recipe)
    for wrong in ({"scales": 0}, {"scales": 99}, {"channels": 10**9}, {"widening": "wide"}):
        other = write_scored(tmp_path / "other", tiny_recipe, 0.1, **wrong)
        with pytest.raises(TableError, match="other: not a UNet whose size is recorded") as caught:
            compare([folders[0], other], tiny_recipe)
        assert "\n" not in str(caught.value)
    partly = write_scored(tmp_path / "partly", tiny_recipe, 0.1, part="test-subset")
    with pytest.raises(TableError, match="partly: tested on a subset"):
        compare([folders[0], partly], tiny_recipe)
    with pytest.raises(TableError, match="not the recipe of the submissions"):
        recipe_of("quickstart", recipe_id(tiny_recipe))


@pytest.mark.slow
def test_the_command_writes_figure_and_tables(
    folders: list[Path], tiny_recipe_file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "figures" / "field.png"
    arguments = ["study", "field-of-view", *folders, "--recipe", tiny_recipe_file, "--out", out]
    result = CliRunner().invoke(cli, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.exception
    assert (out.with_suffix(".md")).read_text() in result.output
    assert size_of(out)[0] > 1500
    assert len(out.with_suffix(".csv").read_text().splitlines()) == 4
    other = CliRunner().invoke(cli, [*map(str, arguments[:-1]), "field.pdf"])
    assert other.exit_code == 2
    assert "ends in .png" in other.output
