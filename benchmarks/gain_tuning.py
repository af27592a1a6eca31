"""GainTuning on the open UNet, on images of materials and conditions that it never saw.

    python benchmarks/gain_tuning.py [--images 12] [--steps N ...] [--rate R ...] [--way W ...]

Images of 384 x 384 px of materials that are in no recipe of a training, at 30 and 300 e/A^2 and
other voltages, foci and samplings, are simulated; each is denoised by `unet-open` and by
`gaintuning-open`. Prints the PSNR of both, the share of images that are improved and the median
gain.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np

from tembench.api.simulated_images import simulate
from tembench.core import REFERENCE_DOSE_E_PER_PX
from tembench.methods import NoisyImage, load_method
from tembench.micrographs.domain import ReadyMethod

FILM = {"kind": "film", "thickness_A": 20}


def slab(
    structure: str, elements: list[str], lattice_A: list[float], zone: list[int], **more: Any
) -> dict[str, Any]:
    """Describe a crystal whose surface is seen in profile."""
    crystal = {"kind": "slab", "structure": structure, "elements": elements, "zone": zone}
    return {"crystal": {**crystal, "lattice_A": lattice_A, "surface": 0.5, **more}}


def particle(
    structure: str, elements: list[str], lattice_A: list[float], zone: list[int], **more: Any
) -> dict[str, Any]:
    """Describe a particle on a film."""
    one = {"kind": "particle", "structure": structure, "elements": elements, "zone": zone}
    one |= {"lattice_A": lattice_A, "diameter_A": 28, "on": "film", "x": 0.5, "y": 0.5}
    return {"film": FILM, "particle": {**one, **more}}


CUBE = {"facets": {"1 0 0": 1.0, "1 1 1": 1.2}}
# Name, voltage (keV), defocus (nm), pixel (angstrom), specimen.
SPECIMENS: tuple[tuple[str, float, float, float, dict[str, Any]], ...] = (
    ("NiAl", 300, 10, 0.08, slab("cesiumchloride", ["Ni", "Al"], [2.887], [1, 0, 0], up=[0, 0, 1],
                                 rotation_deg=33, thickness_A=30)),
    ("InAs", 300, 6, 0.10, slab("zincblende", ["In", "As"], [6.058], [1, 1, 0], up=[0, 0, 1],
                                rotation_deg=17, thickness_A=40)),
    ("PbS", 300, 8, 0.07, particle("rocksalt", ["Pb", "S"], [5.936], [0, 0, 1], **CUBE)),
    ("Ag", 200, 12, 0.10, particle("fcc", ["Ag"], [4.086], [1, 1, 0], rotation_deg=70,
                                   facets={"1 0 0": 1.15, "1 1 1": 1.0})),
    ("ZnO", 300, -8, 0.09, slab("wurtzite", ["Zn", "O"], [3.25, 5.207], [1, 0, 0],
                                up=[0, 0, 1], rotation_deg=51, thickness_A=50)),
    ("Si", 200, 15, 0.12, slab("diamond", ["Si"], [5.431], [1, 1, 0], up=[0, 0, 1],
                               rotation_deg=8, thickness_A=80)),
    ("W", 300, 5, 0.06, particle("bcc", ["W"], [3.165], [1, 0, 0], rotation_deg=25,
                                 facets={"1 1 0": 1.0})),
    ("GaN", 300, 9, 0.10, slab("wurtzite", ["Ga", "N"], [3.189, 5.185], [1, 0, 0],
                               up=[0, 0, 1], rotation_deg=120, thickness_A=60)),
    ("CsCl", 80, 12, 0.11, particle("cesiumchloride", ["Cs", "Cl"], [4.12], [1, 1, 0], **CUBE)),
    ("Al", 300, -15, 0.08, slab("fcc", ["Al"], [4.05], [1, 1, 0], up=[0, 0, 1],
                                rotation_deg=77, thickness_A=70)),
    ("UO2", 300, 20, 0.09, particle("fluorite", ["U", "O"], [5.47], [1, 1, 0], **CUBE)),
    ("Ti", 200, 8, 0.10, slab("hcp", ["Ti"], [2.951, 4.684], [0, 0, 1], up=[1, 0, 0],
                              rotation_deg=40, thickness_A=50)),
)  # fmt: skip
DOSES_E_PER_A2 = (30.0, 300.0)


def images(count: int) -> Iterator[tuple[str, NoisyImage, np.ndarray]]:
    """Yield name, noisy image and clean image in e/px."""
    for number in range(count):
        name, energy_keV, defocus_nm, pixel_A, specimen = SPECIMENS[number % len(SPECIMENS)]
        turn, of_first = divmod(number, len(SPECIMENS))
        dose = DOSES_E_PER_A2[(of_first + turn) % 2]
        recipe = {
            "name": name.lower(),
            "version": "1.0.0",
            "description": f"An image of {name}",
            "licence": "CC-BY-4.0",
            "seed": 500 + number,
            "draws": {"train": 1, "validation": 1, "test": 1, "images_each": 1},
            "frame": {"width_px": 384, "height_px": 384, "pixel_size_A": pixel_A},
            "physics": {"wave_sampling_A": 0.1, "slice_thickness_A": 1.5},
            "microscopes": {
                "corrected": {
                    "energy_keV": energy_keV, "aperture_per_A": 0.75 if energy_keV < 100 else 1.3,
                    "C10_nm": defocus_nm, "C12_nm": 1, "phi12_deg": 40, "C30_um": -10,
                    "focal_spread_nm": 3, "convergence_mrad": 0.2, "image_spread_A": 0.5,
                }
            },
            "exposure": {"dose_e_per_A2": dose},
            "specimens": {"one": specimen},
        }  # fmt: skip
        made = simulate(recipe, 0)
        image = NoisyImage(
            counts=made.noisy[0], pixel_size_A=pixel_A, dose_e_per_px=dose * pixel_A**2
        )
        yield f"{name}, {dose:g} e/A^2", image, made.clean[0]


def psnr_db(denoised: np.ndarray, clean: np.ndarray, dose_e_per_px: float) -> float:
    """PSNR at 0.45 e/px."""
    error = (denoised - clean) * REFERENCE_DOSE_E_PER_PX / dose_e_per_px
    return float(-10 * np.log10(np.mean(error**2)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=2 * len(SPECIMENS))
    parser.add_argument("--steps", type=int, nargs="*", default=[])
    parser.add_argument("--rate", type=float, nargs="*", default=[])
    parser.add_argument("--way", type=float, nargs="*", default=[])
    parser.add_argument("--base", default="unet-open")
    arguments = parser.parse_args()
    method = load_method("gaintuning-open").with_parameters(base=arguments.base)
    defaults = method.parameters
    settings = list(
        product(
            arguments.steps or [defaults["steps"]],
            arguments.rate or [defaults["rate"]],
            arguments.way or [defaults["way"]],
        )
    )
    tuned = [
        ReadyMethod(method=method.with_parameters(steps=steps, rate=rate, way=way))
        for steps, rate, way in settings
    ]
    base = ReadyMethod(method=load_method(arguments.base))
    gains: list[list[float]] = []
    for name, image, clean in images(arguments.images):
        dose = image.dose_e_per_px
        before = psnr_db(base.denoise(image), clean, dose)
        gains.append([psnr_db(one.denoise(image), clean, dose) - before for one in tuned])
        print(f"{name}: {before:.2f} dB, {', '.join(f'{g:+.2f}' for g in gains[-1])}", flush=True)
    for (steps, rate, way), found in zip(settings, np.array(gains).T, strict=True):
        better = f"better in {np.count_nonzero(found > 0)} of {len(found)}"
        print(
            f"steps {steps}, rate {rate:g}, way {way:g}: {better}, median gain "
            f"{np.median(found):+.2f} dB, worst {found.min():+.2f} dB"
        )


if __name__ == "__main__":
    main()
