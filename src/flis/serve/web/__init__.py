"""The public pages: the Ukraine report, the front page, the operations overview; see CONTEXT.md."""

from flis.serve.web.drawing import draw
from flis.serve.web.problems import handlers
from flis.serve.web.routes import routes

__all__ = ["draw", "handlers", "routes"]
