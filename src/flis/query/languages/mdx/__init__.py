"""MDX: text to syntax tree, and back; knows no catalogue and no data."""

from flis.query.languages.mdx.parser import parse, parse_expression
from flis.query.languages.mdx.text import quoted, to_text

__all__ = ["parse", "parse_expression", "quoted", "to_text"]
