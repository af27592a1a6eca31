"""Commands on recipes: recipe list, show, validate, new and preview; and seal."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from tembench.cli.options import (
    FOLDER,
    as_json,
    complete_recipe,
    print_json,
    recipe_argument,
    workers,
)
from tembench.recipe import MICROSCOPE_PRESETS, Crystal


def _direction(
    context: click.Context, option: click.Parameter, given: str | None
) -> tuple[int, ...] | str | None:
    """Three whole numbers, as in 1,-1,0; "random" stays a word."""
    if given is None or given == "random":
        return given
    try:
        direction = tuple(int(part) for part in given.split(","))
    except ValueError:
        direction = ()
    if len(direction) != 3:
        raise click.BadParameter(f"expected three whole numbers such as 1,1,0, got {given!r}")
    return direction


@click.group()
def recipe() -> None:
    """List, show, write and check recipes.

    Example: tembench recipe show quickstart
    """


@recipe.command("list")
@as_json
def recipe_list(as_json: bool) -> None:
    """List the recipes that come with tembench.

    Example: tembench recipe list
    """
    from tembench.core import list_recipes
    from tembench.dataset import describe_recipe
    from tembench.recipe import load_recipe

    described = [describe_recipe(load_recipe(name)) for name in list_recipes()]
    if as_json:
        print_json(described)
        return
    for recipe in described:
        click.echo(f"{recipe['name']}  {recipe['version']}  {recipe['images']} images")
        click.echo(f"    {recipe['description']}")


@recipe.command("show")
@recipe_argument
@as_json
def recipe_show(source: str, as_json: bool) -> None:
    """Show a recipe's factors, splits and microscope.

    Example: tembench recipe show quickstart
    """
    from tembench.dataset import describe_recipe, load_checked_recipe, recipe_text

    content = describe_recipe(load_checked_recipe(source))
    print_json(content) if as_json else click.echo(recipe_text(content))


@recipe.command("validate")
@recipe_argument
@as_json
def recipe_validate(source: str, as_json: bool) -> None:
    """Check a recipe and report every error in it.

    Of a drawn recipe, one specimen of each kind is built.

    Example: tembench recipe validate my-recipe.toml
    """
    from tembench.dataset import check_draws, load_checked_recipe
    from tembench.recipe import DrawnRecipe, recipe_id

    recipe = load_checked_recipe(source)
    if isinstance(recipe, DrawnRecipe):
        check_draws(recipe, source)
    content = {
        "valid": True,
        "name": recipe.name,
        "version": recipe.version,
        "recipe_id": recipe_id(recipe),
        "images": recipe.n_images,
    }
    if as_json:
        print_json(content)
        return
    click.echo(f"{source}: valid; {recipe.name} {recipe.version}, {recipe.n_images} images")
    click.echo(f"recipe_id {content['recipe_id']}")


@recipe.command("new")
@click.argument("atoms", metavar="FILE", type=FOLDER)
@click.option(
    "--zone", default="0,0,1", show_default=True, metavar="U,V,W", callback=_direction,
    help="Direction of the crystal along the beam, or random.",
)  # fmt: skip
@click.option(
    "--up", metavar="U,V,W", callback=_direction, help="Direction that is up in the image."
)
@click.option("--thickness", metavar="A", help="Thickness of a slab, such as 30 or 20-80.")
@click.option(
    "--particle", metavar="A", help="Diameter of Wulff particles, such as 20-40, and no slab."
)
@click.option("--on-carbon", is_flag=True, help="Put the particles on a film of amorphous carbon.")
@click.option(
    "--rotation", default="0-360", show_default=True, metavar="DEG",
    help="Rotation about the beam.",
)  # fmt: skip
@click.option(
    "--microscope", default="300kV-corrected", show_default=True,
    metavar="NAME", type=click.Choice(sorted(MICROSCOPE_PRESETS)),
    help=f"Preset: {', '.join(sorted(MICROSCOPE_PRESETS))}.",
)  # fmt: skip
@click.option(
    "--frame", default=384, show_default=True, type=click.IntRange(16, 8192), metavar="PX",
    help="Side of an image.",
)  # fmt: skip
@click.option(
    "--pixel-size", default="0.1", show_default=True, metavar="A", help="Size of a pixel."
)
@click.option(
    "--dose", default="50-1000", show_default=True, metavar="E/A2",
    help="Electrons per square angstrom in vacuum.",
)  # fmt: skip
@click.option(
    "--specimens", default=200, show_default=True, type=click.IntRange(1, 1_000_000), metavar="N",
    help="Specimens to train on; a tenth for validation and a fifth for the test are added.",
)  # fmt: skip
@click.option(
    "--out", required=True, type=FOLDER, metavar="TOML", help="Recipe to write; a new file."
)
def recipe_new(
    atoms: Path, zone: Any, up: Any, frame: int, specimens: int, out: Path, **ranges: Any
) -> None:
    """Write a recipe for a file of atoms, with comments.

    FILE is a CIF, POSCAR, XYZ or another file that ASE reads. Numbers may be ranges such as
    20-80, from which every specimen or image draws its own.

    Example: tembench recipe new SrTiO3.cif --zone 1,1,0 --out my.toml
    """
    from tembench.recipe import atoms_file, write_new_recipe
    from tembench.simulation import check_crystal, describe_crystal

    crystal = Crystal(file=atoms_file(atoms), structure=None, elements=None, lattice_A=None)
    check_crystal(crystal, str(atoms))
    formula, _, note = describe_crystal(crystal).partition(", ")
    write_new_recipe(
        out,
        atoms,
        formula=formula,
        note=note,
        zone=zone,
        up=up,
        thickness_A=ranges["thickness"],
        rotation_deg=ranges["rotation"],
        microscope=ranges["microscope"],
        frame_px=(frame, frame),
        pixel_size_A=ranges["pixel_size"],
        dose_e_per_A2=ranges["dose"],
        particle_A=ranges["particle"],
        on_carbon=ranges["on_carbon"],
        specimens=specimens,
    )
    click.echo(f"{out}: written, for {formula} ({note})")
    click.echo(f"Look at it: tembench recipe preview {out} --out preview.png")


@recipe.command("preview")
@recipe_argument
@click.option("--out", required=True, type=FOLDER, metavar="PNG", help="PNG file to write.")
@click.option(
    "--number", default=12, show_default=True, type=click.IntRange(1, 120), metavar="N",
    help="Number of specimens.",
)  # fmt: skip
@workers
def recipe_preview(source: str, out: Path, number: int, workers: int) -> None:
    """Draw a few specimens of a drawn recipe, clean and noisy.

    They are the first specimens of the data set that 'tembench generate' would make.

    Example: tembench recipe preview srtio3 --out preview.png
    """
    from tembench.dataset import draw_preview, load_checked_recipe
    from tembench.recipe import DrawnRecipe

    recipe = load_checked_recipe(source)
    if not isinstance(recipe, DrawnRecipe):
        raise click.UsageError(
            f"{source} is a closed recipe, whose models 'tembench images STORE --models' draws"
        )
    draw_preview(recipe, out, number, workers=workers)
    click.echo(f"{out}: written")


@click.command()
@click.argument("seedfile", type=FOLDER)
@click.option(
    "--recipe", "source", metavar="RECIPE", shell_complete=complete_recipe,
    help="Print the commitment for this drawn recipe, which is public.",
)  # fmt: skip
@click.option(
    "--check", metavar="COMMITMENT",
    help="With --recipe: the commitment that was published; the exit code is 3 if it is another.",
)  # fmt: skip
@as_json
def seal(seedfile: Path, source: str | None, check: str | None, as_json: bool) -> None:
    """Create the secret seed of a sealed test.

    Prints what is public of it. A file that does not exist is created with 32 random bytes that its
    owner alone may read; one that exists is never changed. Keep a copy: a lost seed cannot be told.

    Example: tembench seal seed-2027.txt --recipe open-hrtem
    """
    from tembench.recipe import (
        create_seal_file,
        load_recipe,
        read_seal_file,
        recipe_id,
        sealed_recipe,
        unsealed,
    )

    if check is not None and source is None:
        raise click.UsageError("--check requires --recipe.")
    content: dict[str, str | bool] = {"file": str(seedfile), "created": False}
    if check is None and not seedfile.exists():
        create_seal_file(seedfile)
        content["created"] = True
    secret = read_seal_file(seedfile)
    if source is not None:
        sealed = sealed_recipe(load_recipe(source), secret)
        assert sealed.redraw is not None
        if check is not None:
            claimed = replace(sealed.redraw, commitment=check.strip().lower())
            unsealed(replace(sealed, redraw=claimed), secret, str(seedfile))
        content |= {
            "recipe": sealed.name,
            "version": sealed.version,
            "recipe_id": recipe_id(sealed),
            "commitment": sealed.redraw.commitment,
        }
    print_json(content) if as_json else click.echo(_seal_text(content))


def _seal_text(content: dict[str, str | bool]) -> str:
    """Lines of what is public; the seed itself is never printed."""
    state = "created; keep a copy" if content["created"] else "a usable secret seed"
    lines = [f"{content['file']}: {state}"]
    if "recipe" in content:
        lines += [
            f"recipe      {content['recipe']} {content['version']}",
            f"recipe_id   {content['recipe_id']}",
            f"commitment  {content['commitment']}",
        ]
    return "\n".join(lines)
