"""`import tembench`: its names, and what importing it costs."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys

import pytest
from house import ROOT, read

import tembench as tb


@pytest.mark.parametrize("name", tb.__all__)
def test_every_name_is_there_and_documented(name: str) -> None:
    value = getattr(tb, name)
    assert inspect.getdoc(value)
    # A room of that name, once imported, would be found instead.
    assert name in ("hyperspy", "torch") or name not in read(ROOT / "tembench").modules


FUNCTIONS = [name for name in tb.__all__ if inspect.isfunction(getattr(tb, name))]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_have_numpydoc_with_an_example(name: str) -> None:
    text = inspect.getdoc(getattr(tb, name)) or ""
    takes_any = bool(inspect.signature(getattr(tb, name)).parameters)
    for heading in ("Parameters", "Examples") if takes_any else ("Examples",):
        assert f"{heading}\n{'-' * len(heading)}" in text


def test_importing_tembench_imports_nothing_heavy() -> None:
    code = (
        "import sys, tembench; assert tembench.__version__ and 'open_store' in dir(tembench)\n"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"numpy", "pandas", "torch", "zarr", "abtem", "scipy", "click"}
    assert not heavy & set(run.stdout.split())


def test_without_torch_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*sys.modules]:
        if name == "torch" or name.startswith("torch."):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "tembench.torch", raising=False)
    with pytest.raises(tb.TembenchError, match="needs the package torch"):
        importlib.import_module("tembench.torch")
