"""The one training loop: clean images in, weights that denoise Poisson counts out.

A training is a number of steps, never a time: its result must not depend on how fast the machine
is. On a CPU the same seed gives the same weights bit for bit (for one number of threads), and a
training that was interrupted and resumed gives those of one that was not.
"""

from __future__ import annotations

import math
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from tembench.errors import MethodError
from tembench.methods import checkpoint as files
from tembench.methods.augment import Batches, Pool, validation_set
from tembench.methods.config import SCHEDULES, TrainingConfig, initialise, pick_device
from tembench.methods.curve import HISTORY, Point, curve_figure, read_history, write_history
from tembench.methods.learner import Learner
from tembench.progress import progress

if TYPE_CHECKING:
    from tembench.methods.protocol import TrainingData

__all__ = ["TrainingConfig", "fit", "initialise", "pick_device"]


def fit(
    network: nn.Module,
    data: TrainingData,
    config: TrainingConfig,
    folder: Path,
    *,
    architecture: Mapping[str, Any],
) -> list[Point]:
    """Train `network`, or go on with the training that `folder` holds.

    Parameters
    ----------
    network : nn.Module
        Maps (n, 1, y, x) counts per bin in units of the vacuum's expectation to clean values in
        the same unit; with its initial weights.
    data : TrainingData
        Clean images, dose and seed.
    config : TrainingConfig
        How to train.
    folder : Path
        Gets ``weights.pt``, ``checkpoint.pt``, ``history.csv``, ``curve.png`` and, when the
        training is complete, ``fit.toml``.
    architecture : Mapping
        Plain values that tell this network from another; part of the training's identity.

    Returns
    -------
    list of Point
        The history. `network` holds the best weights.

    Raises
    ------
    MethodError
        Where `folder` holds another training or a damaged one, or where the training diverges.
    KeyboardInterrupt
        On Ctrl-C, after a checkpoint is written.
    """
    run = _Run(network, data, config, Path(folder), architecture)
    if run.complete():
        return run.history
    run.resume()
    with (
        _deferred_interrupt() as interrupted,
        progress("Training", config.steps, run.step) as advance,
    ):
        while run.step < config.steps:
            run.advance()
            advance(1)
            if interrupted():
                run.save()
                raise KeyboardInterrupt
    run.finish()
    return run.history


class _Run:
    """A training under way."""

    def __init__(
        self,
        network: nn.Module,
        data: TrainingData,
        config: TrainingConfig,
        folder: Path,
        architecture: Mapping[str, Any],
    ) -> None:
        self.config, self.folder = config, folder
        self.device = pick_device(config.device)
        pool = Pool(data.train, self.device, config.memory_GB)
        self.batches = Batches(
            pool,
            dose_e_per_px=data.dose_e_per_px,
            binning=config.binning,
            batch=config.batch,
            crop=config.crop,
            symmetries=config.symmetries,
            seed=data.seed,
            device=self.device,
        )
        self.validation = validation_set(
            Pool(data.validation, self.device, 0.0),
            dose_e_per_px=data.dose_e_per_px,
            binning=config.binning,
            count=config.validation_images,
            seed=data.seed,
        )
        self.dose = data.dose_e_per_px
        self.identity = {
            **config.identity(),
            **architecture,
            "seed": data.seed,
            "dose_e_per_px": data.dose_e_per_px,
            "pixel_size_A": data.pixel_size_A,
            "images": pool.digest(),
        }
        self.network = network
        self.learner = Learner(network, config, self.device)
        self.step, self.seconds, self.best_psnr = 0, 0.0, -math.inf
        self.best: dict[str, Tensor] = {}
        self.history: list[Point] = []
        self.loss_sum = torch.zeros((), dtype=torch.float64, device=self.device)
        self.loss_steps = 0
        self.saved_at = self.clock = time.monotonic()

    def complete(self) -> bool:
        """Take over the result of a complete training of the same identity, if there is one."""
        record = files.read_record(self.folder)
        if record is None:
            return False
        files.check_identity(self.folder, record.get("identity", {}), self.identity)
        files.load_weights(self.network, self.folder, _REMEDY)
        self.history = read_history(self.folder / HISTORY)
        return True

    def advance(self) -> None:
        """Do one step, and what is due after it."""
        config = self.config
        rate = config.learning_rate * SCHEDULES[config.schedule](
            self.step / config.steps, config.warm_up
        )
        noisy, clean = self.batches.draw(self.step)
        self.loss_sum += self.learner.learn(noisy, clean, rate)
        self.loss_steps += 1
        self.step += 1
        if self.step % config.validate_every == 0 or self.step == config.steps:
            self._validate(rate)
        if time.monotonic() - self.saved_at >= config.checkpoint_seconds:
            self.save()

    def _validate(self, rate: float) -> None:
        noisy, clean = self.validation
        psnr = 0.0
        for one_noisy, one_clean in zip(noisy.split(1), clean.split(1), strict=True):
            denoised = self.learner.denoise(one_noisy)
            error = (self.dose * (denoised.clamp(0, 1 / self.dose) - one_clean)).square().mean()
            psnr -= 10 * math.log10(max(float(error), 1e-12)) / len(noisy)
        loss = float(self.loss_sum) / self.loss_steps
        if not math.isfinite(loss) or not math.isfinite(psnr):
            raise MethodError(
                "the training diverged",
                where=str(self.folder),
                got=f"loss {loss} after {self.step} steps",
                remedy="Lower learning_rate or clip_norm and train into another folder",
            )
        self._tick()
        self.history.append(
            Point(
                step=self.step,
                loss=loss,
                validation_psnr_db=psnr,
                learning_rate=rate,
                seconds=self.seconds,
            )
        )
        self.loss_sum.zero_()
        self.loss_steps = 0
        if psnr > self.best_psnr:
            self.best_psnr = psnr
            self.best = self.learner.weights()

    def _tick(self) -> None:
        now = time.monotonic()
        self.seconds += now - self.clock
        self.clock = now

    def save(self) -> None:
        """Write the checkpoint."""
        self._tick()
        content = {
            "format": files.FORMAT,
            "identity": self.identity,
            "step": self.step,
            "seconds": self.seconds,
            "best_psnr": self.best_psnr,
            "best": self.best,
            "history": [asdict(point) for point in self.history],
            "loss_sum": self.loss_sum,
            "loss_steps": self.loss_steps,
            "learner": self.learner.state(),
        }
        files.save(self.folder / files.CHECKPOINT, content)
        self.saved_at = time.monotonic()

    def resume(self) -> None:
        """Go on from the checkpoint, where there is one."""
        path = self.folder / files.CHECKPOINT
        if not path.exists():
            return
        found = files.load(path, _REMEDY)
        if found.get("format") != files.FORMAT or not isinstance(found.get("identity"), dict):
            raise MethodError("not a checkpoint of this version", where=str(path), remedy=_REMEDY)
        files.check_identity(self.folder, found["identity"], self.identity)
        self.learner.restore(found["learner"])
        self.step, self.seconds = found["step"], found["seconds"]
        self.best_psnr, self.best = found["best_psnr"], found["best"]
        self.history = [Point(**point) for point in found["history"]]
        self.loss_sum, self.loss_steps = found["loss_sum"].to(self.device), found["loss_steps"]

    def finish(self) -> None:
        """Write weights, history and figure, then the record, and drop the checkpoint."""
        self._tick()
        files.save(self.folder / files.WEIGHTS, self.best)
        write_history(self.history, self.folder / HISTORY)
        curve_figure(self.history, self.folder / "curve.png")
        record = {
            "identity": self.identity,
            "best_validation_psnr_db": self.best_psnr,
            "seconds": self.seconds,
            "device": str(self.device),
            "threads": torch.get_num_threads(),
            "torch": torch.__version__,
        }
        files.write_record(self.folder, record)
        (self.folder / files.CHECKPOINT).unlink(missing_ok=True)
        self.network.load_state_dict(self.best)
        self.network.eval()


_REMEDY = "Delete the folder and train again"


@contextmanager
def _deferred_interrupt() -> Iterator[Callable[[], bool]]:
    """Hold Ctrl-C back until the step under way is done; a second one acts at once."""
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    asked = False
    before = signal.getsignal(signal.SIGINT)

    def note(number: int, frame: object) -> None:
        nonlocal asked
        asked = True
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, note)
    try:
        yield lambda: asked
    finally:
        signal.signal(signal.SIGINT, before)
