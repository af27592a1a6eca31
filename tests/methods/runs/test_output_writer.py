"""Folder of outputs."""

from __future__ import annotations

import numpy as np
import pytest
from methods_fakes import arrays

from tembench.methods.method import load_method
from tembench.methods.runs import denoise as run


@pytest.mark.slow
def test_an_image_lost_from_complete_outputs_is_denoised_again(store, write_method, tmp_path):
    found = load_method(write_method())
    out = run.denoise(found, store, tmp_path / "out", workers=0)
    before = arrays(out).denoised.values
    (out / "denoised.zarr/denoised/c/1/0/0").unlink()
    run.denoise(found, store, out, workers=0)
    np.testing.assert_array_equal(arrays(out).denoised.values, before)
