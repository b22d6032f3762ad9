"""Who: principals, grants and decisions; the only place where a `Scope` is made.

Owns the local store of principals (argon2id), tokens, the memory of verified credentials and the back-off.
Must never decide by what a request claims about itself (EffectiveUserName, Roles, forwarded headers).
"""

from flis.access.authentication import Authenticator
from flis.access.model import Grant, Principal, Scope
from flis.access.principals import Principals
from flis.access.scopes import open_scope, operator_scope, scope

__all__ = [
    "Authenticator",
    "Grant",
    "Principal",
    "Principals",
    "Scope",
    "open_scope",
    "operator_scope",
    "scope",
]
