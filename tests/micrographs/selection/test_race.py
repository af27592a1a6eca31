"""Race: the clearly worse are dropped, the error of a difference is right, kin are followed."""

from __future__ import annotations

import numpy as np
import pytest
from selection_images import Failing, Truth, candidate, lattice, noisy

from tembench.core import MethodError
from tembench.micrographs.selection.candidates import REFERENCE, built
from tembench.micrographs.selection.race import Race

CLEAN = lattice()


def race_of(seed: int = 1, rounds: int = 8, clean: np.ndarray = CLEAN, **errors: float) -> Race:
    ready = [candidate(name.replace("_", "-"), Truth(clean, e)) for name, e in errors.items()]
    ready.append(candidate(REFERENCE, Truth(clean, 0.3)))
    race = Race({one.name: one for one in built(ready)}, REFERENCE)
    race.run([noisy(clean, seed)], rounds=rounds)
    return race


def test_the_clearly_worse_are_dropped_at_once() -> None:
    race = race_of(bm3d_open=0.0, tv_open=0.4, nlm_open=0.005)
    assert race.dropped["tv-open"].rounds == 1
    assert "standard errors" in race.dropped["tv-open"].note
    assert set(race.followed) == {"bm3d-open", "nlm-open", REFERENCE}
    assert race.standings["bm3d-open"].rounds == 8


def test_a_race_with_one_left_is_over() -> None:
    race = race_of(bm3d_open=0.0, tv_open=0.4)
    assert race.standings["bm3d-open"].rounds == 1


def test_few_are_followed_to_the_end() -> None:
    names = ("bm3d_open", "tv_open", "nlm_open", "wavelet_open", "wiener_open", "noisy")
    race = race_of(**dict.fromkeys(names, 0.01))
    assert len(race.followed) == 3
    notes = [one.note for one in race.dropped.values()]
    assert notes == ["not followed further"] * 4
    best = race.ranking[0]
    # They are as good, and none of them is said to be worse.
    for name in race.dropped:
        behind, error = race.behind(name, best)
        assert behind <= 2 * error


@pytest.mark.slow
def test_the_standard_error_is_that_of_repeated_draws() -> None:
    clean = lattice(96)
    found = [
        race_of(seed, 4, clean, bm3d_open=0.03, nlm_open=0.04).behind("nlm-open", "bm3d-open")
        for seed in range(150)
    ]
    differences, errors = np.array(found).T
    true = (0.04**2 - 0.03**2) * np.mean(clean) ** 2
    assert differences.mean() == pytest.approx(true, abs=4 * differences.std() / 150**0.5)
    # It is multiplied by 1.2, since it is too small for denoisers that follow the noise.
    assert 1.0 < errors.mean() / differences.std() < 1.5


def test_parts_count_by_their_pixels() -> None:
    ready = [candidate(REFERENCE, Truth(CLEAN, 0.3)), candidate("nlm-open", Truth(CLEAN, 0.0))]
    race = Race({one.name: one for one in built(ready)}, REFERENCE)
    race.run([noisy(CLEAN, 1), noisy(CLEAN, 2)], rounds=1)
    assert race.standings["nlm-open"].values.size == 2 * CLEAN.size


def test_a_candidate_that_fails_leaves_and_a_reference_must_not() -> None:
    ready = [candidate(REFERENCE, Truth(CLEAN, 0.3)), candidate("nlm-open", Failing())]
    race = Race({one.name: one for one in built(ready)}, REFERENCE)
    race.run([noisy(CLEAN)])
    assert race.ranking == [REFERENCE]
    assert "no such detector" in race.candidates["nlm-open"].fault
    failing = [candidate(REFERENCE, Failing())]
    with pytest.raises(MethodError, match="no such detector"):
        Race({one.name: one for one in built(failing)}, REFERENCE).run([noisy(CLEAN)])
