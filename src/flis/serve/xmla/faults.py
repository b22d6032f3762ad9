"""Errors as SOAP faults in the shape of Analysis Services: a stable code, a description, a position, a hint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flis import errors
from flis.disk import refusal
from flis.serve.xmla.escaping import attribute
from flis.serve.xmla.escaping import text as escaped
from flis.serve.xmla.names import ENGINE, SOAP

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CELL_ERROR", "CODES", "FaultCode", "code_of", "fault"]

SOURCE = "FLIS XML for Analysis"
INTERNAL = "The server could not answer."
DAMAGED = "Data i udgivelsen er beskadiget og vises ikke, før de er genoprettet."


@dataclass(frozen=True, slots=True)
class FaultCode:
    """A fault's number, and what it stands for."""

    number: int
    meaning: str

    @property
    def text(self) -> str:
        """The fault code as clients show it.

        >>> Code(0xC1000007, "cancelled").text
        'XMLAnalysisError.0xc1000007'
        """
        return f"XMLAnalysisError.0x{self.number:08x}"


CELL_ERROR = FaultCode(0xC10A0081, "a cell could not be calculated")

# Searched along the class's bases, so that every error of flis has a code.
CODES: Mapping[type[Exception], FaultCode] = {
    errors.SyntaxStatementError: FaultCode(0xC10A0049, "the statement is not of the language"),
    errors.NameStatementError: FaultCode(0xC10A0006, "a name in the statement is not in the catalogue"),
    errors.UnsupportedStatementError: FaultCode(0xC10A0041, "part of the language that is not answered here"),
    errors.SessionError: FaultCode(0xC10C000A, "no such session"),
    errors.UsageError: FaultCode(0xC10F0001, "the SOAP request is wrong"),
    errors.StatementError: FaultCode(0xC10A0004, "the statement cannot be answered"),
    errors.CancelledError: FaultCode(0xC1000007, "cancelled, or out of time"),
    errors.LimitError: FaultCode(0xC1000006, "a limit was reached"),
    errors.AccessError: FaultCode(0xC1050001, "not granted"),
    errors.NotFoundError: FaultCode(0xC10D0003, "no such catalogue, cube, rowset or column"),
    errors.FlisError: FaultCode(0xC1010001, "refused"),
    Exception: FaultCode(0xC1000001, "an error in the server"),
}


def code_of(error: Exception) -> FaultCode:
    """The stable code of an error."""
    return next(CODES[kind] for kind in type(error).__mro__ if kind in CODES)


def fault(error: Exception) -> bytes:
    """A SOAP envelope with the fault; of an error that is not flis's own nothing is told."""
    if not isinstance(error, errors.FlisError):
        error = refusal(error, "the server's temporary folder") or error
    code = code_of(error)
    text, line, column = INTERNAL, 0, 0
    if isinstance(error, errors.FlisError):
        text = str(error)
    if isinstance(error, errors.CatalogError):  # which file is wrong is told to those who can mend it
        text = f"{error.complaint} {error.hint}".rstrip()
    if isinstance(error, errors.DamagedError):
        text = f"{DAMAGED} {text}"
    if isinstance(error, errors.StatementError) and error.line:
        line, column = error.line, error.column
        text = f"({line}, {column}) {text}"
    location = ""
    if line:
        point = f"<Line>{line}</Line><Column>{column}</Column>"
        location = f'<Location xmlns="{ENGINE}"><Start>{point}</Start><End>{point}</End></Location>'
    about = f'<Error ErrorCode="{code.number}" Description="{attribute(text)}" Source="{SOURCE}" HelpFile=""'
    # ADOMD.NET takes an Error with a Location, or the short form; it refuses an open and empty one
    about += f">{location}</Error>" if location else "/>"
    return (
        f'<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="{SOAP}"><soap:Body><soap:Fault>'
        f"<faultcode>{code.text}</faultcode><faultstring>{escaped(text)}</faultstring><detail>{about}</detail>"
        "</soap:Fault></soap:Body></soap:Envelope>"
    ).encode()
