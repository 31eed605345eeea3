"""``python -m autogen``: the command line."""

from autogen.cli.app import main

if __name__ == "__main__":
    main()
