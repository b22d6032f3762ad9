"""Judge deliveries by rules, without ever changing data; see CONTEXT.md."""

from flis.validation.chain_needs import needed
from flis.validation.judging import judge, settle, weigh
from flis.validation.model import DeliveryReport, Finding, Load, Rule, Severity
from flis.validation.rejudging import Rejudged, rejudge
from flis.validation.reports import page, report
from flis.validation.rules import RULES, rule

__all__ = [
    "RULES",
    "DeliveryReport",
    "Finding",
    "Load",
    "Rejudged",
    "Rule",
    "Severity",
    "judge",
    "needed",
    "page",
    "rejudge",
    "report",
    "rule",
    "settle",
    "weigh",
]
