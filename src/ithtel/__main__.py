"""`python -m ithtel` is `ithtel`."""

from ithtel.cli import main

if __name__ == "__main__":
    main()
