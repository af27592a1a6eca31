"""Libraries of the site: what is vendored, in which version, under which licence.

The files in ``vendor`` are those of the npm packages of these versions, unchanged. To update one,
run ``npm pack NAME@VERSION``, copy its files, and change the version and the digests here, which a
test compares.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
SITE_VENDOR, SITE_ASSETS = HERE / "vendor", HERE / "assets"


@dataclass(frozen=True, kw_only=True)
class SiteLibrary:
    """A vendored library.

    Attributes
    ----------
    name, version, licence : str
        The npm package.
    files : dict of str to str
        SHA-256 of each of its files in `SITE_VENDOR`.
    """

    name: str
    version: str
    licence: str
    files: dict[str, str]


LIBRARIES = (
    SiteLibrary(
        name="tabulator-tables",
        version="6.5.3",
        licence="MIT",
        files={
            "tabulator.min.js": "ffac518cb793c672a2f0522b7fc80bf862234d96bb1e581c8aaf7f48f130eafa",
            "tabulator.min.css": "405ae24218357d80df2a5f3addf138666d035f970dac4ebdb0265d0b5373efcb",
            "tabulator.license.txt": "191a2ee554684e1064c897b432f0e1bc6dfa714ca045d3f6ea2cf692cbd398b7",  # noqa: E501
        },
    ),
    SiteLibrary(
        name="@observablehq/plot",
        version="0.6.17",
        licence="ISC",
        files={
            "plot.umd.min.js": "4358086467740777dd788d6b27a95cebdbaefdd50c730a3060117073bd7134cb",
            "plot.license.txt": "4b295e011e0e046170041b5b46f1349393aeceb95797793a55bd21dbb543363a",
        },
    ),
    SiteLibrary(
        name="d3",
        version="7.9.2",
        licence="ISC",
        files={
            "d3.min.js": "912111098ea99503a6f4967361d2bbdc9dbf58cf9c678c8e27e5b02d1a07f0c1",
            "d3.license.txt": "2a6d2d5f32ba0b755ddbc1c833f766e30cdbe6ebe9a6d4e3e24427721f0b63d3",
        },
    ),
)
"""Tables by Tabulator, plots by Observable Plot, which needs d3; d3 also zooms."""


def copy_assets(folder: Path) -> None:
    """Copy the scripts and styles that pages load into a folder."""
    folder.mkdir(parents=True)
    for source in (SITE_VENDOR, SITE_ASSETS):
        for file in sorted(source.iterdir()):
            shutil.copyfile(file, folder / file.name)
