"""Experiments: what was tried with which parameters, what came of it, kept in MLflow."""

from __future__ import annotations

from .tracking import Run, record, tracking_uri

__all__ = ["Run", "record", "tracking_uri"]
