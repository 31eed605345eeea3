"""Binding rules of a data set in a plan of a benchmark."""

import pandas as pd

from autogen.benchmarking.plan import read_plan
from autogen.data.open import open_data


def test_a_plan_may_give_binding_rules_as_options_of_its_data(tmp_path):
    places = [number % 5 for number in range(300)]
    frame = pd.DataFrame({"zip": [f"0{one}00" for one in places], "city": [f"c{one}" for one in places]})
    frame.assign(size=range(300)).to_csv(tmp_path / "people.csv", index=False)
    plan = tmp_path / "plan.toml"
    plan.write_text(
        'seeds = 1\n[spaces]\ntabular = "tabular_tiny"\n[sets.people]\n'
        f'source = "{tmp_path}/people.csv"\noptions = {{ rules = ["zip -> city"] }}\n'
    )
    (entry,) = read_plan(plan).sets
    data = open_data(entry.source, options=entry.options)
    assert [rule.text for rule in data.codec.derivation.rules] == ["zip -> city"]
