"""The reader and writer of CPR change extracts (U12170-P)."""

from flis.delivery.readers.cpr.defects import Defect, DefectKind
from flis.delivery.readers.cpr.form import PhysicalForm, Shape
from flis.delivery.readers.cpr.reading import Reading, Summary, read, schema
from flis.delivery.readers.cpr.structure import StartRecord

__all__ = ["Defect", "DefectKind", "PhysicalForm", "Reading", "Shape", "StartRecord", "Summary", "read", "schema"]
