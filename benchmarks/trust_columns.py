"""Error rates of the columns' verdicts and of the support index that `tembench trust` reports.

    python benchmarks/trust_columns.py STORE [--images 12] [--methods unet gated-unet bm3d]
        [--doses 0.1 0.45 2] [--workers N] [--out columns.jsonl]

Shot noise is drawn for test images of a store, the same turned by 10 and 90 degrees, crystals of
other materials, and vacuum. A column that a method shows is *there* if the truth has at least a
third of its score in the expected direction, and *invented* if it has less than a tenth; in vacuum
all are invented. Reported are the share of invented columns that are called supported, that of
columns that are there (by the contrast that is shown, beside the power that the report states), and
of each image the support index less its true value in standard errors, and the share of columns
with nothing behind them. Results are kept in a file, so that a rerun continues.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from trust_scenes import (
    KNOWN,
    MATERIAL,
    PIXEL_SIZE_A,
    TURNED_10,
    TURNED_90,
    VACUUM,
    Scene,
    arguments_of,
    draw,
    run,
    scenes,
    subject_of,
)

from tembench.micrographs.trust.column_evidence.column_tests import (
    AGAINST,
    SUPPORTED,
    judge_columns,
)
from tembench.micrographs.trust.column_evidence.shown_columns import ShownColumns, find_shown
from tembench.micrographs.trust.column_evidence.support_index import group_support
from tembench.micrographs.trust.column_evidence.surroundings import disc_and_ring, scores
from tembench.micrographs.trust.column_evidence.vacuum_check import check_vacuum
from tembench.micrographs.trust.subject import Subject

KINDS = (KNOWN, TURNED_10, TURNED_90, MATERIAL, VACUUM)
THERE, INVENTED = 1 / 3, 0.1
EDGES = (0.05, 0.1, 0.15, 0.2, 0.3, 10.0)


def strength(
    columns: ShownColumns, image: np.ndarray, clean: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """True strength of columns over that shown, and the expected scores as weights."""
    truth = disc_and_ring(clean, columns.xy_px, PIXEL_SIZE_A)
    _, due = scores(truth, truth)
    _, expected = scores(truth, disc_and_ring(image, columns.xy_px, PIXEL_SIZE_A))
    return due / expected, expected


def measure(scene: Scene, method: str, dose: float, number: int) -> dict[str, Any]:
    """Return the verdicts of one draw, with the truth."""
    clean = scene.clean() * dose
    subject = subject_of(draw(scene.clean(), dose, number), method, number)
    columns = find_shown(subject.denoised, pixel_size_A=PIXEL_SIZE_A, dose_e_per_px=dose)
    found = judge_columns(subject, columns, check_vacuum(subject, columns).threshold)
    true, _ = strength(columns, subject.denoised, clean)
    there, invented = true > THERE, true < INVENTED
    contrast = np.digitize(np.abs(columns.contrast), EDGES)
    supported, against = found.verdict == SUPPORTED, found.verdict == AGAINST
    return {
        "kind": scene.kind,
        "method": method,
        "dose": dose,
        "invented": int(invented.sum()),
        "false_alarms": int((invented & supported).sum()),
        "there": [int((there & (contrast == one)).sum()) for one in range(len(EDGES) + 1)],
        "power": [int((there & supported & (contrast == one)).sum()) for one in range(7)],
        "stated": [float(found.power[there & (contrast == one)].sum()) for one in range(7)],
        "contradicted": [int((there & against).sum()), int((invented & against).sum())],
        **group(subject, clean),
    }


def group(subject: Subject, clean: np.ndarray) -> dict[str, Any]:
    """Return the support index with its true value, and the share of empty columns."""
    support = group_support(subject)
    assert not isinstance(support, str)
    true = []
    for shown in subject.denoised_halves:
        columns = find_shown(
            shown, pixel_size_A=PIXEL_SIZE_A, dose_e_per_px=subject.dose_e_per_px / 2
        )
        share, weight = strength(columns, shown, clean / 2)
        true.append((columns.sign, share, weight))
    sign, share, weight = (np.concatenate(parts) for parts in zip(*true, strict=True))
    indices = []
    for index in support.indices:
        which = sign == index.sign
        due = float((share * weight**2)[which].sum() / (weight**2)[which].sum())
        indices.append(
            [index.sign, index.index, index.standard_error, due, index.is_low, index.is_unsupported]
        )
    empty = support.empty
    return {
        "indices": indices,
        "invented_share": float((share < INVENTED).mean()) if len(share) else None,
        "empty": [empty.share, empty.low, empty.high, empty.gain] if empty else None,
    }


def main() -> None:
    parser = arguments_of(__doc__ or "", "columns.jsonl")
    parser.set_defaults(images=12, methods=["unet", "gated-unet", "bm3d"])
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    arguments = parser.parse_args()
    cases = []
    for kind in arguments.kinds:
        there = scenes(arguments.store, kind, arguments.images)
        cases += [
            (there[number % len(there)], method, dose, number)
            for number in range(arguments.images)
            for dose in arguments.doses
            for method in arguments.methods
        ]
    found = run(cases, measure, arguments.out, arguments.workers)
    _print_columns(found, arguments.methods, arguments.doses)
    _print_groups(found, arguments.methods, arguments.doses)


def _print_columns(found: list[dict[str, Any]], methods: list[str], doses: list[float]) -> None:
    steps = [f"{100 * a:.0f}-{100 * b:.0f} %" for a, b in pairwise(EDGES[:5])]
    print(f"| method | e/px | false alarms | {' | '.join(steps)} | above | contradicted |")
    print("|---|--:|--:" + "|--:" * 6 + "|")
    for method in methods:
        for dose in doses:
            rows = [one for one in found if (one["method"], one["dose"]) == (method, dose)]
            invented = sum(one["invented"] for one in rows)
            false = sum(one["false_alarms"] for one in rows)
            there, power, stated = (
                np.sum([one[name] for one in rows], axis=0)[1:6]
                for name in ("there", "power", "stated")
            )
            cells = [
                f"{p / n:.2f} ({s / n:.2f}) of {n}" if n else "-"
                for n, p, s in zip(there, power, stated, strict=True)
            ]
            wrong = sum(one["contradicted"][0] for one in rows)
            right = sum(one["contradicted"][1] for one in rows)
            print(
                f"| `{method}` | {dose:g} | {false} of {invented} | {' | '.join(cells)} | "
                f"{wrong} there, {right} invented |"
            )


def _print_groups(found: list[dict[str, Any]], methods: list[str], doses: list[float]) -> None:
    print("\n| method | e/px | scenes | index less truth, se | low, by half | empty: true, found |")
    print("|---|--:|---|--:|--:|---|")
    for method in methods:
        for dose in doses:
            for kind in KINDS:
                rows = [
                    one
                    for one in found
                    if (one["method"], one["dose"], one["kind"]) == (method, dose, kind)
                ]
                indices = [index for one in rows for index in one["indices"]]
                if not indices:
                    continue
                z = np.array([(i[1] - i[3]) / i[2] for i in indices])
                empty = [one for one in rows if one["empty"]]
                flagged = sum(one["empty"][1] >= 0.25 for one in empty)
                print(
                    f"| `{method}` | {dose:g} | {kind} | "
                    f"{z.mean():.2f} ± {z.std():.2f} of {len(z)} | "
                    f"{sum(i[4] for i in indices)}, {sum(i[5] for i in indices)} | "
                    f"{np.mean([one['invented_share'] for one in empty]):.2f}, "
                    f"{np.mean([one['empty'][0] for one in empty]):.2f}; "
                    f"flagged {flagged} of {len(empty)} |"
                )


if __name__ == "__main__":
    main()
