"""Former names of settings: run folders, journals and search spaces that were written with them still open.

The one table of renamed settings; ``parse_config`` applies it.
"""

from collections.abc import Collection, Mapping

from autogen.errors import SpaceError
from autogen.hpo.trial import Config, Value

#: Former key of a config to today's.
KEYS: Mapping[str, str] = {
    "training.exchange": "training.rank_swap",
    "training.grain": "training.instance_noise",
    "training.jitter": "training.color_jitter",
    "training.swap": "training.swap_noise",
    "training.tempo": "training.time_stretch",
}
#: By today's key: former value to today's.
VALUES: Mapping[str, Mapping[Value, Value]] = {"model.latent": {"quantised": "quantized"}}


def with_todays_names(config: Config, known: Collection[str]) -> Config:
    """Replace former names in a config by today's.

    Args:
        config: Flat config.
        known: Keys that its family has. A key that the family has is never replaced.

    Returns:
        The config with each former key that ``known`` lacks, and each former value, replaced.

    Raises:
        SpaceError: a setting is given by both names.
    """
    renamed: dict[str, Value] = {}
    for key, value in config.items():
        today = KEYS[key] if key not in known and KEYS.get(key) in known else key
        if today in renamed or (today != key and today in config):
            former = next(old for old, new in KEYS.items() if new == today)
            raise SpaceError(f"{former} is the former name of {today}, but the config has both; keep {today}")
        renamed[today] = VALUES[today].get(value, value) if today in VALUES else value
    return renamed
