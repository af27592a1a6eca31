"""Commands on recipes: recipe list, show, validate and preview."""

from __future__ import annotations

from pathlib import Path

import click

from tembench.cli.options import FOLDER, as_json, print_json, recipe_argument, workers


@click.group()
def recipe() -> None:
    """List, show and validate recipes.

    Example: tembench recipe show quickstart
    """


@recipe.command("list")
@as_json
def recipe_list(as_json: bool) -> None:
    """List the recipes that come with tembench.

    Example: tembench recipe list
    """
    from tembench.dataset import describe_recipe
    from tembench.recipe import list_recipes, load_recipe

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

    Example: tembench recipe validate my-recipe.toml
    """
    from tembench.dataset import load_checked_recipe
    from tembench.recipe import recipe_id

    recipe = load_checked_recipe(source)
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


@recipe.command("preview")
@recipe_argument
@click.option("--out", required=True, type=FOLDER, metavar="PNG", help="PNG file to write.")
@click.option(
    "--number", default=12, show_default=True, type=click.IntRange(1, 120), metavar="N",
    help="Number of specimens.",
)  # fmt: skip
@workers
def recipe_preview(source: str, out: Path, number: int, workers: int) -> None:
    """Draw images of a few specimens of a drawn recipe, clean and noisy.

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
