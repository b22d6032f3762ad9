"""Protect: which figures of a table may be shown, in which form, and a register of all that ever were."""

from flis.disclosure.auditor import BrokenRule, audit
from flis.disclosure.model import Division, FigureTable, Moment, Shown, Truth, truth_of
from flis.disclosure.policy import Policy, read_policy
from flis.disclosure.protector import protect
from flis.disclosure.shown_register import Register, disclosure_key, register

__all__ = [
    "BrokenRule",
    "Division",
    "FigureTable",
    "Moment",
    "Policy",
    "Register",
    "Shown",
    "Truth",
    "audit",
    "disclosure_key",
    "protect",
    "read_policy",
    "register",
    "truth_of",
]
