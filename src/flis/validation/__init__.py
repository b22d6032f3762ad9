"""Judge deliveries by rules, without ever changing data; see CONTEXT.md."""

from typing import TYPE_CHECKING

from flis.lazy import on_demand
from flis.validation.chain_needs import needed
from flis.validation.model import DeliveryReport, Finding, Load, Rule, Severity
from flis.validation.reports import page, report
from flis.validation.rules import RULES, rule

if TYPE_CHECKING:
    from flis.validation.judging import judge, settle, weigh
    from flis.validation.rejudging import Rejudged, rejudge
else:
    __getattr__ = on_demand(__name__, judging=("judge", "settle", "weigh"), rejudging=("Rejudged", "rejudge"))

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
