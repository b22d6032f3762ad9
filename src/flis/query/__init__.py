"""Ask: statements over cubes, answered for a Scope at a release.

`flis.query.database.execute` is the way in; `flis.query.result` is what comes out.
"""

__all__: list[str] = []
