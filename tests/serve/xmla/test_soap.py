"""Reading requests: what clients send, and what is refused before it is parsed."""

from __future__ import annotations

import random
import resource
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flis.errors import FlisError, UsageError
from flis.serve.xmla.document import MAX_BYTES, parse
from flis.serve.xmla.faults import CODES, fault
from flis.serve.xmla.soap import Cancel, Discover, Execute, read
from flis.serve.xmla.values import element_name
from tests.serve.xmla.asking import discover, envelope, execute
from tests.shared import shared

SEED = 20220224


@pytest.mark.parametrize("client", ["adomd", "devextreme", "excel", "syncfusion", "tom"])
def test_every_captured_request_is_read(client: str) -> None:
    files = sorted(shared(f"xmla/captures/{client}").glob("*.xml"))
    assert files
    for file in files:
        request = read(file.read_bytes())
        kind = file.stem.partition("-")[2]
        if kind.endswith("session"):
            assert request.session.kind == kind.removesuffix("session")
        elif kind == "statement":
            assert isinstance(request.method, Execute)
            assert "select" in request.method.statement.casefold()
        else:
            assert isinstance(request.method, Discover)
            assert request.method.rowset == kind.upper()


def test_byte_order_mark_and_utf_16() -> None:
    plain = discover("DISCOVER_KEYWORDS").decode()
    for body in (
        plain.encode("utf-8-sig"),
        plain.encode("utf-16"),
        plain.encode("utf-16-be"),
        f'<?xml version="1.0" encoding="UTF-16"?>{plain}'.encode("utf-16"),
        f'<?xml version="1.0" encoding="utf-8"?>\n{plain}'.encode(),
        f"<?xml version='1.0' encoding='ASCII'?>\n{plain}".encode(),
    ):
        method = read(body).method
        assert isinstance(method, Discover)
        assert method.rowset == "DISCOVER_KEYWORDS"


def test_several_values_of_a_restriction() -> None:
    method = read(discover("DISCOVER_PROPERTIES", {"PropertyName": ["Catalog", "Timeout"]})).method
    assert isinstance(method, Discover)
    assert method.restrictions == {"PropertyName": ("Catalog", "Timeout")}


def test_parameters_keep_their_types() -> None:
    listed = "".join(
        f'<Parameter><Name>{n}</Name><Value xsi:type="xsd:{t}">{v}</Value></Parameter>'
        for n, t, v in (
            ("a", "int", "5"),
            ("b", "double", "2.5"),
            ("c", "boolean", "true"),
            ("d", "string", " x "),
            ("@e", "unsignedByte", "7"),
            ("f", "nonNegativeInteger", "8"),
            ("g", "date", "2024-02-29"),
            ("h", "dateTime", "2024-02-29T10:20:30.1234567"),
            ("i", "dateTime", "2024-02-29T10:20:30+02:00"),
        )
    )
    extra = f'<Parameters xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{listed}</Parameters>'
    method = read(execute("SELECT FROM [x]", extra=extra)).method
    assert isinstance(method, Execute)
    assert method.parameters == {
        "a": 5,
        "b": 2.5,
        "c": True,
        "d": " x ",
        "e": 7,
        "f": 8,
        "g": datetime(2024, 2, 29),  # noqa: DTZ001 - moments have no zone
        "h": datetime(2024, 2, 29, 10, 20, 30, 123456),  # noqa: DTZ001
        "i": datetime(2024, 2, 29, 8, 20, 30),  # noqa: DTZ001
    }


@pytest.mark.parametrize("kind", ["boolean", "int", "unsignedByte", "double", "date", "dateTime"])
def test_parameters_that_are_not_of_their_type_are_told(kind: str) -> None:
    value = f'<Parameter><Name>a</Name><Value xsi:type="xsd:{kind}">maybe</Value></Parameter>'
    extra = f'<Parameters xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{value}</Parameters>'
    with pytest.raises(UsageError, match=f"is no {kind}"):
        read(execute("SELECT FROM [x]", extra=extra))


def test_cancel_is_read() -> None:
    engine = "http://schemas.microsoft.com/analysisservices/2003/engine"
    call = (
        f'<Execute xmlns="urn:schemas-microsoft-com:xml-analysis"><Command><Cancel xmlns="{engine}"><SPID>7</SPID>'
        "</Cancel></Command><Properties/></Execute>"
    )
    method = read(envelope(call)).method
    assert isinstance(method, Cancel)
    assert method.spid == 7


REFUSED = {
    "doctype": b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>',
    "entity in utf-16": '<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>'.encode("utf-16"),
    "parameter entity": b"<?xml version='1.0'?><!doctype x><x/>",
    "latin-1": '<?xml version="1.0" encoding="iso-8859-1"?><x>æ</x>'.encode("iso-8859-1"),
    "not in ascii": '<?xml version="1.0" encoding="us-ascii"?><x>\u00e6</x>'.encode(),
    "utf-16 declared as ascii": '<?xml version="1.0" encoding="us-ascii"?><x/>'.encode("utf-16"),
    "declared otherwise": b'<?xml version="1.0" encoding="utf-7"?><x/>',
    "not utf-8": b"<x>\xff\xfe\xfa</x>",
    "cut off": b"<a><b>",
    "nothing": b"",
    "no xml": b"SELECT FROM x",
    "nul": b"<a>\0</a>",
    "too deep": b"<a>" * 100 + b"</a>" * 100,
    "too deep for the parser": b"<a>" * 100_000,
    "too large": b"<a>" + b" " * MAX_BYTES + b"</a>",
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED.keys())
def test_refused_before_or_while_parsing(body: bytes) -> None:
    with pytest.raises(UsageError):
        parse(body)


NOT_REQUESTS = {
    "other root": b"<a/>",
    "no body": envelope("").replace(b"<e:Body></e:Body>", b""),
    "empty body": envelope(""),
    "two calls": envelope("<Discover/><Discover/>"),
    "other call": envelope("<Alter/>"),
    "no command": envelope("<Execute/>"),
    "other command": envelope("<Execute><Command><Process/></Command></Execute>"),
    "no request type": envelope("<Discover/>"),
    "header to be understood": envelope("<Discover/>", '<Transaction e:mustUnderstand="1"/>'),
    "a parameter that is no number": execute(
        "SELECT",
        extra='<Parameters><Parameter><Name>a</Name><Value xmlns:i="http://www.w3.org/2001/XMLSchema-instance" '
        'i:type="int">x</Value></Parameter></Parameters>',
    ),
}


@pytest.mark.parametrize("body", NOT_REQUESTS.values(), ids=NOT_REQUESTS.keys())
def test_what_is_no_request(body: bytes) -> None:
    with pytest.raises(UsageError):
        read(body)


def test_mutated_requests_are_read_or_refused() -> None:
    chance = random.Random(SEED)
    seeds = [discover("MDSCHEMA_CUBES", {"CUBE_NAME": "Sales"}), execute("SELECT FROM [Sales]", Catalog="X")]
    pieces = [
        b"<",
        b">",
        b"&",
        b"]]>",
        b"<!DOCTYPE a>",
        b"\0",
        b"\xff",
        b"<a>" * 70,
        b'"',
        b"xmlns=",
        b"&#0;",
        b"<?x?>",
    ]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(3000):
        body = bytearray(chance.choice(seeds))
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(body) + 1)
            body[at : at + chance.randrange(6)] = chance.choice([*pieces, bytes([chance.randrange(256)])])
        try:
            read(bytes(body))
        except FlisError as error:
            parse(fault(error))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000


@given(st.text())
def test_a_fault_is_xml_whatever_it_says(text: str) -> None:
    root = parse(fault(UsageError(text)))
    assert root.find(".//Error") is not None


def test_every_error_has_a_code_of_its_own_kind() -> None:
    assert len({c.number for c in CODES.values()}) == len(CODES)
    assert b"XMLAnalysisError.0xc1000001" in fault(ValueError("a secret"))
    assert b"secret" not in fault(ValueError("a secret"))


@given(st.text(min_size=1))
def test_element_names_are_names(text: str) -> None:
    parse(f"<{element_name(text)}/>".encode())
