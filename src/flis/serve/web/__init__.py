"""The public pages: the site, the Ukraine report, the operations overview; see CONTEXT.md."""

from flis.serve.web.addresses import routes
from flis.serve.web.site.error_pages import handlers

__all__ = ["handlers", "routes"]
