"""Coverage of the intervals of held-out errors that `tembench trust` reports.

    python benchmarks/trust_coverage.py STORE [--images 400] [--methods unet bm3d]
        [--doses 0.1 0.45 2] [--workers N] [--out coverage.jsonl]

Shot noise is drawn for parts of 384 x 384 px of a store's test images. Of each draw the report's
figures are computed: the mean squared error of the method, and its difference to each filter. The
truth that an interval should contain is that of the very images that were denoised, at nine tenths
of the dose. Reported are the share of 95 % intervals that contain it, and their half width over the
method's mean squared error. Results are kept in a file, so that a rerun continues.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from trust_scenes import KNOWN, Scene, arguments_of, draw, ready, run, scenes, subject_of

from tembench.methods import NoisyImage
from tembench.micrographs.trust.held_out_error import SHARE, held_out_error

SIDE_PX = 384


class Recorder:
    """A method whose errors are recorded as it denoises."""

    def __init__(self, name: str, clean: np.ndarray) -> None:
        self.inner, self.clean = ready(name), clean
        self.errors: list[float] = []

    def denoise(self, image: NoisyImage, where: str = "") -> np.ndarray:
        """Denoise, and record the mean squared error at the full dose."""
        result = self.inner.denoise(image, where)
        self.errors.append(float(np.mean((result / SHARE - self.clean) ** 2)))
        return result

    @property
    def error(self) -> float:
        """Mean of the errors."""
        return float(np.mean(self.errors))


def measure(scene: Scene, method: str, dose: float, number: int) -> dict[str, Any]:
    """Return the estimates, their standard errors and the truth of one draw."""
    whole = scene.clean()
    generator = np.random.default_rng(number)
    top, left = (int(generator.integers(0, side - SIDE_PX + 1)) for side in whole.shape)
    clean = np.ascontiguousarray(whole[top : top + SIDE_PX, left : left + SIDE_PX])
    recorders = {name: Recorder(name, clean * dose) for name in {method, "gaussian", "bm3d"}}
    subject = subject_of(draw(clean, dose, number), method, number)
    subject = replace(
        subject,
        ready=recorders[method],
        filters={name: recorders[name] for name in ("gaussian", "bm3d") if name != method},
    )
    found = held_out_error(subject)
    assert not isinstance(found, str)
    assert found.mse is not None
    own = recorders[method].error
    pairs = {
        pair.name: (
            pair.mse.value, pair.mse.standard_error, own - recorders[pair.name].error,
        )
        for pair in found.against
    }  # fmt: skip
    single = (found.mse.value, found.mse.standard_error, own)
    return {"method": method, "dose": dose, "mse": own, "single": single, "pairs": pairs}


def row(values: list[tuple[float, float, float]], errors: list[float]) -> str:
    """Coverage, its standard error, scatter in standard errors, and width."""
    estimate, error, truth = np.array(values).T
    z = (estimate - truth) / error
    inside = np.mean(np.abs(z) < 1.96)
    scatter = np.sqrt(inside * (1 - inside) / len(z))
    width = np.median(1.96 * error) / np.median(errors)
    return f"{inside:.3f} ± {scatter:.3f} | {z.std():.2f} | {width:.2f}"


def main() -> None:
    arguments = arguments_of(__doc__ or "", "coverage.jsonl").parse_args()
    there = scenes(arguments.store, KNOWN, arguments.images)
    cases = [
        (there[number % len(there)], method, dose, number)
        for number in range(arguments.images)
        for dose in arguments.doses
        for method in arguments.methods
    ]
    found = run(cases, measure, arguments.out, arguments.workers)
    print("| method | e/px | draws | interval of | coverage | scatter / se | half width / MSE |")
    print("|---|--:|--:|---|--:|--:|--:|")
    for method in arguments.methods:
        for dose in arguments.doses:
            rows = [one for one in found if (one["method"], one["dose"]) == (method, dose)]
            if not rows:
                continue
            errors = [one["mse"] for one in rows]
            kinds = {"alone": [tuple(one["single"]) for one in rows]}
            for name in rows[0]["pairs"]:
                kinds[f"less {name}"] = [tuple(one["pairs"][name]) for one in rows]
            for kind, values in kinds.items():
                print(f"| `{method}` | {dose:g} | {len(rows)} | {kind} | {row(values, errors)} |")


if __name__ == "__main__":
    main()
