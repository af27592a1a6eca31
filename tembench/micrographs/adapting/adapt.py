"""Adaptation of a method to image files: from noisy frames to a folder of weights."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tembench.core import (
    MethodError,
    absolute,
    locked,
    made_by,
    refuse_inputs,
    refuse_method_folders,
    write_toml,
)
from tembench.methods import (
    TRAINING,
    Method,
    NoisyImage,
    begun_record,
    described,
    weights_digest,
)
from tembench.micrographs.adapting.frame_stack import FrameStack, read_frames
from tembench.micrographs.adapting.held_out_frames import Judgement, compare_held_out
from tembench.micrographs.adapting.time_budget import budget_of
from tembench.micrographs.adapting.training_sets import (
    IN_WORDS,
    TrainingSet,
    chosen_way,
    trained_method,
    training_set,
)
from tembench.micrographs.domain import ReadyMethod
from tembench.micrographs.movies import reach_of
from tembench.micrographs.reading import FileOptions

PrintLine = Callable[[str], object]

# Pixel size that the parameters of methods with bins in pixels were chosen at.
_CHOSEN_AT_A = 0.0625
# Small steps from trained weights, for any optimiser that a method declares.
_FROM_WEIGHTS: dict[str, Any] = {
    "optimiser": "adamw",
    "learning_rate": 1e-3,
    "schedule": "cosine",
    "warm_up": 0.02,
    "ema_decay": 0.99,
    "batch": 1,
    "crop": 128,
}


@dataclass(frozen=True, kw_only=True)
class Adaptation:
    """The training of a method on image files.

    Attributes
    ----------
    method : Method
        The method with its parameters; those that the user set are kept.
    options : FileOptions
        The user's options for the files.
    minutes : float
        Time that the training may take; its number of steps follows from a measurement.
    way : str or None
        One of `tembench.micrographs.adapting.training_sets.WAYS`; None leaves it to the method and
        the files.
    training : mapping
        Parameters of the method that is trained, as the user set them.
    start : pathlib.Path or None
        Folder of weights to start from; None for those shipped with the method.
    from_scratch : bool
        Start from random weights.
    """

    method: Method
    options: FileOptions = field(default_factory=FileOptions)
    minutes: float = 10.0
    way: str | None = None
    training: Mapping[str, Any] = field(default_factory=dict)
    start: Path | None = None
    from_scratch: bool = False

    def run(
        self, files: Sequence[Path], out: Path, *, say: PrintLine, warn: PrintLine
    ) -> Judgement | None:
        """Train into a folder, or resume the training that it holds.

        Parameters
        ----------
        files : sequence of pathlib.Path
            Images or movies.
        out : pathlib.Path
            Receives the weights.
        say, warn : callable
            Receive the lines about the work, and the warnings.

        Returns
        -------
        Judgement or None
            The trained weights compared with those that it started from; None where it started
            from none.

        Raises
        ------
        ImageError
            If a file cannot be used.
        MethodError
            If the method cannot be trained in this way, or `out` holds another training.
        """
        trained = trained_method(self.method).with_parameters(**self.training)
        folder = absolute(out)
        refuse_inputs([folder], list(files), MethodError)
        refuse_method_folders(folder, {*self.method.folders, *trained.folders}, MethodError)
        trained.check_imports()
        started = self._start(trained)
        ready = ReadyMethod(method=self.method, weights=started)
        frames = self._frames(ready, files, as_seen=started is not None)
        for note in frames.notes:
            warn(f"Warning: {note}")
        way = chosen_way(self.method, frames, self.way)
        data = training_set(self.method, frames, way, seed=self.options.seed, start=started)
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder, MethodError):
            self._train(trained, frames, data, folder, say)
            judgement = self._judge(ready, data, folder) if ready.used_weights else None
        if judgement is not None:
            self._report(judgement, say, warn)
        return judgement

    def _start(self, trained: Method) -> Path | None:
        """Return the weights to start from; None for random ones."""
        if self.start and trained.input == "series":
            raise MethodError(
                "starts from random weights",
                where=f"method {trained.name}",
                got=f"--from {self.start}",
                remedy="Omit --from",
            )
        if self.from_scratch or trained.input == "series":
            return None
        return self.start or trained.shipped_weights

    def _frames(self, ready: ReadyMethod, files: Sequence[Path], *, as_seen: bool) -> FrameStack:
        def see(image: NoisyImage, number: int) -> NoisyImage:
            return ready.seen(image, seed=number) if as_seen else image

        return read_frames(files, self.options, see)

    def _train(
        self, trained: Method, frames: FrameStack, data: TrainingSet, folder: Path, say: PrintLine
    ) -> None:
        expected = {
            "method": trained.name,
            "code": trained.code_digest(),
            "adapted": {
                "frames": frames.digest(),
                "way": data.way,
                "minutes": self.minutes,
                "start": weights_digest(data.data.start) if data.data.start else "random",
                "reach": reach_of(self.method),
                **{f"set_{name}": trained.parameters[name] for name in sorted(trained.chosen)},
            },
        }
        record = begun_record(folder, expected)
        say(
            f"{len(frames)} frames of {frames.counts.shape[2]} x {frames.counts.shape[1]} px of "
            f"{frames.pixel_size_A:.4g} Å with {data.data.dose_e_per_px:.3g} e/px: "
            f"{IN_WORDS[data.way]}"
        )
        if record["complete"]:
            say(f"{folder}: done already")
            return
        if "parameters" in record:
            say(f"{folder}: resumed, {record['parameters'].get('steps')} steps in all")
            suited = replace(trained, parameters=record["parameters"])
        else:
            suited = self._planned(trained, data, say)
            record |= {**described(suited), "made_by": made_by()}
        start, before = time.perf_counter(), float(record["seconds"])
        write_toml(folder / TRAINING, record)
        try:
            suited.train(data.data, folder)
            record["complete"] = True
        finally:
            record["seconds"] = before + time.perf_counter() - start
            write_toml(folder / TRAINING, record)

    def _planned(self, trained: Method, data: TrainingSet, say: PrintLine) -> Method:
        """Return the method with parameters that suit the data and the time."""
        binning = trained.parameters.get("binning")
        values: dict[str, Any] = dict(_FROM_WEIGHTS) if data.data.start else {}
        if binning and not data.data.start:
            values["binning"] = max(1, round(binning * _CHOSEN_AT_A / data.data.pixel_size_A))
        suited = trained.adapted(**values)
        if "steps" in trained.chosen:
            return suited
        say(f"Measuring the speed of the training, of at most {self.minutes:g} minutes ...")
        budget = budget_of(suited, data.data, self.minutes)
        say(f"Plan: {budget.text()}. Ctrl-C and the same command resume it")
        return suited.adapted(**budget.parameters())

    def _judge(self, ready: ReadyMethod, data: TrainingSet, folder: Path) -> Judgement:
        after = ReadyMethod(method=self.method, weights=folder)
        judgement = compare_held_out(data.judges, ready, after)
        record = begun_record(folder, {})
        record["held_out"] = {
            "gain": judgement.gain, "z": judgement.z, "electrons": judgement.electrons,
        }  # fmt: skip
        write_toml(folder / TRAINING, record)
        return judgement

    def _report(self, judgement: Judgement, say: PrintLine, warn: PrintLine) -> None:
        if judgement.is_better:
            how = "Better" if judgement.is_clear else "Probably better"
            say(f"{how} than before: {judgement.text()}")
            return
        warn(
            f"Warning: NOT BETTER THAN BEFORE: {judgement.text()}. Use {self.method.name} without "
            "these weights, give it more --minutes or more frames, or try --way or another method"
        )
