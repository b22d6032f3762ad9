"""The Ukraine report and its downloads: the one part of the site that knows the area's groups, tables and words."""

__all__: list[str] = []
