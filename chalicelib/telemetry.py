"""How a Lambda function reports: JSON logs and embedded metrics, by Powertools for AWS Lambda.

CloudWatch turns the lines with metrics into metrics. A log line has the id of its request. Neither has personal data.
Outside Lambda nothing is reported.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
from aws_lambda_powertools.metrics import Metrics as EmbeddedMetrics
from aws_lambda_powertools.metrics import MetricUnit, single_metric

from chalicelib.metrics import Metrics

NAMESPACE = "ArticleVotes"
LOGGER = "article-votes"  # Chalice's logger, and the parent of ours


class Telemetry:
    """The reports of one container. `stack`: the name of the CloudFormation stack, a dimension of each metric."""

    def __init__(self, stack: str, metrics: Metrics) -> None:
        self._stack = stack
        self._metrics = metrics
        self._formatter = LambdaPowertoolsFormatter(
            log_record_order=["level", "message", "request_id"], location="%(name)s", utc=True, use_rfc3339=True
        )
        for handler in logging.getLogger(LOGGER).handlers:
            handler.setFormatter(self._formatter)

    @contextmanager
    def request(self, request_id: str) -> Iterator[None]:
        """Mark the logs of one request, and report what was counted when it ends."""
        self._formatter.append_keys(request_id=request_id)
        try:
            yield
        finally:
            self._report()

    def _report(self) -> None:
        report = self._metrics.take()
        if report is None:
            return
        embedded = EmbeddedMetrics(namespace=NAMESPACE, service=self._stack)
        for count, amount in report.counts.items():
            embedded.add_metric(name=count, unit=MetricUnit.Count, value=amount)
        for length, seconds in report.seconds.items():
            embedded.add_metric(name=length, unit=MetricUnit.Seconds, value=seconds)
        if report.counts or report.seconds:
            embedded.flush_metrics()
        for code, amount in report.refusals.items():
            with single_metric(
                name="refusals", unit=MetricUnit.Count, value=amount, namespace=NAMESPACE,
                default_dimensions={"service": self._stack},
            ) as refusals:  # fmt: skip
                refusals.add_dimension(name="code", value=code)
