"""Time of denoising an image compared with the network alone: torch on the same weights and views.

    python benchmarks/inference_time.py [--size 800] [--threads 2] [--runs 5]

A UNet with four scales as in `baselines/unet`, with initial weights: the time does not depend on
them. The views (positions of the bins, mirror images) are binned beforehand for torch and go
through the network in one batch; `NetworkDenoiser` starts from counts and returns expected
electrons per pixel. Runs alternate, and the best of each counts, in wall-clock seconds and in
processor seconds: on a machine that does other work, only the processor seconds are reliable.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np
import torch

from tembench.methods import NetworkDenoiser, NoisyImage, UNet, load_method, to_device


def seconds(work: Callable[[], object]) -> tuple[float, float]:
    """Wall-clock seconds, and processor seconds summed over all threads."""
    clock, processors = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - clock, time.process_time() - processors


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=800)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)

    settings = load_method("unet").parameters
    architecture = ("scales", "channels", "widening", "bias_free")
    network = UNet(**{name: settings[name] for name in architecture})
    device = torch.device("cpu")
    denoiser = NetworkDenoiser(
        network,
        binning=settings["binning"],
        shifts=settings["shifts"],
        mirror=settings["mirror"],
        device=device,
    )
    counts = np.random.default_rng(0).poisson(0.45, (arguments.size, arguments.size))
    image = NoisyImage(counts=counts.astype(np.uint8), pixel_size_A=0.0625, dose_e_per_px=0.45)

    bins = -(-(arguments.size + settings["binning"] // 2) // settings["binning"])
    side = -(-bins // 8) * 8
    views = torch.rand(settings["shifts"] * (1 + settings["mirror"]), 1, side, side)
    views = views.to(memory_format=torch.channels_last)
    plain = to_device(network, device).eval()

    def torch_alone() -> None:
        with torch.inference_mode():
            plain(views)

    variants: dict[str, Callable[[], object]] = {
        "torch, one batch": torch_alone,
        "NetworkDenoiser": lambda: denoiser.denoise(image),
    }
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in variants}
    for run in range(arguments.runs + 1):
        for name, work in variants.items():
            one = seconds(work)
            if run:  # the first run is the warm-up
                taken[name].append(one)
    print(
        f"{len(views)} views of {side} x {side} bins, {arguments.threads} threads, "
        f"torch {torch.__version__}"
    )
    best = {name: np.min(times, axis=0) for name, times in taken.items()}
    for name, (clock, processors) in best.items():
        print(f"{name:18} {clock:6.3f} s, {processors:6.3f} s of processor time")
    clock, processors = best["NetworkDenoiser"] / best["torch, one batch"]
    print(f"ratio {clock:.2f}, {processors:.2f} of processor time")


if __name__ == "__main__":
    main()
