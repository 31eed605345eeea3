"""The command line."""

import sys

import autogen

if not hasattr(autogen, "_PUBLIC"):  # then the command is all that is left of this package
    sys.exit(
        "error: another project of the same import name (the distribution autogen or ag2) was installed over "
        "this one; make a new environment and install only autogen-search"
    )
