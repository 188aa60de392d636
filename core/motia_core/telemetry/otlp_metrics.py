"""Metrics as OpenTelemetry has them, made of those for Prometheus: there is one place that knows what is measured."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby, pairwise

from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    AggregationTemporality,
    Gauge,
    Histogram,
    HistogramDataPoint,
    Metric,
    NumberDataPoint,
    Sum,
)
from prometheus_client.core import Metric as Family
from prometheus_client.samples import Sample

from motia_core.telemetry.attributes import attributes

CUMULATIVE = AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE
UNITS = {"_seconds": "s", "_milliseconds": "ms", "_bytes": "By"}


def metrics_of(families: Iterable[Family], started_ns: int, now_ns: int) -> list[Metric]:
    """Families of Prometheus as metrics.

    Args:
        started_ns: Since when counters count.
        now_ns: When they were read; both Unix time.
    """
    return [_metric(family, started_ns, now_ns) for family in families if family.samples]


def _metric(family: Family, started_ns: int, now_ns: int) -> Metric:
    unit = next((unit for end, unit in UNITS.items() if family.name.endswith(end)), "")
    metric = Metric(name=family.name, description=family.documentation, unit=unit)
    if family.type == "histogram":
        points = [_histogram(group, started_ns, now_ns) for group in _by_labels(family.samples)]
        metric.histogram.CopyFrom(Histogram(data_points=points, aggregation_temporality=CUMULATIVE))
    elif family.type == "counter":
        numbers = [_number(sample, started_ns, now_ns) for sample in family.samples]
        metric.sum.CopyFrom(Sum(data_points=numbers, aggregation_temporality=CUMULATIVE, is_monotonic=True))
    else:
        metric.gauge.CopyFrom(Gauge(data_points=[_number(sample, 0, now_ns) for sample in family.samples]))
    return metric


def _number(sample: Sample, started_ns: int, now_ns: int) -> NumberDataPoint:
    return NumberDataPoint(
        attributes=attributes(sample.labels),
        start_time_unix_nano=started_ns,
        time_unix_nano=now_ns,
        as_double=sample.value,
    )


def _by_labels(samples: Iterable[Sample]) -> list[list[Sample]]:
    """The samples of each histogram: they stand together."""
    groups = groupby(samples, key=lambda sample: {**sample.labels, "le": ""})
    return [list(group) for _, group in groups]


def _histogram(samples: list[Sample], started_ns: int, now_ns: int) -> HistogramDataPoint:
    buckets = [sample for sample in samples if sample.name.endswith("_bucket")]
    below = [0, *(int(sample.value) for sample in buckets)]
    total = next((sample.value for sample in samples if sample.name.endswith("_sum")), 0.0)
    labels = {name: text for name, text in samples[0].labels.items() if name != "le"}
    return HistogramDataPoint(
        attributes=attributes(labels),
        start_time_unix_nano=started_ns,
        time_unix_nano=now_ns,
        count=below[-1],
        sum=total,
        explicit_bounds=[float(sample.labels["le"]) for sample in buckets[:-1]],
        bucket_counts=[upper - lower for lower, upper in pairwise(below)],
    )
