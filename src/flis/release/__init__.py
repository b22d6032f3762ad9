"""Publish: plan, explain, apply; immutable numbered releases of cube stores, read by query and web."""

from flis.release.applying import apply, resume, rollback
from flis.release.manifest import Delivered, Entry, Manifest
from flis.release.planning import Plan, plan
from flis.release.policy import Policy, policy
from flis.release.protecting import noted
from flis.release.reader import NATIONAL, PUBLIC, Hold, Release, Store, current, municipal, release, releases
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
    "apply",
    "current",
    "held",
    "municipal",
    "noted",
    "plan",
    "policy",
    "release",
    "releases",
    "resume",
    "rollback",
    "setback",
    "verify",
]
