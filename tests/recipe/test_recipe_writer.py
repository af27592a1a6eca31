"""New recipes for a file of atoms: what they draw, and options that cannot be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tembench.core import RecipeError
from tembench.recipe import (
    MICROSCOPE_PRESETS,
    DrawnRecipe,
    Film,
    Particle,
    Slab,
    draw_specimen,
    load_recipe,
    new_recipe_text,
    specimen_seed,
    write_new_recipe,
)
from tembench.recipe.draws.distributions import LogUniform, Uniform


@pytest.fixture
def atoms(tmp_path: Path) -> Path:
    folder = tmp_path / "cifs"
    folder.mkdir()
    (folder / 'odd "name".cif').write_text("data_SrTiO3\n")
    return folder / 'odd "name".cif'


def made(atoms: Path, **options: Any) -> DrawnRecipe:
    out = write_new_recipe(
        atoms.parent.parent / "new" / "my recipe.toml", atoms, **{"formula": "SrTiO3", **options}
    )
    recipe = load_recipe(out)
    assert isinstance(recipe, DrawnRecipe)
    return recipe


def test_a_slab(atoms: Path) -> None:
    recipe = made(
        atoms,
        zone=(1, 1, 0),
        up=(0, 0, 1),
        thickness_A="30",
        note="P m -3 m\nname = 3",
        specimens=50,
    )
    assert recipe.name == "my-recipe"
    assert recipe.specimens == {"train": 50, "validation": 5, "dev": 0, "test": 10, "movie": 0}
    slab = recipe.kinds["srtio3"].components["crystal"]
    assert isinstance(slab, Slab)
    assert (slab.orientation.zone, slab.orientation.up) == ((1, 1, 0), (0, 0, 1))
    assert slab.thickness_A == 30
    assert slab.crystal.file is not None
    assert slab.crystal.file.name == '../cifs/odd "name".cif'
    assert recipe.exposure.dose_e_per_A2 == LogUniform(low=50, high=1000)
    draw_specimen(recipe, *specimen_seed(recipe, "train", 0))


def test_particles_on_carbon(atoms: Path) -> None:
    recipe = made(
        atoms,
        zone="random",
        particle_A="20-40",
        on_carbon=True,
        frame_px=(512, 256),
        dose_e_per_A2="9",
    )
    film, particle = (recipe.kinds["srtio3"].components[name] for name in ("film", "particle"))
    assert isinstance(film, Film)
    assert isinstance(particle, Particle)
    assert particle.diameter_A == Uniform(low=20, high=40)
    assert particle.on == "film"
    assert recipe.shape == (256, 512)
    assert recipe.exposure.dose_e_per_A2 == 9


@pytest.mark.parametrize("name", MICROSCOPE_PRESETS)
def test_every_preset(atoms: Path, name: str) -> None:
    recipe = made(atoms, microscope=name, particle_A="20")
    _, optics = recipe.microscopes["mine"]
    assert f"{optics.energy_keV:g}kV" == name.partition("-")[0]
    # Opposite signs of defocus and C3 balance each other.
    assert sum(optics.C10_nm.limits) * optics.C30_um < 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"thickness_A": "80-20"}, r"specimens.srtio3.crystal.thickness_A.uniform.*swap"),
        ({"thickness_A": "20 to 80"}, r"--thickness is no number.*20-80, got 20 to 80"),
        ({"thickness_A": "0.1"}, r"thickness_A: expected at least 1, got 0.1"),
        ({"zone": (0, 0, 0)}, r"specimens.srtio3.crystal.zone: expected a direction"),
        ({"zone": (1, 1, 0), "up": (2, 2, 0)}, r"crystal.up: .*not along the zone axis"),
        ({"microscope": "300kV"}, r"no such microscope.*300kV-corrected.*got 300kV"),
        ({"on_carbon": True}, r"no particle to lie on carbon.*--particle"),
        ({"particle_A": "20", "thickness_A": "20"}, r"a particle has no thickness"),
        ({"pixel_size_A": "1"}, r"frame.pixel_size_A: expected at most 0.3, got 1"),
        ({"dose_e_per_A2": "0-5"}, r"exposure.dose_e_per_A2.log_uniform: .*more than 0"),
        ({"specimens": 0, "frame_px": (10, 9000)}, r"2 mistakes: frame.width_px.*height_px"),
    ],
)
def test_options_that_cannot_be(atoms: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        made(atoms, **options)
    assert not (atoms.parent.parent / "new").exists()


def test_nothing_is_overwritten(atoms: Path, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="would overwrite an input"):
        write_new_recipe(atoms, atoms, formula="SrTiO3")
    (tmp_path / "mine.toml").write_text("mine")
    with pytest.raises(RecipeError, match="exists already"):
        write_new_recipe(tmp_path / "mine.toml", atoms, formula="SrTiO3")
    with pytest.raises(RecipeError, match=r"no such file, got 'no.cif'"):
        write_new_recipe(tmp_path / "other.toml", tmp_path / "no.cif", formula="SrTiO3")
    assert (tmp_path / "mine.toml").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cifs", "mine.toml"]


def test_ranges_may_be_negative() -> None:
    text = new_recipe_text("x", "x.cif", formula="1-2-3", rotation_deg="-10-20")
    assert "rotation_deg = { uniform = [-10, 20] }" in text
    assert "[specimens.crystal123.crystal]" in text
