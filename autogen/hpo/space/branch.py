"""Branch of one family in a search space: its parameters, some of which are active only conditionally."""

import bisect
import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from autogen.errors import SpaceError
from autogen.hpo.space.names import nearest
from autogen.hpo.space.parameters import Choice, Constant, Parameter, same
from autogen.hpo.trial import Config, Value

_MOST_VALUES = 1000  # maximum number of values of a parent parameter, whose values are enumerated


@dataclass(frozen=True)
class Condition:
    """Condition under which a parameter is active.

    Attributes:
        key: key of the parent parameter.
        values: values of the parent that make the other parameter active.
    """

    key: str
    values: tuple[Value, ...]

    @cached_property
    def _known(self) -> frozenset[tuple[bool, Value]]:
        return frozenset((isinstance(value, bool), value) for value in self.values)

    def holds(self, value: Value) -> bool:
        """Tell if this value of the parent makes the other parameter active."""
        return (isinstance(value, bool), value) in self._known

    def __str__(self) -> str:
        return f"{self.key} is {' or '.join(map(repr, self.values))}"


@dataclass(frozen=True)
class Shape:
    """Set of parameters that depend on each other and can be active together.

    Attributes:
        values: active parameters, each restricted to its values that belong to this shape.
        size: number of configs of this shape; ``math.inf`` if a parameter is continuous.
    """

    values: Mapping[str, Parameter]
    size: int | float


class Branch(Mapping[str, Parameter]):
    """Parameters of one family by key, parents before their children.

    Args:
        family: name of the family.
        parameters: key to parameter; a key is ``name`` or ``section.name``.
        check: True to refuse conditions that can never hold; False for narrowed branches.

    Raises:
        SpaceError: a condition is wrong.
    """

    def __init__(self, family: str, parameters: Mapping[str, Parameter], *, check: bool = True) -> None:
        self.family = family
        self._position = {key: place for place, key in enumerate(parameters)}
        conditions = {key: _conditions(key, parameters) for key in parameters}
        order = _parents_first(conditions)
        self.parameters: dict[str, Parameter] = {key: parameters[key] for key in order}
        self.conditions: dict[str, tuple[Condition, ...]] = {key: conditions[key] for key in order}
        if check:
            self._check_conditions()
        self._plan = [(key, self.parameters[key], self.conditions[key]) for key in order]

    def __getitem__(self, key: str) -> Parameter:
        return self.parameters[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.parameters)

    def __len__(self) -> int:
        return len(self.parameters)

    def declared(self) -> list[tuple[str, Parameter]]:
        """List keys and parameters in the order of their declaration."""
        return sorted(self.parameters.items(), key=lambda item: self._position[item[0]])

    def active(self, config: Config) -> tuple[str, ...]:
        """List the keys of the parameters that are active, given the values of a config."""
        return tuple(self.fill(lambda key, parameter: config.get(key, parameter.initial)))[1:]

    def default(self) -> dict[str, Value]:
        """Make the config of the defaults."""
        return self.fill(lambda _, parameter: parameter.initial)

    def from_units(self, units: Sequence[float]) -> dict[str, Value]:
        """Map numbers in [0, 1), one per parameter in the order of declaration, (D,), to a config."""
        return self.fill(lambda key, parameter: parameter.from_unit(units[self._position[key]]))

    def fill(self, pick: Callable[[str, Parameter], Value]) -> dict[str, Value]:
        """Make a config, with a callback that picks the value of each active parameter."""
        config: dict[str, Value] = {"family": self.family}
        for key, parameter, conditions in self._plan:
            if not conditions or _hold(conditions, config):
                config[key] = pick(key, parameter)
        return config

    def complaint(self, config: Config) -> str | None:
        """Describe the first fault of a config; ``None`` for a valid one."""
        for key in config:
            if key != "family" and key not in self.parameters:
                return f"{key} is no parameter of {self.family}; {nearest(key, self.parameters)}"
        active = set(self.active(config))
        for key, parameter in self.parameters.items():
            if key not in active and key in config:
                wanted = " and ".join(map(str, self.conditions[key]))
                return f"{key} is active only if {wanted}, but the config has it without that"
            if key in active and key not in config:
                return f"{key} must {parameter}, but the config lacks it"
            if key in active and not parameter.contains(config[key]):
                return f"{key} must {parameter}, but the config has {config[key]!r}"
        return None

    def given(self, fixed: Config) -> "Branch":
        """Narrow the branch to the configs with these values.

        Raises:
            SpaceError: no config of the branch has them.
        """
        narrowed = dict(self.declared())
        for key, value in fixed.items():
            if key == "family":
                continue
            if key not in narrowed:
                raise SpaceError(f"{key} is no parameter of {self.family}; {nearest(key, self.parameters)}")
            self._demand(narrowed, key, (value,))
        return Branch(self.family, narrowed, check=False)

    def continuous(self) -> tuple[str, ...]:
        """List the keys of the parameters with infinitely many values."""
        return tuple(key for key, parameter in self.parameters.items() if parameter.count == math.inf)

    @cached_property
    def size(self) -> int | float:
        """Number of configs; ``math.inf`` if a parameter is continuous."""
        return product(self._sizes)

    def grid_at(self, index: int) -> dict[str, Value]:
        """Compute the config with this index, 0 to ``size - 1``, in a fixed order; finite branches only."""
        # Mixed radix: components are digits of the index; inside of a component, shapes are consecutive
        # ranges, and the parameters of a shape are digits again.
        config: dict[str, Value] = {}
        for shapes, size, ends in zip(self._shapes, self._sizes, self._ends, strict=True):
            index, rest = divmod(index, int(size))
            place = bisect.bisect_right(ends, rest)
            rest -= ends[place - 1] if place else 0
            for key, parameter in shapes[place].values.items():
                rest, digit = divmod(rest, int(parameter.count))
                config[key] = parameter.value_at(digit)
        return {"family": self.family} | {key: config[key] for key in self.parameters if key in config}

    @cached_property
    def _sizes(self) -> list[int | float]:
        """Number of configs of each component of the branch."""
        return [total(shape.size for shape in shapes) for shapes in self._shapes]

    @cached_property
    def _ends(self) -> list[list[int]]:
        """Ends of the index ranges of each shape of each component; finite branches only."""
        return [list(itertools.accumulate(int(shape.size) for shape in shapes)) for shapes in self._shapes]

    @cached_property
    def _shapes(self) -> list[list[Shape]]:
        """Shapes of each component, a set of parameters that depend on no parameter outside of it."""
        return [list(self._component_shapes(keys)) for keys in self._components()]

    def _components(self) -> list[list[str]]:
        """Group keys so that no condition crosses groups, parents first in each."""
        group = {key: [key] for key in self.parameters}
        for key, conditions in self.conditions.items():
            for one in conditions:
                if group[key] is not group[one.key]:
                    joined = group[one.key] + group[key]
                    group.update(dict.fromkeys(joined, joined))
        distinct = {id(keys): keys for keys in group.values()}.values()
        return [[key for key in self.parameters if key in set(keys)] for keys in distinct]

    def _component_shapes(self, keys: Sequence[str]) -> Iterator[Shape]:
        """Enumerate the shapes of the parameters of one component."""
        partial: list[dict[str, Parameter]] = [{}]
        for key in keys:
            groups = self._groups(key)
            partial = [
                one | {key: group} if self._holds(key, one) else one
                for one in partial
                for group in (groups if self._holds(key, one) else groups[:1])
            ]
        for one in partial:
            yield Shape(one, product(parameter.count for parameter in one.values()))

    def _holds(self, key: str, shape: Mapping[str, Parameter]) -> bool:
        """Tell if a parameter is active in a shape; all values of a parameter of a shape agree on it."""
        return all(one.key in shape and one.holds(shape[one.key].value_at(0)) for one in self.conditions[key])

    def _groups(self, key: str) -> list[Parameter]:
        """Group the values of a parameter by the conditions of others that they fulfill."""
        asking = [one for conditions in self.conditions.values() for one in conditions if one.key == key]
        if not asking:
            return [self.parameters[key]]
        groups: dict[tuple[bool, ...], list[Value]] = {}
        for value in _values(self.parameters[key]):
            groups.setdefault(tuple(one.holds(value) for one in asking), []).append(value)
        return [Choice(values) for values in groups.values()]

    def _demand(self, narrowed: dict[str, Parameter], key: str, wanted: Sequence[Value]) -> None:
        """Narrow a parameter to some of its values, and its parents so that it is active."""
        before = narrowed[key]
        if len(wanted) == 1:
            values = [before.cast(wanted[0])] if before.contains(wanted[0]) else []
        else:
            values = [value for value in _values(before) if any(same(value, one) for one in wanted)]
        if not values:
            shown = " or ".join(map(repr, wanted))
            raise SpaceError(f"{key} must {before} in {self.family}, but {shown} is wanted")
        narrowed[key] = _narrow(before, values)
        for one in self.conditions[key]:
            self._demand(narrowed, one.key, one.values)

    def _check_conditions(self) -> None:
        """Refuse conditions on continuous parameters and on values outside of the parent's domain."""
        for key, conditions in self.conditions.items():
            for one in conditions:
                parent = self.parameters[one.key]
                if parent.count > _MOST_VALUES:
                    raise SpaceError(
                        f"{key}: when needs a parameter with at most {_MOST_VALUES} values, "
                        f"but {one.key} has {'infinitely many' if parent.count == math.inf else parent.count}"
                    )
                for value in one.values:
                    if not parent.contains(value):
                        raise SpaceError(f"{key}: when says {one.key} = {value!r}, but it must {parent}")


def total(sizes: Iterable[int | float]) -> int | float:
    """Add sizes, some of which may be infinite and others too large for a float."""
    known = list(sizes)
    return math.inf if math.inf in known else sum(known)


def product(sizes: Iterable[int | float]) -> int | float:
    """Multiply sizes, some of which may be infinite and others too large for a float."""
    known = list(sizes)
    return math.inf if math.inf in known else math.prod(known)


def _hold(conditions: Sequence[Condition], config: Config) -> bool:
    """Tell if all conditions hold in a partial config."""
    return all(one.key in config and one.holds(config[one.key]) for one in conditions)


def _conditions(key: str, parameters: Mapping[str, Parameter]) -> tuple[Condition, ...]:
    """List the conditions of a parameter, with full keys."""
    section = key.rpartition(".")[0]
    found = []
    for name, wanted in parameters[key].when.items():
        sibling = f"{section}.{name}" if section else name
        full = sibling if sibling in parameters else name
        if full not in parameters:
            raise SpaceError(f"{key}: when names {name}, which is no parameter; {nearest(name, parameters)}")
        values = (wanted,) if isinstance(wanted, bool | int | float | str) else tuple(wanted)
        if not values:
            raise SpaceError(f"{key}: when must list at least one value of {name}, but the list is empty")
        found.append(Condition(full, values))
    return tuple(found)


def _parents_first(conditions: Mapping[str, tuple[Condition, ...]]) -> list[str]:
    """Sort keys topologically, parents before children; otherwise in the order of declaration."""
    order: dict[str, None] = {}
    waiting: list[str] = []

    def visit(key: str) -> None:
        if key in order:
            return
        if key in waiting:
            raise SpaceError(
                f"{key}: conditions (when) must not form a cycle, but got {' -> '.join([*waiting, key])}"
            )
        waiting.append(key)
        for one in conditions[key]:
            visit(one.key)
        waiting.pop()
        order[key] = None

    for key in conditions:
        visit(key)
    return list(order)


def _values(parameter: Parameter) -> list[Value]:
    """List all values of a finite parameter."""
    return [parameter.value_at(index) for index in range(int(parameter.count))]


def _narrow(parameter: Parameter, values: Sequence[Value]) -> Parameter:
    """Restrict a parameter to some of its values."""
    if len(values) == 1:
        return Constant(values[0], when=parameter.when)
    default = parameter.initial
    keep = default if any(same(default, value) for value in values) else None
    return Choice(values, default=keep, when=parameter.when)
