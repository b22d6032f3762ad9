"""Publish: plan, explain, apply; immutable numbered releases of cube stores, read by query and web."""

from flis.release.applying import apply, rollback
from flis.release.manifest import Delivered, Entry, Manifest
from flis.release.planning import Plan, plan
from flis.release.policy import Policy, policy
from flis.release.reader import NATIONAL, PUBLIC, Release, Store, current, municipal, release, releases
from flis.release.verifying import Verified, verify

__all__ = [
    "NATIONAL",
    "PUBLIC",
    "Delivered",
    "Entry",
    "Manifest",
    "Plan",
    "Policy",
    "Release",
    "Store",
    "Verified",
    "apply",
    "current",
    "municipal",
    "plan",
    "policy",
    "release",
    "releases",
    "rollback",
    "verify",
]
