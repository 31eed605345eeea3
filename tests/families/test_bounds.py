"""No value of a setting that is accepted makes sampling hang, fail or leave the data's codes."""

import os
import random
import signal
from dataclasses import fields
from pathlib import Path
from typing import get_type_hints

import numpy as np
import pytest
import torch

from autogen import registry
from autogen.errors import SpaceError
from autogen.families.base import parse_config
from autogen.generator.checks import check_settings, limited
from autogen.testing.families import SPECS
from autogen.training.drawing import draw
from autogen.training.solo import build_model
from tests.contracts.test_families import SMALL, WITHOUT_BASE

pytestmark = pytest.mark.slow

#: Processor time, since a busy machine may give a test little of it.
SECONDS = 20
#: Values beyond and at the bounds of each type; those that a field declares come with them.
VALUES = {int: (0, 1, 1_000_000), float: (0.0, -1.0, 1e-300, 1e300, float("nan")), str: ("a",), bool: ()}
#: One in how many of them is tried; all with AUTOGEN_TEST_VARIANTS=1.
STRIDE = int(os.environ.get("AUTOGEN_TEST_VARIANTS", "11"))


class Late(BaseException):
    """Sampling takes too long."""


def late(*_):
    raise Late


def tried(name):
    """Settings of a family with one changed, and the data that they are tried on."""
    found = []
    family = registry.get("family", name)()
    for kind, spec in SPECS.items():
        if not isinstance(spec, family.specs):
            continue
        for section in ("model", "training"):
            part = getattr(family, f"{section}_config")
            hints = get_type_hints(part)
            for one in fields(part):
                ends = map(hints[one.name], one.metadata.get("bounds", ()))
                found += [
                    (kind, spec, f"{section}.{one.name}", value)
                    for value in (*VALUES[hints[one.name]], *ends)
                ]
    return random.Random(name).sample(found, -(-len(found) // STRIDE))


def built(family, base, spec, key, value):
    """Build a model, if its settings are accepted as those of a stored one are; else ``None``."""
    try:
        settings = parse_config(family, base | {key: value})
        check_settings(settings)
        with limited(300_000, 500, Path("model.safetensors")):
            return build_model(family, settings, spec, seed=0).eval()
    except Late:
        raise
    except Exception:  # loading a model makes one line of whatever building it raises
        return None


def sound(arrays, spec):
    """Tell if encoded samples are those of a spec."""
    levels = {"frames": 2}
    if "codes" in arrays:
        levels["codes"] = np.array([column.levels for column in spec.columns])
    else:
        levels |= dict.fromkeys(("tokens", "pixels"), getattr(spec, "levels", 2))
    return all(
        np.isfinite(array).all() and (array >= 0).all() and (array < levels.get(name, np.inf)).all()
        for name, array in arrays.items()
    )


@pytest.mark.parametrize("name", WITHOUT_BASE)
def test_whatever_value_a_setting_has_ten_rows_are_drawn_or_it_is_refused(name):
    family, wrong, drawn = registry.get("family", name)(), [], 0
    base = {"family": name} | {f"model.{key}": value for key, value in SMALL[name].items()}
    before = signal.signal(signal.SIGPROF, late)
    try:
        for kind, spec, key, value in tried(name):
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            try:
                model = built(family, base, spec, key, value)
                if model is not None:
                    with torch.no_grad():
                        (arrays,) = draw(family, model, spec, 10, 0)
                    drawn += 1
                    wrong += [(kind, key, value, "is not of the data")] * (not sound(arrays, spec))
            except BaseException as error:
                wrong.append((kind, key, value, repr(error)))
            finally:
                signal.setitimer(signal.ITIMER_PROF, 0)
    finally:
        signal.signal(signal.SIGPROF, before)
    assert wrong == []
    assert drawn > 0


@pytest.mark.parametrize(
    ("family", "key", "value"),
    [
        ("flow", "model.sampling_steps", 1_000_000),
        ("flow", "model.top_p", 0.0),
        ("flow", "training.distill", 1.5),
        ("gan", "model.softness", 0.0),
        ("gan", "model.softness", float("nan")),
        ("vae", "model.mixtures", 0),
        ("autoregressive", "model.heads", 0),
    ],
)
def test_a_value_out_of_bounds_is_named(family, key, value):
    with pytest.raises(SpaceError, match=rf"{family}.{key} is from \S+ to \S+; got "):
        parse_config(registry.get("family", family)(), {"family": family, key: value})
