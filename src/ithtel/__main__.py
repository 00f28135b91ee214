"""`python -m ithtel` runs the command line, as `ithtel` does."""

from ithtel.cli import main

if __name__ == "__main__":
    main()
