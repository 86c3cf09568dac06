"""What layers are worth: whether they agree with each other and with what music does."""

from .checks import SEVERITIES, Finding, Kind, Severity, check

__all__ = ["SEVERITIES", "Finding", "Kind", "Severity", "check"]
