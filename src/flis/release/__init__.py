"""Publish: plan, explain, apply; immutable numbered releases of cube stores, read by query and web."""

from flis.release.applying import Attempt, apply, attempt
from flis.release.planning import AreaPlan, Reason, chosen, plan
from flis.release.policies import Policy, policy
from flis.release.protecting import noted
from flis.release.publishing import carry_over
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
from flis.release.serving import resume, rollback, upgraded
from flis.release.setbacks import held, setback
from flis.release.shapes import has_facts, releasable
from flis.release.tree import Entry, Root, Tree, Uncovered, folder_of
from flis.release.verifying import Verified, verify

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
