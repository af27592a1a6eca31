"""Speed of the training loop in samples per second, compared with the optimiser step alone.

    python benchmarks/training_speed.py STORE [--method unet] [--steps 40] [--device auto]

The step alone trains repeatedly on one batch that is already in device memory. The loop draws a
batch for each step as in training: from exit waves, from images cached on the device, and from
images read from the store ahead of the step. A ratio of 1 means that the data cost nothing.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor

from tembench.dataset import open_store
from tembench.methods import (
    NetworkMethod,
    Trainer,
    TrainingConfig,
    device_name,
    initialise,
    load_method,
    pick_device,
    supervised_objective,
    training_data,
)

WARM_UP = 5


def seconds_per_step(
    trainer: Trainer, batch_of: Callable[[int], tuple[Tensor, Tensor]], steps: int
) -> float:
    for step in range(WARM_UP):
        trainer.step(*batch_of(step), 1e-4)
    started = time.perf_counter()
    for step in range(WARM_UP, WARM_UP + steps):
        loss = trainer.step(*batch_of(step), 1e-4)
    # Waits until an asynchronous device has finished.
    float(loss)
    return (time.perf_counter() - started) / steps


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("store")
    parser.add_argument("--method", default="unet")
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--images", type=int, default=500, help="Images cached on the device.")
    parser.add_argument("--device", default="auto")
    arguments = parser.parse_args()
    method = load_method(arguments.method)
    parameters = method.settings(device=arguments.device)
    device = pick_device(arguments.device)
    data = training_data(open_store(arguments.store))
    config = replace(TrainingConfig.from_parameters(parameters), validation_images=1)
    network_method: NetworkMethod = method._module()._METHOD
    network = initialise(
        lambda: network_method.network(**network_method._architecture(parameters)), data.seed
    )
    trainer = Trainer(network, config, device)
    waves = supervised_objective(data, replace(config, samples="waves"), device)
    batch = waves.sampler.draw(0)
    print(f"{method.name} on {device_name(device)}, {torch.get_num_threads()} threads")
    alone = seconds_per_step(trainer, lambda step: batch, arguments.steps)
    print(f"step alone       {config.batch / alone:8.1f} samples/s")
    some = replace(
        data, train=[data.train[i] for i in range(min(arguments.images, len(data.train)))]
    )
    sources = {
        "exit waves": waves,
        "images cached": supervised_objective(some, replace(config, samples="images"), device),
        "images read": supervised_objective(
            data, replace(config, samples="images", memory_GB=0.0), device
        ),
    }
    for name, objective in sources.items():
        with objective.batches() as draw:
            taken = seconds_per_step(trainer, draw, arguments.steps)
        print(f"{name:16} {config.batch / taken:8.1f} samples/s  ratio {alone / taken:.2f}")


if __name__ == "__main__":
    main()
