"""The reference shelf of the documentation: `make docs` writes it from the code, `make docs-check` compares."""
