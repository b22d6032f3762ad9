"""Publish: plan, explain, apply; immutable numbered releases of cube stores, read by query and web."""

from flis.release.applying import apply
from flis.release.manifest import Delivered, Entry, Manifest
from flis.release.planning import Plan, plan
from flis.release.policy import Policy, policy
from flis.release.protecting import noted
from flis.release.publishing import add_checksums
from flis.release.reader import (
    NATIONAL,
    PUBLIC,
    Hold,
    Release,
    Store,
    current,
    damaged,
    municipal,
    pointer,
    release,
    releases,
    unreadable,
)
from flis.release.serving import resume, rollback
from flis.release.setback import held, setback
from flis.release.verifying import Verified, verify

__all__ = [
    "NATIONAL",
    "PUBLIC",
    "Delivered",
    "Entry",
    "Hold",
    "Manifest",
    "Plan",
    "Policy",
    "Release",
    "Store",
    "Verified",
    "add_checksums",
    "apply",
    "current",
    "damaged",
    "held",
    "municipal",
    "noted",
    "plan",
    "pointer",
    "policy",
    "release",
    "releases",
    "resume",
    "rollback",
    "setback",
    "unreadable",
    "verify",
]
