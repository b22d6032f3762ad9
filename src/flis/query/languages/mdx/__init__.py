"""MDX: text to syntax tree, and back."""
