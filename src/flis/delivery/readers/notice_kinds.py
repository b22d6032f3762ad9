"""The kinds of faults that readers notice in a file."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["LISTED", "NoticeKind"]

LISTED = 20
"""So many faults of each kind are listed; all are counted."""


class NoticeKind(StrEnum):
    """Kinds of faults of a file or of its rows. The rules about them are those of `flis.validation.general`."""

    ENCODING = "encoding"  # bytes that the declared encoding does not have, or a byte order mark too few or too many
    COLUMN_MISSING = "column-missing"
    COLUMN_ADDED = "column-added"
    START_MISSING = "start-missing"
    END_MISSING = "end-missing"
    WRONG_COUNT = "wrong-count"
    WRONG_SUM = "wrong-sum"
    DISAGREE = "disagree"  # the file's name, header and rows tell different senders or periods
    NO_SUCH_DAY = "no-such-day"  # a day or month in the file's name that no calendar has
    SYNTAX = "syntax"  # what no reader of the format can read
    LIMIT = "limit"  # deeper or larger than the contract allows
    OTHER_VERSION = "other-version"  # a root, namespace or version that is not the contract's
    RECORD_TYPE = "record-type"  # a record of a type that the contract does not keep
    STRUCTURE = "structure"  # a row in which values lie where the contract has rows, or the other way round
    ORPHAN = "orphan"  # a record without the one that it belongs to
    ROW_LENGTH = "row-length"  # a row of more or fewer values than there are columns
    REQUIRED = "required"
    TYPE = "type"
    PERSON_NUMBER = "person-number"
    PERSON_IN_TEXT = "person-in-text"  # ten digits that pass for a person number, in a field for something else
    CHECK_DIGIT = "check-digit"
