"""What a benchmark answers, and how it is measured: ratios to something known, because machines differ."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One measured number. `ratio` is value divided by `reference_value`; `goal` is the most that `value` may be.

    `more` turns the goal round, for numbers that should be large, such as words per second.
    """

    name: str
    value: float
    unit: str = "s"
    reference: str = ""
    reference_value: float | None = None
    goal: float | None = None
    more: bool = False

    @property
    def ratio(self) -> float | None:
        return self.value / self.reference_value if self.reference_value else None

    @property
    def met(self) -> bool | None:
        """None where there is no goal."""
        if self.goal is None:
            return None
        return self.value >= self.goal if self.more else self.value <= self.goal


def median_seconds(work: Callable[[], object], times: int = 5) -> float:
    """The median time of `work` in seconds."""
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)
