"""Publish: plan, explain, apply; immutable numbered releases of cube stores, read by query and web."""

from typing import TYPE_CHECKING

from flis.lazy import on_demand
from flis.release.reader import (
    NATIONAL,
    PUBLIC,
    SHARED,
    Hold,
    Release,
    Released,
    Store,
    current,
    damaged,
    municipal,
    pointer,
    release,
    releases,
    unreadable,
)
from flis.release.setbacks import held, setback
from flis.release.tree import Entry, Root, Tree, Uncovered, folder_of

if TYPE_CHECKING:
    from flis.release.applying import Attempt, apply, attempt
    from flis.release.planning import AreaPlan, Reason, chosen, plan
    from flis.release.policies import Policy, policy
    from flis.release.protecting import noted
    from flis.release.publishing import carry_over
    from flis.release.serving import resume, rollback, upgraded
    from flis.release.shapes import has_facts, releasable
    from flis.release.verifying import Verified, verify
else:
    __getattr__ = on_demand(
        __name__,
        applying=("Attempt", "apply", "attempt"),
        planning=("AreaPlan", "Reason", "chosen", "plan"),
        policies=("Policy", "policy"),
        protecting=("noted",),
        publishing=("carry_over",),
        serving=("resume", "rollback", "upgraded"),
        shapes=("has_facts", "releasable"),
        verifying=("Verified", "verify"),
    )

__all__ = [
    "NATIONAL",
    "PUBLIC",
    "SHARED",
    "AreaPlan",
    "Attempt",
    "Entry",
    "Hold",
    "Policy",
    "Reason",
    "Release",
    "Released",
    "Root",
    "Store",
    "Tree",
    "Uncovered",
    "Verified",
    "apply",
    "attempt",
    "carry_over",
    "chosen",
    "current",
    "damaged",
    "folder_of",
    "has_facts",
    "held",
    "municipal",
    "noted",
    "plan",
    "pointer",
    "policy",
    "releasable",
    "release",
    "releases",
    "resume",
    "rollback",
    "setback",
    "unreadable",
    "upgraded",
    "verify",
]
