"""What a container has counted."""

from __future__ import annotations

from chalicelib.metrics import Metrics


def counted(metrics: Metrics) -> dict[str, int]:
    """The counts since the last time, by name."""
    report = metrics.take()
    return {} if report is None else dict(report.counts)  # type: ignore[arg-type]  # names are texts
