"""Histograms of seconds in Prometheus' format, as cheap to count as an event loop needs them: five for every message.

The client library locks each bucket, looks for it one by one, and makes an object for each measurement. Here a number in a list goes up,
and the library's shape is made when somebody scrapes. What other threads observe may be miscounted by one; the loop's never.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from time import perf_counter

from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

_INFINITE = float("inf")


class Series:
    """The measurements under one set of label values."""

    __slots__ = ("_bounds", "_counts", "_sum")

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def observe(self, seconds: float) -> None:
        """Count one."""
        self._counts[bisect_left(self._bounds, seconds)] += 1
        self._sum += seconds

    def time(self) -> "Running":
        """Measure a block, also one that raises."""
        return Running(self)

    def shown(self) -> tuple[list[tuple[str, float]], float]:
        """(upper bound, how many took no longer) for each bucket, and the sum."""
        buckets, up_to = [], 0
        for bound, count in zip((*self._bounds, _INFINITE), self._counts, strict=True):
            up_to += count
            buckets.append((floatToGoString(bound), float(up_to)))  # type: ignore[no-untyped-call]  # the library does not say
        return buckets, self._sum


class Running:
    """One measurement; `with` it."""

    __slots__ = ("_began", "_series")

    def __init__(self, series: Series) -> None:
        self._series = series

    def __enter__(self) -> None:
        self._began = perf_counter()

    def __exit__(self, *_: object) -> None:
        self._series.observe(perf_counter() - self._began)


class Durations(Collector):
    """One metric: a series for each set of label values."""

    def __init__(self, name: str, what: str, labels: Sequence[str], *, buckets: Sequence[float]) -> None:
        """`buckets`: their upper bounds in ascending order; the infinite one comes by itself."""
        self._name = name
        self._what = what
        self._labelnames = labels
        self._buckets = buckets
        self._series: dict[tuple[str, ...], Series] = {}
        if not labels:
            self.labels()

    def labels(self, *values: str) -> Series:
        """The series under these values. Raises ValueError when they are more or fewer than the labels."""
        series = self._series.get(values)
        if series is None:
            if len(values) != len(self._labelnames):
                raise ValueError(f"{self._name} has the labels {', '.join(self._labelnames) or 'none'}")
            series = self._series[values] = Series(self._buckets)
        return series

    def time(self) -> Running:
        """Measure a block, of a metric without labels."""
        return self.labels().time()

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """Called at a scrape."""
        family = HistogramMetricFamily(self._name, self._what, labels=self._labelnames)
        for values, series in list(self._series.items()):
            buckets, total = series.shown()
            family.add_metric(values, buckets, total)
        yield family
