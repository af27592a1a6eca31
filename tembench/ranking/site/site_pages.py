"""Pages of the site: templates filled in, with all text of submissions escaped."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from tembench import __version__
from tembench.ranking.site.data_scripts import data_block
from tembench.ranking.site.vendored import LIBRARIES

# Scripts and styles of the site alone; pictures may also be data of a page's own script.
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'"
)


class SitePages:
    """Pages of one site.

    Parameters
    ----------
    folder : Path
        Folder of the site.
    tracks : list of dict
        Tracks of the navigation: name of the folder, title and sentence of each.
    docs : str
        Address of the documentation's pages, which definitions link to; empty for none.
    """

    def __init__(self, folder: Path, tracks: list[dict[str, Any]], docs: str = "") -> None:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined

        self._folder = folder
        self._environment = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(
            tracks=tracks,
            version=__version__,
            policy=CONTENT_POLICY,
            libraries=LIBRARIES,
            docs=docs.rstrip("/"),
            data_block=data_block,
            inf=math.inf,
        )

    def write(self, path: str, template: str, **values: Any) -> None:
        """Write one page.

        Parameters
        ----------
        path : str
            Of the page, relative to the site's folder; links back to it follow from its depth.
        template : str
            File in ``templates``.
        **values
            For the template. `data`, plain values, is what the page's script reads.
        """
        target = self._folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        root = "../" * path.count("/")
        text = self._environment.get_template(template).render(root=root, page=path, **values)
        target.write_text(text, encoding="utf-8")
