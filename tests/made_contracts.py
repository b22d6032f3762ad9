"""Source contracts made by hand, for areas outside the package."""

from __future__ import annotations

from typing import Any

import yaml

__all__ = ["contract", "field", "table"]

STANDARD = ("required", "primaryKey", "physicalType", "physicalName", "logicalTypeOptions")


def field(name: str, kind: str = "string", *, classification: str = "public", **more: Any) -> dict[str, Any]:
    """A field of a contract; `more` are fields of the standard or custom properties, by their names."""
    standard: dict[str, Any] = {k: more.pop(k) for k in STANDARD if k in more}
    return {
        "name": name,
        "physicalName": name.upper(),
        "logicalType": kind,
        "classification": classification,
        "description": f"Feltet {name}.",
        **standard,
        "customProperties": _custom(descriptionEnglish=f"The field {name}.", **more),
    }


def table(name: str, *fields: dict[str, Any], source: str = "", quality: Any = (), **more: Any) -> dict[str, Any]:
    """A table of a contract."""
    return {
        "name": name,
        "physicalName": source or name,
        "businessName": name,
        "description": f"Tabellen {name}.",
        "customProperties": _custom(businessNameEnglish=name, descriptionEnglish=f"The table {name}.", **more),
        "properties": list(fields),
        **({"quality": list(quality)} if quality else {}),
    }


def contract(area: str, form: str, *tables: dict[str, Any], interface: str = "", **server: Any) -> str:
    """The text of a contract; `server` are the custom properties of its server."""
    texts = {"purposeEnglish": "Trial.", "usageEnglish": "Trial.", "limitationsEnglish": "None."}
    return yaml.safe_dump(
        {
            "apiVersion": "v3.1.0",
            "kind": "DataContract",
            "id": interface or f"{area}-{form}",
            "name": f"Kontrakt {area}",
            "version": "1.0.0",
            "status": "active",
            "domain": area,
            "description": {
                "purpose": "Prøve.",
                "usage": "Prøve.",
                "limitations": "Ingen.",
                "customProperties": _custom(**texts),
            },
            "servers": [{"server": "inbox", "type": "custom", "format": form, "customProperties": _custom(**server)}],
            "schema": list(tables),
        },
        allow_unicode=True,
        sort_keys=False,
    )


def _custom(**values: Any) -> list[dict[str, Any]]:
    return [{"property": name, "value": value} for name, value in values.items()]
