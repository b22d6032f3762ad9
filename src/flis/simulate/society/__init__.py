"""People and their lives: a register that begins with Denmark's population and changes from day to day."""

__all__: list[str] = []
