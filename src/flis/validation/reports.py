"""Reports of deliveries: JSON beside the delivery, and a page to read, made when asked for."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import msgspec

from flis.disk import write
from flis.errors import NotFoundError, StateError
from flis.validation.model import DeliveryReport

if TYPE_CHECKING:
    import jinja2

    from flis.delivery.model import Delivery

__all__ = ["page", "report", "save"]


def report(delivery: Delivery) -> DeliveryReport:
    """The report of a judged delivery, with the state that it is in now.

    Raises:
        NotFoundError: it has not been judged yet.
        StateError: the report's file is damaged.
    """
    try:
        found = msgspec.json.decode(delivery.report.read_bytes(), type=DeliveryReport)
    except FileNotFoundError:
        raise NotFoundError(
            f"The delivery {delivery.id} has not been judged yet.", hint="`flis receive` goes on with it."
        ) from None
    except msgspec.MsgspecError:
        raise StateError(f"The report of the delivery {delivery.id} is damaged.") from None
    return msgspec.structs.replace(found, state=delivery.state)


def save(delivery: Delivery, found: DeliveryReport) -> None:
    """Write the report beside the delivery, unless it says so already."""
    content = msgspec.json.format(msgspec.json.encode(found), indent=1)
    if not delivery.report.exists() or delivery.report.read_bytes() != content:
        write(delivery.report, content)


def page(found: DeliveryReport, language: str = "da") -> str:
    """The report as an HTML page that stands alone, in Danish or English."""
    return _template().render(report=found, language=language, say=_WORDS["en" if language == "en" else "da"])


@cache
def _template() -> jinja2.Template:
    import jinja2

    loader = jinja2.PackageLoader("flis.validation", "templates")
    return jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    ).get_template("report.html")


_WORDS = {
    "da": {
        "title": "Valideringsrapport",
        "state": "Tilstand",
        "states": {
            "received": "modtaget",
            "waiting": "venter",
            "validated": "godkendt",
            "loaded": "indlæst",
            "quarantined": "afvist, i karantæne",
            "superseded": "afløst",
        },
        "file": "Fil",
        "produced": "Produktionsdato",
        "previous": "Forrige produktionsdato",
        "missing": "Mangler levering af",
        "records": "Recorder",
        "persons": "Personer",
        "error_records": "Fejlrecorder (910)",
        "receipts": "Kvitteringer (997)",
        "findings": "Fund",
        "none": "Ingen fund.",
        "severity": "Alvor",
        "severities": {"fatal": "fatal", "error": "fejl", "warning": "advarsel"},
        "rule": "Regel",
        "record": "Record nr.",
        "line": "Linje",
        "field": "Felt",
        "message": "Besked",
    },
    "en": {
        "title": "Validation report",
        "state": "State",
        "states": {
            "received": "received",
            "waiting": "waiting",
            "validated": "accepted",
            "loaded": "loaded",
            "quarantined": "refused, in quarantine",
            "superseded": "superseded",
        },
        "file": "File",
        "produced": "Production date",
        "previous": "Previous production date",
        "missing": "Missing the delivery of",
        "records": "Records",
        "persons": "Persons",
        "error_records": "Error records (910)",
        "receipts": "Receipts (997)",
        "findings": "Findings",
        "none": "No findings.",
        "severity": "Severity",
        "severities": {"fatal": "fatal", "error": "error", "warning": "warning"},
        "rule": "Rule",
        "record": "Record no.",
        "line": "Line",
        "field": "Field",
        "message": "Message",
    },
}
