from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from audit_fakes import audit_of
from PIL import Image

from tembench.study.audit import draw_audit


@pytest.mark.slow
def test_marks_are_where_the_losses_are(tmp_path: Path) -> None:
    pictures = []
    for number, loss in enumerate((0.0, 10.0)):
        path = draw_audit([audit_of({"turned-3": 40.0 - loss})], tmp_path / f"{number}.png")
        pictures.append(np.asarray(Image.open(path).convert("RGB")).astype(int))
    assert pictures[0].shape == pictures[1].shape
    assert (pictures[0] != pictures[1]).any()
    # Blue marks: one for each case on either side.
    blue = (pictures[1] == [0x2F, 0x6F, 0xDE]).all(axis=-1)
    assert blue[:, : blue.shape[1] // 2].sum() > 11 * 20
    assert blue[:, blue.shape[1] // 2 :].sum() > 11 * 20


@pytest.mark.slow
def test_a_look_up_with_infinite_losses_is_drawn(tmp_path: Path) -> None:
    audit = audit_of({"base": np.inf})
    assert draw_audit([audit], tmp_path / "losses.png").stat().st_size > 5000
