"""The municipalities as a reader chooses among them: sorted by name as Danes sort."""

from __future__ import annotations

from flis.catalog.reference import municipalities

__all__ = ["CHOICES", "danish"]


def danish(name: str) -> str:
    """A key that sorts names as Danes do: æ, ø, å last, aa as å.

    >>> sorted(["Aarhus", "Ærø", "Vejle"], key=danish)
    ['Vejle', 'Ærø', 'Aarhus']
    """
    return name.casefold().replace("aa", "å").translate(str.maketrans("æøå", "{|}"))


CHOICES = sorted(((m.name, m.code) for m in municipalities()), key=lambda choice: danish(choice[0]))
"""Name and code of each municipality."""
