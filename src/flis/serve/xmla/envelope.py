"""SOAP out: an answer's envelope around the pieces of its content."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flis.serve.xmla.escaping import attribute, chunks
from flis.serve.xmla.names import EMPTY, SOAP, XMLA

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["EMPTY_ROOT", "answer"]

BEGIN = f'<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="{SOAP}">'
EMPTY_ROOT = f'<root xmlns="{EMPTY}"/>'


def answer(method: str, content: Iterable[str], session: str = "") -> Iterator[bytes]:
    """The envelope of an answer to `Discover` or `Execute`, in pieces; `return` stands in the default namespace."""
    return chunks(_parts(method, content, session))


def _parts(method: str, content: Iterable[str], session: str) -> Iterator[str]:
    said = f'<Session xmlns="{XMLA}" SessionId="{attribute(session)}"/>' if session else ""
    header = f"<soap:Header>{said}</soap:Header>" if said else ""
    yield f'{BEGIN}{header}<soap:Body><{method}Response xmlns="{XMLA}"><return>'
    yield from content
    yield f"</return></{method}Response></soap:Body></soap:Envelope>"
