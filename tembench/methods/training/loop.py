"""Training loop of all networks: steps, validations, checkpoints and the final record.

The length of a training is a number of steps, never a time: its result must not depend on the speed
of the machine. On a CPU the same seed gives the same weights bit for bit (for one number of
threads), and an interrupted and resumed training gives those of an uninterrupted one.
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

from tembench.core import MethodError, progress
from tembench.methods.networks.setup import device_name, pick_device
from tembench.methods.networks.size import learned_values
from tembench.methods.training import checkpoint
from tembench.methods.training.config import TrainingConfig
from tembench.methods.training.history import (
    CURVE,
    HISTORY,
    Point,
    curve_figure,
    read_history,
    write_history,
)
from tembench.methods.training.objective import Objective, ObjectiveFactory, supervised_objective
from tembench.methods.training.trainer import Trainer

if TYPE_CHECKING:
    from tembench.methods.protocol import TrainingData


def fit(
    network: nn.Module,
    data: TrainingData,
    config: TrainingConfig,
    folder: Path,
    *,
    architecture: Mapping[str, Any],
    objective: ObjectiveFactory | None = None,
) -> list[Point]:
    """Train `network`, or resume the training that `folder` holds.

    Parameters
    ----------
    network : nn.Module
        Network with its initial weights. Maps counts per bin, (n, 1, y, x) in units of the
        vacuum's expectation, to clean values in the same unit.
    data : TrainingData
        Images or exit waves, dose and seed.
    config : TrainingConfig
        Training settings.
    folder : Path
        Gets ``weights.safetensors``, ``checkpoint.pt``, ``history.csv``, ``curve.png`` and, when
        the training is complete, ``fit.toml``.
    architecture : Mapping
        Plain values that define the network; part of the training's identity.
    objective : callable, optional
        Makes the `Objective` from data, configuration and device; by default
        `supervised_objective`: noisy crops of clean images or of images formed from waves.

    Returns
    -------
    list of Point
        The history. `network` holds the best weights.

    Raises
    ------
    MethodError
        If `folder` holds another training or a damaged one, or the training diverges.
    KeyboardInterrupt
        On Ctrl-C, after a checkpoint is written.
    """
    device = pick_device(config.device)
    run = _TrainingRun(network, data, config, Path(folder), architecture, device)
    if run.complete():
        return run.history
    run.prepare((objective or supervised_objective)(data, config, device))
    run.resume()
    with (
        _deferred_interrupt() as interrupted,
        progress("Training", config.steps, run.step) as advance,
        run.objective.batches(run.step) as draw,
    ):
        while not run.ended():
            run.advance(*draw(run.step))
            advance(1)
            if interrupted():
                run.save()
                raise KeyboardInterrupt
    run.finish()
    return run.history


class _TrainingRun:
    """State of one training: network, step, history, best weights."""

    def __init__(
        self,
        network: nn.Module,
        data: TrainingData,
        config: TrainingConfig,
        folder: Path,
        architecture: Mapping[str, Any],
        device: torch.device,
    ) -> None:
        self.config, self.folder, self.device = config, folder, device
        self.identity = {
            **config.identity_settings(),
            **architecture,
            "seed": data.seed,
            "dose_e_per_px": data.dose_e_per_px,
            "pixel_size_A": data.pixel_size_A,
        }
        self.network = network
        self.trainer = Trainer(network, config, device)
        self.step, self.seconds, self.best_score = 0, 0.0, -math.inf
        # Of this run alone.
        self.preparation_seconds = self.validation_seconds = 0.0
        self.best: dict[str, Tensor] = {}
        self.history: list[Point] = []
        self.loss_sum = torch.zeros((), dtype=torch.float64, device=device)
        self.loss_steps = 0
        self.saved_at = self.clock = time.monotonic()

    def prepare(self, objective: Objective) -> None:
        """Set the objective; its data become part of the identity."""
        self.objective = objective
        self.identity["images"] = objective.sampler.digest()
        self.preparation_seconds = time.monotonic() - self.clock

    def complete(self) -> bool:
        """Load the result of a complete training of the same identity, if there is one."""
        record = checkpoint.read_fit(self.folder)
        if record is None:
            return False
        identity = dict(record.get("identity", {}))
        # Reading the images would take long; the folder's `training.toml` identifies the data.
        identity.pop("images", None)
        checkpoint.refuse_other_identity(self.folder, identity, self.identity)
        checkpoint.load_weights(self.network, self.folder, _REMEDY)
        self.history = read_history(self.folder / HISTORY)
        return True

    def scores(self) -> list[float]:
        """Return the validation scores so far; higher is better."""
        return [point.score for point in self.history]

    def ended(self) -> bool:
        """Return whether all steps are done or the validation score no longer improves."""
        return self.step >= self.config.steps or self.config.ended(self.scores())

    def advance(self, noisy: Tensor, target: Tensor) -> None:
        """Train on the batch of a step, then validate and save a checkpoint when due."""
        config = self.config
        rate = config.rate(self.step, self.scores())
        self.loss_sum += self.trainer.step(noisy, target, rate)
        self.loss_steps += 1
        self.step += 1
        if self.step % config.validate_every == 0 or self.step == config.steps:
            self._validate(rate)
        if time.monotonic() - self.saved_at >= config.checkpoint_seconds:
            self.save()

    def _validate(self, rate: float) -> None:
        started = time.monotonic()
        score = self.objective.validate(self.trainer.denoise)
        self.validation_seconds += time.monotonic() - started
        loss = float(self.loss_sum) / self.loss_steps
        if not math.isfinite(loss) or not math.isfinite(score):
            raise MethodError(
                "the training diverged",
                where=str(self.folder),
                got=f"loss {loss} after {self.step} steps",
                remedy="Lower learning_rate or clip_norm and train into another folder",
            )
        self._tick()
        self.history.append(
            Point(step=self.step, loss=loss, score=score, learning_rate=rate, seconds=self.seconds)
        )
        self.loss_sum.zero_()
        self.loss_steps = 0
        if score > self.best_score:
            self.best_score = score
            self.best = self.trainer.weights()

    def _tick(self) -> None:
        now = time.monotonic()
        self.seconds += now - self.clock
        self.clock = now

    def save(self) -> None:
        """Write the checkpoint."""
        self._tick()
        content = {
            "format": checkpoint.CHECKPOINT_FORMAT,
            "identity": self.identity,
            "step": self.step,
            "seconds": self.seconds,
            "best_score": self.best_score,
            "best": self.best,
            "history": [asdict(point) for point in self.history],
            "loss_sum": self.loss_sum,
            "loss_steps": self.loss_steps,
            "trainer": self.trainer.state(),
        }
        checkpoint.save(self.folder / checkpoint.CHECKPOINT, content)
        self.saved_at = time.monotonic()

    def resume(self) -> None:
        """Continue from the checkpoint, where there is one."""
        path = self.folder / checkpoint.CHECKPOINT
        if not path.exists():
            return
        state = checkpoint.load(path, _REMEDY)
        identity = state.get("identity")
        if state.get("format") != checkpoint.CHECKPOINT_FORMAT or not isinstance(identity, dict):
            raise MethodError("not a checkpoint of this version", where=str(path), remedy=_REMEDY)
        checkpoint.refuse_other_identity(self.folder, identity, self.identity)
        self.trainer.restore(state["trainer"])
        self.step, self.seconds = state["step"], state["seconds"]
        self.best_score, self.best = state["best_score"], state["best"]
        self.history = [Point(**point) for point in state["history"]]
        self.loss_sum, self.loss_steps = state["loss_sum"].to(self.device), state["loss_steps"]

    def finish(self) -> None:
        """Write weights, history and figure, then the record, and drop the checkpoint."""
        self._tick()
        checkpoint.save_weights(self.folder, self.best)
        write_history(self.history, self.folder / HISTORY)
        curve_figure(self.history, self.folder / CURVE, self.objective.score_label)
        record = {
            "identity": self.identity,
            "parameters": learned_values(self.network),
            "validation": self.objective.score_label,
            "best_validation": self.best_score,
            "steps": self.step,
            "seconds": self.seconds,
            "preparation_seconds": self.preparation_seconds,
            "validation_seconds": self.validation_seconds,
            "device": device_name(self.device),
            "threads": torch.get_num_threads(),
            "torch": torch.__version__,
        }
        checkpoint.write_fit(self.folder, record)
        (self.folder / checkpoint.CHECKPOINT).unlink(missing_ok=True)
        self.network.load_state_dict(self.best)
        self.network.eval()


_REMEDY = "Delete the folder and train again"


@contextmanager
def _deferred_interrupt() -> Iterator[Callable[[], bool]]:
    """Defer Ctrl-C to the end of the current step; a second one acts at once."""
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    interrupted = False
    before = signal.getsignal(signal.SIGINT)

    def note(number: int, frame: object) -> None:
        nonlocal interrupted
        interrupted = True
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, note)
    try:
        yield lambda: interrupted
    finally:
        signal.signal(signal.SIGINT, before)
