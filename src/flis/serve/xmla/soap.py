"""SOAP in: a request as frozen values, whatever prefix or order a client uses."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from flis.errors import UsageError
from flis.serve.xmla.document import parse
from flis.serve.xmla.names import ENGINE, SOAP, XMLA, XSI

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml import etree

__all__ = ["SHORT", "Cancel", "Discover", "Execute", "Parameter", "Request", "SessionHeader", "read", "read_short"]

Parameter = str | int | float | bool | datetime | None
ENVELOPES = (SOAP, "http://www.w3.org/2003/05/soap-envelope")
MAX_PARAMETERS = 1000
# The types of XML Schema by which a parameter's value is read; of all others it is text.
SIGNED = frozenset(["byte", "int", "integer", "long", "negativeInteger", "nonPositiveInteger", "short"])
WHOLE = SIGNED | {"nonNegativeInteger", "positiveInteger"} | {f"unsigned{n}" for n in ("Byte", "Int", "Long", "Short")}
REAL = frozenset(["decimal", "double", "float"])
MOMENT = frozenset(["date", "dateTime"])
TRUTH = {"true": True, "1": True, "false": False, "0": False}
SHORT = 8 << 10  # bytes of a request, and
REMEMBERED = 2000  # requests so short that are remembered: clients ask the same again, letter for letter


@dataclass(frozen=True, slots=True)
class SessionHeader:
    """What a request's header says of its session."""

    kind: Literal["", "begin", "in", "end"] = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Discover:
    """A rowset is asked for; a restriction may have several values."""

    rowset: str
    restrictions: Mapping[str, tuple[str, ...]]
    properties: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Execute:
    """A statement (empty: nothing to do but what the session header says)."""

    statement: str
    properties: Mapping[str, str]
    parameters: Mapping[str, Parameter] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stop what runs in a session: the request's own one unless it names another."""

    properties: Mapping[str, str]
    session: str = ""
    spid: int = 0


@dataclass(frozen=True, slots=True)
class Request:
    """A whole request."""

    session: SessionHeader
    method: Discover | Execute | Cancel


def read(body: bytes) -> Request:
    """The request that `body` holds.

    Raises:
        UsageError: no envelope, a header that must be understood and is not, or no Discover or Execute.
    """
    root = parse(body)
    space = _space(root)
    if _local(root) != "Envelope" or space not in ENVELOPES:
        raise UsageError("The request is no SOAP envelope.")
    header, content = _child(root, "Header"), _child(root, "Body")
    if content is None or len(content) != 1:
        raise UsageError("The SOAP body must hold one Discover or Execute.")
    call = content[0]
    method = {"Discover": _discover, "Execute": _execute}.get(_local(call))
    if method is None:
        raise UsageError("The SOAP body holds neither Discover nor Execute.")
    return Request(_session(header, space), method(call))


read_short = lru_cache(maxsize=REMEMBERED)(read)
"""`read` for requests of up to SHORT bytes."""


def _session(header: etree._Element | None, space: str) -> SessionHeader:
    found = SessionHeader()
    for item in () if header is None else header:
        name = _local(item)
        if name == "BeginSession":
            found = SessionHeader("begin")
        elif name in {"Session", "EndSession"}:
            found = SessionHeader("in" if name == "Session" else "end", item.get("SessionId", ""))
        elif item.get(f"{{{space}}}mustUnderstand") in {"1", "true"} and name not in {
            "Version",
            "ProtocolCapabilities",
        }:
            raise UsageError(f"The header {name[:60]} is not understood.")
    return found


def _discover(call: etree._Element) -> Discover:
    kind = _child(call, "RequestType")
    if kind is None:
        raise UsageError("Discover without RequestType.")
    listed = _child(_child(call, "Restrictions"), "RestrictionList")
    restrictions: dict[str, tuple[str, ...]] = {}
    for item in () if listed is None else listed:
        values = tuple(_text(v) for v in item) if len(item) else (_text(item),)
        name = _local(item)
        restrictions[name] = (*restrictions.get(name, ()), *values)
    return Discover(_text(kind).strip(), restrictions, _properties(call))


def _execute(call: etree._Element) -> Execute | Cancel:
    command = _child(call, "Command")
    properties = _properties(call)
    if command is None or len(command) == 0:
        raise UsageError("Execute without a Command.")
    inner = command[0]
    name = _local(inner)
    if name == "Statement" and len(inner) == 0:
        return Execute(_text(inner), properties, _parameters(_child(call, "Parameters")))
    if name == "Cancel" and _space(inner) in {ENGINE, XMLA}:
        # a session is a connection of its own, with the same number
        spid = _text(_child(inner, "SPID")).strip() or _text(_child(inner, "ConnectionID")).strip()
        return Cancel(properties, _text(_child(inner, "SessionID")).strip(), int(spid) if spid.isdecimal() else 0)
    raise UsageError(f"The command {name[:60]} is not offered.", hint="Statement and Cancel are.")


def _properties(call: etree._Element) -> dict[str, str]:
    listed = _child(_child(call, "Properties"), "PropertyList")
    return {} if listed is None else {_local(p): _text(p).strip() for p in listed}


def _parameters(listed: etree._Element | None) -> dict[str, Parameter]:
    if listed is None:
        return {}
    if len(listed) > MAX_PARAMETERS:
        raise UsageError(f"More than {MAX_PARAMETERS} parameters.")
    return {_text(_child(p, "Name")).strip().removeprefix("@"): _value(_child(p, "Value")) for p in listed}


def _value(element: etree._Element | None) -> Parameter:
    if element is None or element.get(f"{{{XSI}}}nil") in {"1", "true"}:
        return None
    text = _text(element)
    kind = element.get(f"{{{XSI}}}type", "string").rpartition(":")[2]
    try:
        if kind == "boolean":
            return TRUTH[text.strip().lower()]
        if kind in WHOLE:
            return int(text)
        if kind in REAL:
            return float(Decimal(text.strip()))
        if kind in MOMENT:
            return _moment(text.strip())
    except (ValueError, KeyError, OverflowError, InvalidOperation):
        raise UsageError(f"A parameter's value is no {kind[:20]}.") from None
    return text


def _moment(text: str) -> datetime:
    """A date and time without its zone, in UTC where it names one."""
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _child(element: etree._Element | None, name: str) -> etree._Element | None:
    if element is not None:
        for child in element:
            if _local(child) == name:
                return child
    return None


def _local(element: etree._Element) -> str:
    """An element's name without its namespace."""
    tag = str(element.tag)
    return tag[tag.rfind("}") + 1 :]


def _space(element: etree._Element) -> str:
    return str(element.tag)[1:].rpartition("}")[0]


def _text(element: etree._Element | None) -> str:
    if element is None:
        return ""
    return (element.text or "") if len(element) == 0 else "".join(str(t) for t in element.itertext())
