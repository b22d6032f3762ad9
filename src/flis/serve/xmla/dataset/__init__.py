"""A cell set as MDDataSet: header, axes, cells, written from arrays in pieces."""

from flis.serve.xmla.dataset.writer import Layout, dataset

__all__ = ["Layout", "dataset"]
