import numpy as np
import pytest

from autogen.errors import RunError
from autogen.verdict.contenders import Standing, with_models


def test_finalists_of_which_none_could_be_trained_again_end_the_study_in_one_line():
    failed = Standing("trial 3", "finalist", {}, excluded="its fresh trainings failed: the loss is nan")
    fine = Standing("trial 4", "finalist", {}, models=[2], select=np.array([0.5]))
    assert with_models([failed, fine]) == [fine]
    with pytest.raises(
        RunError, match=r"fresh seed and scored \(trial 3: its fresh trainings failed: the loss is nan\)"
    ):
        with_models([failed])
