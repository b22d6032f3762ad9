"""Answer: bytes to query and back; the public pages (`web`) and XML for Analysis (`xmla`) on one port."""

__all__: list[str] = []
