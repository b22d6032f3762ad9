"""The room of all pages: answers, texts, errors, drawings, and the frame of every page."""

__all__: list[str] = []
