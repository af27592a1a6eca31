"""Commands on data sets: generate, reimage, info, describe, verify, images and inputs."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tembench.cli.options import (
    FOLDER,
    as_json,
    complete_recipe,
    device,
    part,
    print_json,
    recipe_argument,
    scheduler,
    split,
    workers,
)

if TYPE_CHECKING:
    from tembench.dataset import Generation


@click.command()
@recipe_argument
@click.option(
    "--out", required=True, type=FOLDER, metavar="STORE", help="Folder to write the store to."
)
@workers
@scheduler
@device
@click.option(
    "--repair", is_flag=True, help="Read everything back first and regenerate damaged parts."
)
@click.option(
    "--parts", metavar="PART,PART",
    help="Parts of a drawn recipe to generate, such as dev,test. Default: all.",
)  # fmt: skip
@click.option(
    "--seal", type=FOLDER, metavar="SEEDFILE",
    help="Draw the test of a drawn recipe, and nothing else, from the secret seed in this file. "
    "'tembench seal SEEDFILE' creates one.",
)  # fmt: skip
@as_json
def generate(
    source: str,
    out: Path,
    workers: int,
    scheduler: str | None,
    device: str,
    repair: bool,
    parts: str | None,
    seal: Path | None,
    as_json: bool,
) -> None:
    """Simulate a recipe's images and write them to a store.

    Rerun the same command to resume an interrupted run.

    Example: tembench generate quickstart --out quickstart.zarr --workers 2
    """
    from tembench.dataset import generate as generate_store, load_checked_recipe

    recipe = load_checked_recipe(source, seal=seal)
    made = generate_store(
        recipe,
        out,
        workers=workers,
        parts=[part.strip() for part in parts.split(",")] if parts else (),
        repair=repair,
        device=device,
        scheduler=scheduler,
    )
    _print_generation(made, out, as_json)


@click.command()
@click.argument("store", type=FOLDER)
@click.option(
    "--recipe",
    "source",
    required=True,
    metavar="RECIPE",
    shell_complete=complete_recipe,
    help="Name or TOML file of the new data set's recipe.",
)
@click.option(
    "--out", required=True, type=FOLDER, metavar="STORE", help="Folder to write the new store to."
)
@workers
@scheduler
@device
@as_json
def reimage(
    store: Path,
    source: str,
    out: Path,
    workers: int,
    scheduler: str | None,
    device: str,
    as_json: bool,
) -> None:
    """Form another recipe's images from a store's exit waves.

    The new recipe may change the optics, dose, defoci and splits, and may have fewer models and
    tilts; no multislice simulation is needed. Rerun the same command to resume an interrupted run.

    Example: tembench reimage quickstart.zarr --recipe low.toml --out low.zarr
    """
    from tembench.dataset import load_checked_recipe, open_store, reimage as reimage_store

    recipe = load_checked_recipe(source)
    made = reimage_store(
        open_store(store), recipe, out, workers=workers, device=device, scheduler=scheduler
    )
    _print_generation(made, out, as_json)


def _print_generation(made: Generation, out: Path, as_json: bool) -> None:
    from tembench.dataset import describe_generation, generation_text, open_store

    content = describe_generation(made, open_store(out))
    print_json(content) if as_json else click.echo(generation_text(content))


@click.command()
@click.argument("store", type=FOLDER)
@as_json
def info(store: Path, as_json: bool) -> None:
    """Describe the contents of a store.

    Example: tembench info quickstart.zarr
    """
    from tembench.dataset import describe_store, open_store, store_text

    content = describe_store(open_store(store, complete=False))
    print_json(content) if as_json else click.echo(store_text(content))


@click.command()
@click.argument("store", type=FOLDER)
@click.option(
    "--out", type=FOLDER, metavar="FOLDER",
    help="Folder to write data-card.md and croissant.json to. Default: print the card.",
)  # fmt: skip
@click.option("--creator", default="", metavar="NAME", help="Organisation that publishes it.")
@click.option("--url", default="", metavar="URL", help="Page that it is published on.")
@click.option(
    "--published", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD",
    help="Date of publication.",
)  # fmt: skip
@as_json
def describe(
    store: Path,
    out: Path | None,
    creator: str,
    url: str,
    published: datetime | None,
    as_json: bool,
) -> None:
    """Write the data card of a store, and its Croissant metadata.

    The card says what the images are, how they were made, what they are for and what they cannot
    tell; every number is read from the store. Paths in croissant.json are relative to the folder
    that the store is in. Both files are replaced if they exist. --json prints croissant.json.

    Example: tembench describe quickstart.zarr --out card
    """
    from tembench.dataset import (
        card_content,
        croissant_text,
        data_card_text,
        open_store,
        write_data_card,
    )

    date = published.date().isoformat() if published else ""
    content = card_content(open_store(store), creator=creator, url=url, published=date)
    written = write_data_card(content, store, out) if out else ()
    if as_json:
        click.echo(croissant_text(content, store), nl=False)
    elif out is None:
        click.echo(data_card_text(content), nl=False)
    else:
        click.echo("\n".join(f"{path}: written" for path in written))


@click.command()
@click.argument("store", type=FOLDER)
@click.option(
    "--out", required=True, type=FOLDER, metavar="FOLDER", help="Folder to write the inputs to."
)
@split
@part
def inputs(store: Path, out: Path, split: str, part: str) -> None:
    """Write only what methods may see of a store: no clean images.

    'tembench denoise METHOD FOLDER' accepts this folder in place of a store. Use it to run
    untrusted code on a machine that does not have the store, then score the outputs with
    'tembench score OUTPUTS STORE' where the store is. Images of a drawn recipe are in shuffled
    order under numbers that tell nothing; scoring finds out which they are.

    Example: tembench inputs quickstart.zarr --out inputs.zarr
    """
    from tembench.dataset import open_store, write_inputs

    number = write_inputs(open_store(store), out, split=split, part=part)
    click.echo(f"{out}: inputs of {number} images, {part} part of split {split}")


@click.command()
@click.argument("store", type=FOLDER)
@click.option(
    "--sample", default=1, show_default=True, type=click.IntRange(0), metavar="K",
    help="Number of models, or windows of specimens, to simulate again and compare.",
)  # fmt: skip
@click.option(
    "--seal", type=FOLDER, metavar="SEEDFILE",
    help="Seed file of a sealed test: checked against the commitment in the store, and used to "
    "simulate the sample.",
)  # fmt: skip
@as_json
@click.pass_context
def verify(
    context: click.Context, store: Path, sample: int, seal: Path | None, as_json: bool
) -> None:
    """Check a store against its digests and a new simulation.

    The exit code is 4 if anything is damaged or different, 3 if the seed file is another's.

    Example: tembench verify quickstart.zarr --sample 2
    """
    from tembench.core import StoreError
    from tembench.dataset import open_store, verification_text, verify as verify_store

    verification = verify_store(open_store(store, seal=seal), sample=sample)
    if as_json:
        print_json(verification.as_dict())
    else:
        click.echo(verification_text(verification))
    if not verification.good:
        context.exit(StoreError.exit_code)


@click.command()
@click.argument("store", type=FOLDER)
@click.option("--out", required=True, type=FOLDER, metavar="PNG", help="PNG file to write.")
@click.option(
    "--number", default=12, show_default=True, type=click.IntRange(1, 200), metavar="N",
    help="Number of images, spread evenly over the store.",
)  # fmt: skip
@click.option("--models", is_flag=True, help="Draw one image of every atomic model instead.")
def images(store: Path, out: Path, number: int, models: bool) -> None:
    """Draw a contact sheet of a store's clean images.

    Example: tembench images quickstart.zarr --out images.png
    """
    from tembench.dataset import contact_sheet, model_sheet, open_store

    if models:
        model_sheet(open_store(store), out)
    else:
        contact_sheet(open_store(store), out, number)
    click.echo(f"{out}: written")
