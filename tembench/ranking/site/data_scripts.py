"""Data for the pages' scripts: JSON in a page, or a script that delivers a value and nothing else.

A page opened from the file system can load scripts and pictures, but no JSON. Large values lie in
scripts of one call, ``tembench.deliver(KEY, VALUE)``, which are loaded when they are needed.
Text of submissions is written in ASCII, with every character escaped that could end the string or
the element that it stands in.
"""

from __future__ import annotations

import base64
import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np


def data_block(value: Any) -> str:
    r"""A value as JSON that is safe within a ``<script>`` element.

    Parameters
    ----------
    value : plain values
        Without NaN and infinities, which JSON lacks.

    Examples
    --------
    >>> print(data_block({"title": "</script>"}))
    {"title":"\u003c/script\u003e"}
    """
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    for letter in "<>&":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text


def write_data(folder: Path, key: str, value: Any) -> None:
    """Write ``folder/KEY.js``, which delivers a value under the key."""
    path = folder / f"{key}.js"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"tembench.deliver({data_block(key)},{data_block(value)});\n", encoding="ascii")


def packed(values: np.ndarray) -> dict[str, Any]:
    """An array as plain values: shape, type, and its compressed bytes in base 64.

    Parameters
    ----------
    values : ndarray
        Written as float32, or as uint8 where it is of that type.
    """
    kind = "uint8" if values.dtype == np.uint8 else "float32"
    plain = np.ascontiguousarray(values, dtype="<f4" if kind == "float32" else np.uint8)
    data = base64.b64encode(zlib.compress(plain.tobytes(), 1)).decode()
    return {"shape": list(plain.shape), "type": kind, "deflated": data}
