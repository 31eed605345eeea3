"""Search spaces: conditional trees of parameters, in TOML."""
