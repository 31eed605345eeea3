"""Search spaces: conditional trees of parameters, in TOML."""

from autogen.space.parameters import Choice, Constant, Parameter
from autogen.space.ranges import Float, Int
from autogen.space.search_space import SearchSpace
from autogen.space.shipped import space_names, space_path
from autogen.space.toml import constant_toml

__all__ = [
    "Choice",
    "Constant",
    "Float",
    "Int",
    "Parameter",
    "SearchSpace",
    "constant_toml",
    "space_names",
    "space_path",
]
