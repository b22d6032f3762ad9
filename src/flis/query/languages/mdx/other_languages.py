"""What writers of other languages write in MDX, with what does the same here."""

from __future__ import annotations

__all__ = ["BEHIND", "CONDITIONS", "ON_AXES", "SETS", "SIGNS"]

SIGNS = {
    "!=": "Write <> for not equal.",
    "==": "Write = for equal.",
    "&&": "Write AND between conditions.",
    "!": "Write NOT before a condition.",
    **dict.fromkeys("\u2018\u2019\u201a\u201c\u201d\u201e", "Write straight quotes."),
}
"""Signs that are none of the language."""

CONDITIONS = {
    "LIKE": "InStr(text, part) > 0 asks whether a part is in a text.",
    "IN": "Write member IS other for each, with OR between them.",
    "BETWEEN": "Write value >= a AND value <= b; a range of members is a : b.",
}
"""Words behind a value."""

SETS = {
    "TOP": "TopCount(set, n, value) takes the largest.",
    "DISTINCT": "Distinct(set) leaves out what comes twice.",
    "NONEMPTY": "Write NON EMPTY set, or NonEmpty(set, set).",
}
"""Words before a set."""

ON_AXES = "Every set stands on an axis: set ON COLUMNS, set ON ROWS."
ONE_CUBE = "One cube is asked; LookupCube gives a value of another."
BEHIND = {
    "ORDER": "Order(set, value, BDESC) puts a set in order.",
    "GROUP": "The members on an axis are the groups: [dimension].[hierarchy].[level].Members.",
    "LIMIT": "Head(set, n) takes the first of a set, TopCount(set, n, value) the largest.",
    "HAVING": "HAVING stands behind the set of an axis: set HAVING condition ON ROWS.",
    "UNION": "Union(set, set) puts sets together.",
    **dict.fromkeys((",", "JOIN", "INNER", "LEFT", "RIGHT", "FULL", "CROSS"), ONE_CUBE),
}
"""Words and signs behind the cube."""
