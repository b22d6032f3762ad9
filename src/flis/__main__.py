"""`python -m flis` is the command line."""

from flis.cli import main

if __name__ == "__main__":
    main()
