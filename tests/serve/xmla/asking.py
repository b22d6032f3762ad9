"""Requests as text, and what their answers say."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import xmlschema
from lxml import etree

from flis.serve.xmla.names import DATASET, ROWSET, SOAP, XMLA, XSD

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Asker", "discover", "execute", "rows_of", "validate"]

Restrictions = "Mapping[str, str | list[str]]"


def envelope(body: str, header: str = "") -> bytes:
    return (f'<e:Envelope xmlns:e="{SOAP}"><e:Header>{header}</e:Header><e:Body>{body}</e:Body></e:Envelope>').encode()


def properties(given: Mapping[str, object]) -> str:
    listed = "".join(f"<{k}>{escape(str(v))}</{k}>" for k, v in given.items())
    return f"<Properties><PropertyList>{listed}</PropertyList></Properties>"


def discover(rowset: str, restrictions: Mapping[str, object] | None = None, **given: object) -> bytes:
    listed = ""
    for name, value in (restrictions or {}).items():
        values = value if isinstance(value, list) else [value]
        inside = escape(str(value)) if len(values) == 1 else "".join(f"<Value>{escape(str(v))}</Value>" for v in values)
        listed += f"<{name}>{inside}</{name}>"
    header = str(given.pop("header", ""))
    return envelope(
        f'<Discover xmlns="{XMLA}"><RequestType>{rowset}</RequestType><Restrictions><RestrictionList>{listed}'
        f"</RestrictionList></Restrictions>{properties(given)}</Discover>",
        header,
    )


def execute(statement: str, **given: object) -> bytes:
    header, extra = str(given.pop("header", "")), str(given.pop("extra", ""))
    return envelope(
        f'<Execute xmlns="{XMLA}"><Command><Statement>{escape(statement)}</Statement></Command>{properties(given)}'
        f"{extra}</Execute>",
        header,
    )


def root_of(answer: etree._Element) -> etree._Element:
    found = answer.find(f".//{{{XMLA}}}return")
    assert found is not None, etree.tostring(answer)[:500]
    return found[0]


def rows_of(answer: etree._Element) -> list[dict[str, str]]:
    rows = root_of(answer).findall(f"{{{ROWSET}}}row")
    return [{str(c.tag).rpartition("}")[2]: (c.text or "") for c in row} for row in rows]


def validate(answer: etree._Element) -> int:
    """Validate a rowset or cell set against its own inline schema; the number of elements in it."""
    root = root_of(answer)
    schema = root.find(f"{{{XSD}}}schema")
    assert schema is not None
    text = etree.tostring(schema).decode()
    root.remove(schema)
    xmlschema.XMLSchema(text).validate(etree.tostring(root).decode())
    return len(root)


class Asker:
    """Asks, and reads the answer."""

    def __init__(self, post: Callable[[bytes], etree._Element]) -> None:
        self.post = post

    def rows(
        self, rowset: str, restrictions: Mapping[str, object] | None = None, **given: object
    ) -> list[dict[str, str]]:
        return rows_of(self.post(discover(rowset, restrictions, **given)))

    def table(self, statement: str, **given: object) -> list[dict[str, str]]:
        return rows_of(self.post(execute(statement, **given)))

    def cells(self, statement: str, **given: object) -> etree._Element:
        root = root_of(self.post(execute(statement, **given)))
        assert root.tag == f"{{{DATASET}}}root", root.tag
        return root
