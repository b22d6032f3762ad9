"""What exists: areas, contracts, codes, reference data, cubes. Imports nothing of flis but errors."""

__all__: list[str] = []
