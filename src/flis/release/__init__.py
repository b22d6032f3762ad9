"""Publish: plan, explain, apply; immutable numbered releases of cube stores, read by query and web."""

from flis.release.manifest import Delivered, Entry, Manifest
from flis.release.reader import NATIONAL, PUBLIC, Release, Store, current, municipal, release, releases

__all__ = [
    "NATIONAL",
    "PUBLIC",
    "Delivered",
    "Entry",
    "Manifest",
    "Release",
    "Store",
    "current",
    "municipal",
    "release",
    "releases",
]
