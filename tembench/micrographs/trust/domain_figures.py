"""Domain figures: the image beside those that a method was trained on."""

from __future__ import annotations

from dataclasses import dataclass

from tembench.micrographs.denoising import unusual_for
from tembench.micrographs.domain import Verdict, judge
from tembench.micrographs.trust.subject import Subject


@dataclass(frozen=True, kw_only=True)
class DomainFigures:
    """Figures of an image and of a method's training.

    Attributes
    ----------
    pixel_size_A, dose_e_per_px : float
        Of the image.
    seen_pixel_size_A : float
        Pixel size at which the method sees it.
    known_pixel_size_A, known_dose_e_per_px : float or None
        Of the training; None if the method has none, or was trained on many.
    coarsest_A : float or None
        Largest pixel size of a method that bins images of any smaller one.
    recipe : str
        Recipe of the training images; empty if unknown.
    verdict : Verdict or None
        Specimen check of a learned method; None for a filter.
    unusual : tuple of str
        Respects in which the image is outside the training, one line each.
    """

    pixel_size_A: float
    dose_e_per_px: float
    seen_pixel_size_A: float
    known_pixel_size_A: float | None
    known_dose_e_per_px: float | None
    coarsest_A: float | None
    recipe: str
    verdict: Verdict | None
    unusual: tuple[str, ...]


def domain_figures(subject: Subject) -> DomainFigures | str:
    """Compare an image with the training of its method; the reason if that is not known."""
    ready = subject.ready
    if ready is None:
        return subject.no_parts
    domain, method = ready.domain, ready.method
    seen = ready.seen(subject.image, seed=subject.seed)
    verdict = None
    if method.kind == "learned" and not method.training_data.startswith("none"):
        denoiser = getattr(ready.denoiser, "untuned", ready.denoiser)
        verdict = judge(method, denoiser, seen)
    return DomainFigures(
        pixel_size_A=subject.pixel_size_A,
        dose_e_per_px=subject.dose_e_per_px,
        seen_pixel_size_A=seen.pixel_size_A,
        known_pixel_size_A=domain.pixel_size_A,
        known_dose_e_per_px=domain.dose_e_per_px,
        coarsest_A=domain.coarsest_A,
        recipe=domain.recipe.name if domain.recipe else "",
        verdict=verdict,
        unusual=tuple(unusual_for(ready, seen, subject.pixel_size_A)),
    )
