"""Basic and Bearer: from a header to a principal."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from flis.errors import AccessError, AuthenticationError, BusyError, FlisError, LaterError

if TYPE_CHECKING:
    from flis.access import Authenticator, Principal

__all__ = ["HttpRefusal", "principal"]

CHALLENGE = (b"www-authenticate", b'Basic realm="FLIS", charset="UTF-8"')


class HttpRefusal(FlisError):
    """An answer that is no SOAP: status, text, headers."""

    def __init__(self, status: int, text: str, *headers: tuple[bytes, bytes]) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.headers = headers


def principal(
    users: Authenticator | None, credentials: str, address: str, *, at_once: bool = False
) -> Principal | None:
    """Who asks; None where nobody signs in.

    Raises:
        Refused: no, wrong or too many credentials; to ask without any is no failed try.
        LaterError: a password has to be verified, which takes its time, and `at_once` is true.
    """
    if users is None:
        return None
    scheme, _, text = credentials.partition(" ")
    try:
        if at_once and scheme.casefold() == "basic":
            known = users.remembered(*_pair(text))
            if known is None:
                raise LaterError("A password has to be verified.")
            return known
        if scheme.casefold() == "basic":
            return users.basic(*_pair(text), address)
        if scheme.casefold() == "bearer":
            return users.bearer(text.strip())
    except BusyError as error:
        raise HttpRefusal(429, str(error), (b"retry-after", str(error.seconds).encode())) from None
    except AccessError as error:
        raise HttpRefusal(401, str(error), CHALLENGE) from None
    raise HttpRefusal(401, "Sign in.", CHALLENGE)


def _pair(text: str) -> tuple[str, str]:
    try:
        user, colon, password = base64.b64decode(text.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        colon = ""
    if not colon:
        raise AuthenticationError("The credentials are not of the form name:password.")
    return user, password
