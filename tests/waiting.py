"""Waiting for what other processes do."""

from collections.abc import Iterator
from itertools import chain, repeat


def pauses() -> Iterator[float]:
    """Seconds between one look and the next, for ever: short at first. Who is asked needs the processor as well."""
    return chain((0.02, 0.03, 0.05, 0.1), repeat(0.2))
