"""Automatic method: chosen for each image by what its own electrons say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from tembench.methods import NoisyImage, load_method
from tembench.micrographs.camera_noise import NoiseCorrelation
from tembench.micrographs.domain import Chosen, Domain, ReadyMethod
from tembench.micrographs.selection.candidates import all_candidates
from tembench.micrographs.selection.choice import NOT_JUDGED
from tembench.micrographs.selection.choose_method import choose

AUTO = "auto"


@dataclass(frozen=True, kw_only=True)
class AutoMethod:
    """Choice among methods, made anew for each image; a `MethodSource`.

    Attributes
    ----------
    candidates : tuple of ReadyMethod, optional
        As for `choose`; by default the shipped methods.

    Examples
    --------
    >>> AutoMethod().name
    'auto'
    """

    candidates: tuple[ReadyMethod, ...] | None = None

    @property
    def name(self) -> str:
        """Name of the choice."""
        return AUTO

    @cached_property
    def methods(self) -> tuple[ReadyMethod, ...]:
        """The methods that may be chosen."""
        return tuple(all_candidates()) if self.candidates is None else self.candidates

    @property
    def domain(self) -> Domain:
        """That of the open networks, which images of any sampling are judged by."""
        return ReadyMethod(method=load_method("unet-open")).domain

    def build(self) -> None:
        """Build nothing: a candidate that cannot be built is left out of the choice."""

    def sampling(self, pixel_size_A: float) -> float:
        """Return the image's own pixel size."""
        return pixel_size_A

    def for_image(
        self,
        image: NoisyImage,
        frames: Callable[[], Sequence[NoisyImage]],
        correlation: NoiseCorrelation | None,
        where: str,
    ) -> Chosen:
        """Choose the method for an image; parameters as for `MethodSource.for_image`."""
        choice = choose(
            image,
            candidates=self.candidates,
            frames=frames,
            correlation=correlation,
            where=where,
        )
        return Chosen(
            ready=choice.winner,
            table=choice.table_text(),
            record=choice.as_record(),
            judged=choice.judged_by != NOT_JUDGED,
        )
