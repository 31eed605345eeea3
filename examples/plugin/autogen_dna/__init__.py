"""An example of a package that extends autogen by entry points; see docs/extending.md."""
