"""Files of a training: weights, the checkpoint to resume from, and the record of the fit.

``weights.safetensors`` holds the best weights and ``checkpoint.pt`` everything that a resumed run
needs. ``fit.toml``, written last, records the settings and marks the training as complete.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Tensor

from tembench.core import MethodError, write_bytes, write_toml
from tembench.methods.training.records import FIT, fit_record

WEIGHTS = "weights.safetensors"
CHECKPOINT = "checkpoint.pt"
CHECKPOINT_FORMAT = 2

# All errors of torch.load on files that are truncated, of another kind, or contain code.
_UNREADABLE = (
    RuntimeError,
    pickle.UnpicklingError,
    EOFError,
    LookupError,
    OSError,
    ValueError,
    TypeError,
    AttributeError,
)


def save(path: Path, content: Mapping[str, Any]) -> None:
    """Write tensors and plain values to `path`, whole or not at all."""
    buffer = io.BytesIO()
    torch.save(dict(content), buffer)
    write_bytes(path, buffer.getvalue())


def load(path: Path, remedy: str) -> dict[str, Any]:
    """Read what `save` wrote, to the CPU; nothing in the file is ever executed.

    Parameters
    ----------
    path : Path
        The file.
    remedy : str
        Advice for the user if it cannot be read.

    Raises
    ------
    MethodError
        If the file is missing, truncated or of another kind.
    """
    try:
        # Read first: an error of the disk stays an OSError, bad content does not become one.
        stored = io.BytesIO(Path(path).read_bytes())
    except FileNotFoundError:
        raise MethodError("no such file", where=str(path), remedy=remedy) from None
    try:
        content = torch.load(stored, map_location="cpu", weights_only=True)
    except _UNREADABLE as problem:
        raise _unreadable(path, problem, remedy) from None
    if not isinstance(content, dict):
        got = type(content).__name__
        raise MethodError("contains no weights", where=str(path), got=got, remedy=remedy)
    return content


def save_weights(folder: Path, weights: Mapping[str, Tensor]) -> None:
    """Write weights as safetensors, whole or not at all."""
    write_bytes(Path(folder) / WEIGHTS, safetensors.torch.save(dict(weights)))


def read_weights(path: Path, remedy: str) -> dict[str, Tensor]:
    """Read what `save_weights` wrote; errors as those of `load`."""
    try:
        return safetensors.torch.load(path.read_bytes())
    except FileNotFoundError:
        raise MethodError("no such file", where=str(path), remedy=remedy) from None
    except (safetensors.SafetensorError, KeyError, ValueError, RuntimeError) as problem:
        raise _unreadable(path, problem, remedy) from None


def load_weights(network: torch.nn.Module, folder: Path, remedy: str) -> None:
    """Load the trained weights of `folder` into `network`.

    Parameters
    ----------
    network : torch.nn.Module
        Network of the architecture that the weights were trained for.
    folder : Path
        Folder of a training.
    remedy : str
        Advice for the user if they are missing or do not fit.

    Raises
    ------
    MethodError
        If the weights are missing, unreadable, not finite, or of another architecture.
    """
    path = Path(folder) / WEIGHTS
    weights = read_weights(path, remedy)
    expected = network.state_dict()
    if set(weights) != set(expected) or not all(
        isinstance(value, Tensor) and value.shape == expected[name].shape
        for name, value in weights.items()
    ):
        raise MethodError(
            "weights of another network",
            where=str(path),
            expected=describe(expected),
            got=describe(weights),
            remedy=remedy,
        )
    if not all(bool(torch.isfinite(value).all()) for value in weights.values()):
        raise MethodError("weights that are not finite", where=str(path), remedy=remedy)
    network.load_state_dict(weights)


def _unreadable(path: Path, problem: Exception, remedy: str) -> MethodError:
    return MethodError(
        "not readable as weights (truncated, or another kind of file)",
        where=str(path),
        got=type(problem).__name__,
        remedy=remedy,
    )


def describe(weights: Mapping[str, Any]) -> str:
    """Return the number of tensors and of values, in words."""
    tensors = [value for value in weights.values() if isinstance(value, Tensor)]
    return f"{len(tensors)} tensors with {sum(value.numel() for value in tensors)} values"


def read_fit(folder: Path) -> dict[str, Any] | None:
    """Read the record of a complete training; None where there is none.

    Raises
    ------
    MethodError
        If the record is not TOML or of another format.
    """
    path = Path(folder) / FIT
    if not path.exists():
        return None
    record = fit_record(folder)
    if record.get("format") != CHECKPOINT_FORMAT:
        raise MethodError(
            "a training of another format",
            where=str(path),
            expected=f"format {CHECKPOINT_FORMAT}",
            got=str(record.get("format")),
            remedy="Train again into another folder",
        )
    return record


def write_fit(folder: Path, record: Mapping[str, Any]) -> None:
    """Write the record of a complete training."""
    write_toml(Path(folder) / FIT, {"format": CHECKPOINT_FORMAT, **record})


def refuse_other_identity(
    folder: Path, stored: Mapping[str, Any], requested: Mapping[str, Any]
) -> None:
    """Refuse to resume a training of other parameters or other data.

    Parameters
    ----------
    folder : Path
        Folder of the training.
    stored, requested : Mapping
        Identity of the training in the folder, and of the one requested.

    Raises
    ------
    MethodError
        Naming the first differences.
    """
    names = sorted(set(stored) | set(requested))
    differing = [name for name in names if stored.get(name) != requested.get(name)]
    if differing:
        raise MethodError(
            "holds a training with other parameters or data",
            where=str(folder),
            expected=", ".join(f"{name} = {requested.get(name)}" for name in differing[:3]),
            got=", ".join(f"{name} = {stored.get(name)}" for name in differing[:3]),
            remedy="Delete that folder or train into another one",
        )
