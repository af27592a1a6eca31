"""Stub."""

from contextlib import contextmanager


@contextmanager
def stage(name):
    yield
