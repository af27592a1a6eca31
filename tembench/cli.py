"""The command line: options and messages, no logic."""

from __future__ import annotations

import click


@click.group()
def main() -> None:
    """Denoising benchmark for atomic-resolution electron-microscope images."""
