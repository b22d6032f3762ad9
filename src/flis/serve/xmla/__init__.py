"""XML for Analysis over HTTP: the protocol that Excel, Power BI and other clients of Analysis Services speak."""

from flis.serve.xmla.folder import FolderBackend
from flis.serve.xmla.http import Endpoint
from flis.serve.xmla.release import ReleaseBackend
from flis.serve.xmla.service import Call, Service
from flis.serve.xmla.sessions import Sessions

__all__ = ["Call", "Endpoint", "FolderBackend", "ReleaseBackend", "Service", "Sessions"]
