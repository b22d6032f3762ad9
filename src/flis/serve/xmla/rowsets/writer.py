"""A rowset as XML: the inline schema that every client wants, and the rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flis.query.result import CellError
from flis.serve.xmla.escaping import attribute, text
from flis.serve.xmla.faults import CELL_ERROR
from flis.serve.xmla.names import EXCEPTION, ROWSET, SQL, XSD, XSI
from flis.serve.xmla.rowsets.table import RowsetColumn, Type
from flis.serve.xmla.values import lexical, typed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

__all__ = ["SentContent", "rowset", "schema", "table"]

UUID = "[0-9a-zA-Z]{8}-[0-9a-zA-Z]{4}-[0-9a-zA-Z]{4}-[0-9a-zA-Z]{4}-[0-9a-zA-Z]{12}"
OPEN = f'<root xmlns="{ROWSET}" xmlns:xsi="{XSI}" xmlns:xsd="{XSD}">'


@dataclass(frozen=True, slots=True)
class SentContent:
    """What of an answer is sent."""

    schema: bool = True
    data: bool = True

    @classmethod
    def named(cls, name: str) -> SentContent:
        """What the property `Content` says; both where it is not given."""
        said = name.casefold()
        return cls(said not in {"none", "data"}, said not in {"none", "schema"})


def rowset(columns: Sequence[RowsetColumn], rows: Iterable[Mapping[str, Any]], content: SentContent) -> Iterator[str]:
    """The rowset whose rows are mappings by column; what a row lacks or has as None is left out."""
    yield OPEN
    if content.schema:
        yield schema(columns)
    if content.data:
        write = [(c.field, _writer(c)) for c in columns]
        for row in rows:
            yield "<row>"
            yield "".join([w(v) for name, w in write if (v := row.get(name)) is not None])
            yield "</row>"
    yield "</root>"


def table(columns: Sequence[RowsetColumn], rows: Iterable[tuple[Any, ...]], content: SentContent) -> Iterator[str]:
    """The rowset whose rows are tuples in the order of the columns."""
    yield OPEN
    if content.schema:
        yield schema(columns)
    if content.data:
        write = [_writer(c) for c in columns]
        for row in rows:
            cells = "".join([w(v) for w, v in zip(write, row, strict=True) if v is not None])
            yield f"<row>{cells}</row>"
    yield "</root>"


def schema(columns: Sequence[RowsetColumn]) -> str:
    """The inline schema of a rowset with these columns."""
    return (
        f'<xsd:schema targetNamespace="{ROWSET}" xmlns:sql="{SQL}" elementFormDefault="qualified">'
        '<xsd:element name="root"><xsd:complexType><xsd:sequence minOccurs="0" maxOccurs="unbounded">'
        '<xsd:element name="row" type="row"/></xsd:sequence></xsd:complexType></xsd:element>'
        f'<xsd:simpleType name="uuid"><xsd:restriction base="xsd:string"><xsd:pattern value="{UUID}"/>'
        "</xsd:restriction></xsd:simpleType>"
        '<xsd:complexType name="xmlDocument"><xsd:sequence><xsd:any processContents="skip"/></xsd:sequence>'
        "</xsd:complexType>"
        f'<xsd:complexType name="row"><xsd:sequence>{"".join(map(_element, columns))}</xsd:sequence></xsd:complexType>'
        "</xsd:schema>"
    )


def _element(column: RowsetColumn) -> str:
    name = f'sql:field="{attribute(column.field)}" name="{column.tag}"'
    if column.type is Type.NESTED:
        inside = "".join(map(_element, column.inside))
        return (
            f'<xsd:element {name} minOccurs="0" maxOccurs="unbounded"><xsd:complexType><xsd:sequence>'
            f"{inside}</xsd:sequence></xsd:complexType></xsd:element>"
        )
    kind = f' type="{column.type}"' if column.type is not Type.ANY else ""
    least = "" if column.required else ' minOccurs="0"'
    return f"<xsd:element {name}{kind}{least}/>"


def _error(error: CellError) -> str:
    number, reason = CELL_ERROR.number, text(error.reason)
    return f'<Error xmlns="{EXCEPTION}"><ErrorCode>{number}</ErrorCode><Description>{reason}</Description></Error>'


def _writer(column: RowsetColumn) -> Callable[[Any], str]:
    tag = column.tag
    if column.type is Type.NESTED:
        inner = [(c.field, _writer(c)) for c in column.inside]

        def nested(rows: Iterable[Mapping[str, Any]]) -> str:
            lines = ("".join([w(v) for n, w in inner if (v := r.get(n)) is not None]) for r in rows)
            return "".join([f"<{tag}>{line}</{tag}>" for line in lines])

        return nested
    if column.type is Type.ANY:

        def any_type(value: Any) -> str:
            if isinstance(value, CellError):
                return f"<{tag}>{_error(value)}</{tag}>"
            kind, said = typed(value)
            return f'<{tag} xsi:type="{kind}">{said}</{tag}>'

        return any_type
    if column.type is Type.XML:
        return lambda value: f"<{tag}>{value}</{tag}>"
    return lambda value: f"<{tag}>{lexical(value)}</{tag}>"
