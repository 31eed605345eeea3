"""The contract of scikit-learn's estimators, by scikit-learn's own checks."""

import pytest
from sklearn.utils.estimator_checks import estimator_checks_generator

import autogen

FEW = "fits 10 to 30 rows, of which too few are left to hold out for tuning and testing: refused in one line"
#: Checks whose demand is not met, with the reason.
EXPECTED = dict.fromkeys(
    (
        *("check_fit_score_takes_y", "check_estimators_overwrite_params", "check_dont_overwrite_parameters"),
        *("check_estimators_fit_returns_self", "check_readonly_memmap_input", "check_estimators_dtypes"),
        *("check_n_features_in_after_fitting", "check_pipeline_consistency", "check_estimators_pickle"),
        *("check_f_contiguous_array_estimator", "check_methods_sample_order_invariance"),
        *("check_methods_subset_invariance", "check_fit2d_1feature", "check_dict_unchanged"),
        "check_fit2d_predict1d",
    ),
    FEW,
)
#: Checks that pass and take 10 seconds each: they fit more rows. check_array_api_input needs another SciPy.
LONG = (
    *("check_positive_only_tag_during_fit", "check_dtype_object", "check_fit_idempotent"),
    *("check_fit_check_is_fitted", "check_n_features_in"),
    *("check_estimator_cloneable", "check_array_api_input"),
)


def name_of(check):
    return getattr(check, "func", check).__name__


def checks():
    settings = {"families": "trees", "objective": "kd", "executor": "inprocess", "models_only": True}
    made = autogen.Generator("1trials", **settings)
    found = [check for _, check in estimator_checks_generator(made)]
    return [pytest.param(made, check, id=name_of(check)) for check in found if name_of(check) not in LONG]


@pytest.mark.slow
@pytest.mark.parametrize(("estimator", "check"), checks())
def test_the_contract_of_scikit_learn(estimator, check, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if (name := name_of(check)) not in EXPECTED:
        check(estimator)
        return
    with pytest.raises((autogen.UserError, AssertionError), match="too small|at least 20"):
        check(estimator)
    assert EXPECTED[name]
