"""Writer of a commented drawn recipe for a file of atoms, to start from."""

from __future__ import annotations

import json
import math
import os
import re
import textwrap
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tembench.core import RecipeError, printable, refuse_inputs, write_text
from tembench.recipe.draws.parsing import files_beside
from tembench.recipe.draws.parsing.parse_drawn import parse_drawn
from tembench.recipe.microscope_presets import MICROSCOPE_PRESETS

_NUMBER = r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"


def new_recipe_text(
    name: str,
    file: str,
    *,
    formula: str,
    note: str = "",
    zone: Sequence[int] | str = (0, 0, 1),
    up: Sequence[int] | None = None,
    thickness_A: str | None = None,
    rotation_deg: str = "0-360",
    microscope: str = "300kV-corrected",
    frame_px: tuple[int, int] = (384, 384),
    pixel_size_A: str = "0.1",
    dose_e_per_A2: str = "50-1000",
    particle_A: str | None = None,
    on_carbon: bool = False,
    specimens: int = 200,
) -> str:
    """Recipe of random specimens of one crystal, as TOML with comments.

    Parameters
    ----------
    name : str
        Name of the recipe.
    file : str
        File of the crystal's cell, relative to the recipe.
    formula, note : str
        The crystal's formula, and a remark on it such as its space group, for the comments.
    zone, up : sequence of three int
        Directions along the beam and up in the image; zone may be ``"random"``.
    thickness_A, rotation_deg, pixel_size_A, dose_e_per_A2, particle_A : str
        A number, or a range such as ``"20-80"``, from which values are drawn evenly (the dose
        evenly in its logarithm). A slab is 20 to 80 A thick unless a thickness is given; with
        `particle_A`, their diameter, there are particles and no slab.
    microscope : str
        One of `MICROSCOPE_PRESETS`.
    frame_px : tuple of int
        Width and height of an image.
    on_carbon : bool
        Whether the particles lie on a film of amorphous carbon.
    specimens : int
        Number of specimens to train on; a tenth for validation and a fifth for the test come on
        top.

    Raises
    ------
    RecipeError
        If a range cannot be read, or options exclude each other.
    """
    if microscope not in MICROSCOPE_PRESETS:
        known = ", ".join(MICROSCOPE_PRESETS)
        raise RecipeError("no such microscope", expected=f"one of {known}", got=microscope)
    if particle_A is None and on_carbon:
        raise RecipeError("no particle to lie on carbon", remedy="Give its diameter: --particle 30")
    if particle_A is not None and thickness_A is not None:
        raise RecipeError("a particle has no thickness", remedy="Leave out --thickness")
    crystal = _crystal_lines(file, zone, up, rotation_deg)
    if particle_A is None:
        thickness = f"thickness_A = {_evenly(thickness_A or '20-80', 'thickness')}"
        parts = [("crystal", ['kind = "slab"', crystal[0], thickness, *crystal[1:]])]
    else:
        parts = _particle_parts(crystal, particle_A, on_carbon)
    kind = _identifier(formula)
    shape = "slabs" if particle_A is None else "particles" + " on amorphous carbon" * on_carbon
    tables = [
        _head(name, f"{_line(formula)} {shape}", _line(note)),
        _sizes(specimens, frame_px, _evenly(pixel_size_A, "pixel-size")),
        _microscope(microscope),
        _exposure(_evenly(dose_e_per_A2, "dose", "log_uniform")),
        *("\n".join([f"[specimens.{kind}.{part}]", *lines, ""]) for part, lines in parts),
    ]
    return "\n".join(tables)


def write_new_recipe(out: Path, atoms: Path, **options: Any) -> Path:
    """Write the recipe of `new_recipe_text` for a file of atoms.

    Parameters
    ----------
    out : Path
        The file to write; it must not exist. The recipe has its name.
    atoms : Path
        File of the crystal's cell. The recipe names it relative to its own folder.
    **options
        Keyword arguments of `new_recipe_text`.

    Returns
    -------
    Path
        `out`.

    Raises
    ------
    RecipeError
        If `out` exists, or the recipe would have mistakes: they are named by their keys.
    """
    refuse_inputs([out], [atoms], RecipeError)
    if out.exists() or out.is_symlink():
        raise RecipeError(
            "exists already", where=str(out), remedy="Remove it, or name another file with --out"
        )
    name = re.sub(r"[^A-Za-z0-9._-]", "-", out.stem).strip("._-")[:80] or "recipe"
    tried = new_recipe_text(name, atoms.name, **options)
    try:
        parse_drawn(tomllib.loads(tried), str(out), files_beside(atoms.parent))
    except RecipeError as problem:
        raise RecipeError(
            problem.what, where=str(out), remedy="Change the options that give these keys"
        ) from None
    write_text(out, new_recipe_text(name, _relative(atoms, out.parent), **options))
    return out


def _head(name: str, shown: str, note: str) -> str:
    about = f"\n# {note}" if note else ""
    return f"""# {shown}: specimens and images drawn at random.{about}
# Every number may be {{ uniform = [a, b] }}, {{ log_uniform = [a, b] }}, {{ choice = [a, b] }} ...
# See docs/recipes.md. Lengths are in angstrom where a key ends in _A; C10 > 0 is overfocus.
name = {json.dumps(name)}
version = "1.0.0"
description = {json.dumps(shown, ensure_ascii=False)}
licence = "CC-BY-4.0"
seed = 1
"""


def _sizes(specimens: int, frame_px: tuple[int, int], pixel: str) -> str:
    return f"""# Specimens of each part, and images of each specimen.
[draws]
train = {specimens}
validation = {max(1, specimens // 10)}
test = {max(1, specimens // 5)}
images_each = 3

[frame]
width_px = {frame_px[0]}
height_px = {frame_px[1]}
pixel_size_A = {pixel}
"""


def _microscope(name: str) -> str:
    preset = MICROSCOPE_PRESETS[name]
    optics = preset.optics
    source = "\n".join(
        textwrap.wrap(preset.source, 98, initial_indent="# ", subsequent_indent="# ")
    )
    low, high = _defoci(optics["energy_keV"], optics["C30_um"])
    return f"""# {name}: C3 {optics["C30_um"]:g} um, focal spread {optics["focal_spread_nm"]:g} nm,
# convergence {optics["convergence_mrad"]:g} mrad, image spread {optics["image_spread_A"]:g} A.
{source}
# Write your own values below: C30_um, C50_mm, focal_spread_nm, convergence_mrad, image_spread_A.
[microscopes.mine]
preset = "{name}"
C10_nm = {{ uniform = [{low}, {high}] }}
# Residual astigmatism, coma and threefold astigmatism, in any direction.
C12_nm = {{ uniform = [0, 4] }}
phi12_deg = {{ uniform = [0, 180] }}
C21_nm = {{ uniform = [0, 100] }}
phi21_deg = {{ uniform = [0, 360] }}
C23_nm = {{ uniform = [0, 100] }}
phi23_deg = {{ uniform = [0, 120] }}
"""


def _exposure(dose: str) -> str:
    return f"""# Electrons per square angstrom in vacuum, counted where they arrive.
# A camera of your own is a table [detectors.mine].
[exposure]
dose_e_per_A2 = {dose}
"""


def _crystal_lines(
    file: str, zone: Sequence[int] | str, up: Sequence[int] | None, rotation: str
) -> list[str]:
    lines = [
        f"file = {json.dumps(file, ensure_ascii=False)}",
        f"zone = {json.dumps(zone if isinstance(zone, str) else list(zone))}",
    ]
    if isinstance(zone, str):
        return lines
    return [
        *lines,
        f"up = {list(up)}" if up else "# up = [0, 0, 1]",
        f"rotation_deg = {_evenly(rotation, 'rotation')}",
        "mistilt_deg = { uniform = [0, 1] }",
        "mistilt_azimuth_deg = { uniform = [0, 360] }",
        "# vacancies = { uniform = [0, 0.02] }",
    ]


def _particle_parts(
    crystal: list[str], diameter: str, on_carbon: bool
) -> list[tuple[str, list[str]]]:
    particle = [
        'kind = "particle"',
        *crystal,
        f"diameter_A = {_evenly(diameter, 'particle')}",
        '# A cubic crystal with facets: shape = "wulff", facets = { 100 = 1.15, 111 = 1.0 }',
        'shape = "sphere"',
        "x = { uniform = [0.3, 0.7] }",
        "y = { uniform = [0.3, 0.7] }",
    ]
    if not on_carbon:
        return [("particle", particle)]
    film = ['kind = "film"', "thickness_A = { uniform = [20, 50] }"]
    return [("film", film), ("particle", [*particle, 'on = "film"'])]


def _relative(atoms: Path, folder: Path) -> str:
    """Path of a file as seen from a folder; absolute on another drive."""
    try:
        return Path(os.path.relpath(atoms, folder)).as_posix()
    except ValueError:
        return atoms.absolute().as_posix()


def _evenly(text: str, option: str, kind: str = "uniform") -> str:
    """A number or a range of an option, as TOML."""
    found = re.fullmatch(rf"({_NUMBER})(?:-({_NUMBER}))?", text.strip())
    if not found:
        raise RecipeError(
            f"--{option} is no number", expected="a number, or a range such as 20-80", got=text
        )
    ends = [f"{float(end):g}" for end in found.groups() if end is not None]
    return ends[0] if len(ends) == 1 else f"{{ {kind} = [{', '.join(ends)}] }}"


def _defoci(energy_keV: float, c3_um: float) -> tuple[int, int]:
    """Defoci in nm about the one where astigmatism of third order is best balanced (Scherzer).

    That is 1.2 sqrt(|C3| lambda), of the sign against C3; the range is 15 nm to either side, or 25
    nm of an uncorrected lens.
    """
    wavelength_nm = 1.22643 / math.sqrt(energy_keV * 1e3 * (1 + 0.978476e-3 * energy_keV))
    middle = -math.copysign(1.2 * math.sqrt(abs(c3_um) * 1e3 * wavelength_nm), c3_um)
    reach = 15 if abs(c3_um) < 100 else 25
    return round(middle) - reach, round(middle) + reach


def _identifier(formula: str) -> str:
    """Name of the kind of specimen: the formula in small letters."""
    letters = re.sub(r"[^a-z0-9]", "", formula.lower())[:30]
    return letters if letters[:1].isalpha() else f"crystal{letters}"


def _line(text: str) -> str:
    """A text on one line that may be a comment."""
    return printable(" ".join(text.split()))
