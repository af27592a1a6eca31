"""Automatic choice of the method, anew for each image."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tembench.methods import NoisyImage
from tembench.micrographs.camera_noise import NoiseCorrelation
from tembench.micrographs.domain import Chosen, Domain, ReadyMethod
from tembench.micrographs.selection.choose_method import choose


@dataclass(frozen=True, kw_only=True)
class Automatic:
    """The method that `choose` finds best for each image; a `MethodSource`.

    Attributes
    ----------
    candidates : tuple of ReadyMethod, optional
        As for `choose`.
    """

    candidates: tuple[ReadyMethod, ...] | None = None

    @property
    def name(self) -> str:
        """Name of the choice."""
        return "auto"

    @property
    def domain(self) -> Domain:
        """Any images."""
        return Domain()

    def build(self) -> None:
        """Build nothing: the candidates depend on the image."""

    def sampling(self, pixel_size_A: float) -> float:
        """Return the same pixel size: noise is drawn on the image's own pixels."""
        return pixel_size_A

    def for_image(
        self,
        image: NoisyImage,
        frames: Callable[[], Sequence[NoisyImage]],
        correlation: NoiseCorrelation | None,
        where: str,
    ) -> Chosen:
        """Return the method for an image; parameters as for `choose`."""
        choice = choose(
            image,
            candidates=self.candidates,
            frames=frames,
            correlation=correlation,
            where=where,
        )
        return Chosen(ready=choice.winner, table=choice.table_text(), record=choice.as_record())
