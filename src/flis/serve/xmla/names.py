"""The XML namespaces of SOAP and XML for Analysis."""

from __future__ import annotations

__all__ = ["DATASET", "EMPTY", "ENGINE", "EXCEPTION", "ROWSET", "SOAP", "SQL", "XMLA", "XSD", "XSI"]

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
XMLA = "urn:schemas-microsoft-com:xml-analysis"
ROWSET = f"{XMLA}:rowset"
DATASET = f"{XMLA}:mddataset"
EMPTY = f"{XMLA}:empty"
EXCEPTION = f"{XMLA}:exception"
ENGINE = "http://schemas.microsoft.com/analysisservices/2003/engine"
SQL = "urn:schemas-microsoft-com:xml-sql"
XSD = "http://www.w3.org/2001/XMLSchema"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
