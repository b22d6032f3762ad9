"""The reference shelf of the documentation, written from the code: `make docs` writes it, `make docs-check` compares."""
