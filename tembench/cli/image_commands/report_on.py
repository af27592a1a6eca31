"""Report on one image, as the commands trust and apply write it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from tembench.cli.method_commands import method_source
from tembench.core import notice, printable, progress


def report_on(
    file: Path,
    denoised: Path | None,
    *,
    out: Path,
    options: Mapping[str, Any],
    against: Sequence[Path] = (),
    method: str | None = None,
    overwrite: bool = False,
    weights: Path | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> None:
    """Judge a denoised image by its electrons, write the report and print its lines.

    Parameters
    ----------
    file, denoised : pathlib.Path
        The image file and its denoised image; without the latter, the method denoises it.
    out : pathlib.Path
        Folder of the report.
    options : mapping
        Fields of `FileOptions`.
    against : sequence of pathlib.Path
        Files of other frames of the same place.
    method : str or None
        Name of the method, ``auto`` among them; by default the one that `denoised` records.
    overwrite : bool
        Replace a report that exists.
    weights, overrides
        Weights and parameters of the method.
    """
    from tembench.micrographs import (
        AUTO,
        TESTS,
        chosen_options,
        collect_evidence,
        read_subject,
        recorded,
        recorded_method,
        refuse_other_folder,
        write_report,
    )

    refuse_other_folder(out, overwrite=overwrite)
    made = recorded(denoised) if denoised is not None else None
    name = method or (AUTO if denoised is None else None)
    given = dict(overrides or {})
    source = method_source(name, weights, given)[0] if name else recorded_method(made)
    if source is None:
        notice(
            f"{printable(str(denoised))} does not record its method: tests that denoise parts of "
            "the electrons are missing; name it with --method"
        )
    read_with = chosen_options(dict(options), made)
    subject, sources = read_subject(file, denoised, against, read_with, source, made)
    for warning in sources.warnings:
        click.echo(printable(f"Warning: {file}: {warning}"), err=True)
    with progress(f"Testing {subject.name}", TESTS) as advance:
        evidence = collect_evidence(subject, lambda: advance(1))
    for line in write_report(out, subject, sources, evidence):
        click.echo(printable(line))
