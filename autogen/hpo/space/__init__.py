"""Search spaces: conditional trees of parameters, in TOML."""

from autogen.hpo.space.parameters import Choice, Constant, Parameter
from autogen.hpo.space.ranges import Float, Int
from autogen.hpo.space.search_space import SearchSpace
from autogen.hpo.space.shipped import space_names, space_path
from autogen.hpo.space.toml import constant_toml

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
