"""From the bytes of a request to an XML tree: one parser, and what it refuses before it parses.

No DOCTYPE and no entity is ever read, nothing is fetched, depth and size are bounded, and only UTF-8 and UTF-16
are taken.
"""

from __future__ import annotations

import codecs
import re
import threading

from lxml import etree

from flis.errors import UsageError

__all__ = ["MAX_BYTES", "MAX_DEPTH", "parse"]

MAX_BYTES = 1 << 20
MAX_DEPTH = 64
PARSERS = threading.local()
UTF_16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be", b"<\0": "utf-16-le", b"\0<": "utf-16-be"}
ASCII = ("ascii", "us-ascii")  # which some XML libraries declare unless they are told otherwise
DECLARATION = re.compile(r"\s*<\?xml\b[^>]*?\?>")
ENCODING = re.compile(r"""encoding\s*=\s*["']([^"']*)["']""")
FORBIDDEN = re.compile(r"<!(?:DOCTYPE|ENTITY|ELEMENT|ATTLIST|NOTATION)", re.IGNORECASE)


def parse(body: bytes) -> etree._Element:
    """The root element of a request.

    Raises:
        UsageError: too large, too deep, another encoding, a DOCTYPE or entity, or not well-formed.
    """
    if len(body) > MAX_BYTES:
        raise UsageError(f"The request is larger than {MAX_BYTES} bytes.")
    text = _decode(body)
    if FORBIDDEN.search(text):
        raise UsageError("A request with a DOCTYPE or an entity is not read.")
    try:
        root = etree.fromstring(text.encode(), _parser())
    except (etree.XMLSyntaxError, ValueError) as e:
        line, column = getattr(e, "position", (0, 0))
        raise UsageError(f"The request is not well-formed XML (line {line}, column {column}).") from None
    if root is None:
        raise UsageError("The request holds no XML.")
    if text.count("<") > MAX_DEPTH:  # fewer tags cannot lie that deep
        _measure(root)
    return root


def _parser() -> etree.XMLParser:
    """The thread's own parser: making one takes longer than most requests."""
    found: etree.XMLParser | None = getattr(PARSERS, "parser", None)
    if found is None:
        found = PARSERS.parser = etree.XMLParser(
            encoding="utf-8",
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
    return found


def _decode(body: bytes) -> str:
    encoding = next((name for mark, name in UTF_16.items() if body.startswith(mark)), "utf-8")
    try:
        text = body.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError:
        raise UsageError(f"The request is not in {encoding.upper()}.", hint="UTF-8 and UTF-16 are taken.") from None
    if declared := DECLARATION.match(text):
        named = ENCODING.search(declared.group())
        if named and not _is(named.group(1).lower(), encoding, body):
            raise UsageError("The encoding that the request declares is not its own.", hint="Send UTF-8 or UTF-16.")
        text = text[declared.end() :]
    return text


def _is(name: str, encoding: str, body: bytes) -> bool:
    """Whether a declared name is that of the encoding; what is in ASCII is in UTF-8 too."""
    return encoding.startswith(name) or (name in ASCII and encoding == "utf-8" and body.isascii())


def _measure(root: etree._Element) -> None:
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH:
            raise UsageError(f"The request is nested deeper than {MAX_DEPTH} elements.")
