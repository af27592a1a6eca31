"""One image through a third-party denoiser: unusual results, copies, determinism."""

from __future__ import annotations

import numpy as np
import pytest
from methods_fakes import odd_method, refusal

from tembench.core.errors import MethodError
from tembench.methods.runs import denoise as run
from tembench.methods.runs.apply import apply


@pytest.mark.parametrize(
    ("result", "message"),
    [
        ("np.ma.masked_invalid(np.where(image.counts > 0, np.nan, 1).astype('f4'))", "masked"),
        ("np.ma.masked_less(image.counts.astype('f4'), 1)", "masked"),
        ("np.ma.array(np.full(image.counts.shape, np.nan, 'f4'))", "not finite"),
        ("image.counts.astype('f4').view(np.recarray)[:3]", "shape"),
        ("image.counts.astype('f8')", "got float64"),
        ("Odd()", "got Odd"),
    ],
)
def test_a_result_that_hides_its_values_is_refused(store, write_method, tmp_path, result, message):
    found = odd_method(write_method, denoise=f"return {result}")
    text = refusal(MethodError, run.denoise, found, store, tmp_path / "out", workers=0)
    assert message in text
    assert "image 6" in text


@pytest.mark.parametrize(
    "result",
    [
        "image.counts.astype('f4').view(np.matrix)",
        "np.ma.array(image.counts.astype('f4'))",
        "image.counts.astype('>f4')",
        "np.asfortranarray(image.counts.astype('f4'))",
        "np.repeat(image.counts.astype('f4'), 2, axis=1)[:, ::2]",
        "image.counts.astype('f4').view(np.recarray)",
    ],
)
def test_a_result_of_another_form_is_taken_as_a_plain_array(store, write_method, result):
    found = odd_method(write_method, denoise=f"return {result}")
    image = run.view(found, store, 6)
    out = apply(found, found.build(), image, "here")
    assert type(out) is np.ndarray
    assert out.dtype.isnative
    assert out.flags.c_contiguous
    np.testing.assert_array_equal(out, store.noisy(6))


def test_a_result_that_changes_afterwards_stays_as_it_was(store, write_method):
    attributes = "kept = None"
    denoise = "self.kept = image.counts.astype('f4'); return self.kept"
    found = odd_method(write_method, attributes=attributes, denoise=denoise)
    denoiser, image = found.build(), run.view(found, store, 6)
    out = apply(found, denoiser, image, "here")
    denoiser.kept[:] = 7
    np.testing.assert_array_equal(out, store.noisy(6))


def test_a_method_writes_to_its_own_copy_of_the_counts(store, write_method, tmp_path):
    before = store.noisy(6).copy()
    found = odd_method(write_method, denoise="image.counts[:] = 0")
    run.denoise(found, store, tmp_path / "out", workers=0)
    np.testing.assert_array_equal(store.noisy(6), before)


@pytest.mark.parametrize(
    ("denoise", "accepted"),
    [
        ("return np.random.default_rng().random(image.counts.shape).astype('f4')", False),
        ("D.n = getattr(D, 'n', 0) + 1; return np.full_like(image.counts, D.n, 'f4')", False),
        ("return image.counts + np.float32(1e-6) * np.random.default_rng().random()", True),
    ],
)  # fmt: skip
def test_a_method_that_gives_two_results_for_one_image_is_refused(
    store, write_method, tmp_path, denoise, accepted
):
    found = odd_method(write_method, denoise=denoise)
    if accepted:
        run.denoise(found, store, tmp_path / "out", workers=0)
        return
    text = refusal(MethodError, run.denoise, found, store, tmp_path / "out", workers=0)
    assert "denoise returned two results for one image" in text
    assert "image 8" in text
    assert not (tmp_path / "out/outputs.toml").exists()
