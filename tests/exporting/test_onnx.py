"""Graphs of one-shot generators: onnxruntime returns what torch returns, for any number of samples."""

import json
import logging

import numpy as np
import pandas as pd
import pytest
import torch

from autogen.errors import SettingsError, UserError
from autogen.exporting import decoding
from autogen.exporting.one_shot import OneShotGenerator

MLP = {"model.net": "mlp", "model.width": 16}
ONE_STEP = {"family": "flow", "model.width": 16, "training.distill": 0.9, "model.few_steps": 1}
MODELS = {
    "vae of images": ("digits", {"family": "vae", **MLP, "model.latent_dim": 4, "model.prior": "gmm"}),
    "convolutions": ("digits", {"family": "gan", "model.net": "conv", "model.channels": 4}),
    "flow of one step": ("wine", ONE_STEP),
    "classes of one step": ("digits", {**ONE_STEP, "model.guidance": 1.5}),
    "gan of rows": ("wine", {"family": "gan", **MLP, "model.critic_width": 16, "model.latent_dim": 4}),
}


@pytest.mark.slow
def test_a_one_shot_generator_is_a_function_of_its_random_numbers(trained):
    model = trained(*MODELS["gan of rows"])
    generator = OneShotGenerator(model.family_object, model.module)
    draws = generator.draw(6, seed=1)
    first, second = generator(*draws), generator(*draws)
    assert [one.shape[0] for one in first] == [6] * len(generator.outputs)
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


@pytest.mark.slow
def test_what_draws_value_by_value_or_is_no_network_is_refused(trained):
    model = trained("wine", {"family": "autoregressive", "model.width": 16})
    with pytest.raises(UserError, match="draw value by value or use no network"):
        OneShotGenerator(model.family_object, model.module)


@pytest.mark.slow
@pytest.mark.parametrize("source", ["wine", "digits"])
def test_a_flow_runs_its_network_many_times_and_is_refused(trained, source):
    model = trained(source, {"family": "flow", "model.width": 16, "model.sampling_steps": 4})
    with pytest.raises(UserError, match="Flow model runs its network 7 times for a sample"):
        OneShotGenerator(model.family_object, model.module)


@pytest.mark.slow
def test_an_export_says_nothing_of_packages_that_it_does_not_need(trained, tmp_path):
    pytest.importorskip("onnxscript", reason="needs the extra onnx")
    from autogen.exporting.onnx import export_onnx

    said = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = said.append
    logger = logging.getLogger("torch.onnx._internal.exporter._registration")
    logger.addHandler(handler)
    try:
        export_onnx(trained(*MODELS["gan of rows"]), tmp_path)
    finally:
        logger.removeHandler(handler)
    assert said == []
    assert logging.getLogger("torch.onnx").level == logging.NOTSET


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_onnxruntime_and_torch_export_sample_as_torch_does(trained, name, tmp_path):
    runtime = pytest.importorskip("onnxruntime", reason="needs the extra onnx")
    from autogen.exporting.onnx import export_onnx

    model = trained(*MODELS[name])
    graph = export_onnx(model, tmp_path)
    session = runtime.InferenceSession(str(graph))
    program = torch.export.load(tmp_path / "model.pt2").module()
    about = json.loads((tmp_path / "generator.json").read_text())
    generator = OneShotGenerator(model.family_object, model.module)
    numbers = (1, 100) if about["samples"] is None else (about["samples"],)
    for n in numbers:
        inputs = decoding.random_inputs(tmp_path / "generator.json", n, np.random.default_rng(n))
        given = [torch.from_numpy(inputs[one["name"]]) for one in about["inputs"]]
        with torch.no_grad():
            expected = [one.numpy() for one in generator(*given)]
            exported = [one.numpy() for one in program(*given)]
        found = session.run(None, inputs)
        for output, own, again, other in zip(about["outputs"], expected, exported, found, strict=True):
            assert (own.dtype, own.shape) == (other.dtype, other.shape)
            assert np.array_equal(own, again)
            if output in ("codes", "pixels"):  # rounding in another order may move a value to its neighbor
                assert (own != other).mean() < 0.01
            else:
                assert np.allclose(own, other, atol=1e-3)
    samples = decoding.decode(tmp_path, found)
    assert len(samples) == numbers[-1]
    ours = model.sample(numbers[-1])
    if isinstance(ours, pd.DataFrame):
        assert list(samples) == list(ours)
        assert samples.dtypes.tolist() == ours.dtypes.tolist()
    else:
        assert (samples.shape, samples.dtype) == (ours.shape, ours.dtype)


@pytest.mark.slow
def test_the_module_is_public_and_frozen(trained):
    model = trained(*MODELS["gan of rows"])
    assert isinstance(model.module, torch.nn.Module)
    assert not model.module.training
    assert sum(p.numel() for p in model.module.parameters()) == model.parameters


def test_a_baseline_has_no_graph(tmp_path):
    pytest.importorskip("onnx", reason="needs the extra onnx")
    from autogen.data.open import open_data
    from autogen.exporting.onnx import export_onnx
    from autogen.families.baselines.lookup import baselines_for
    from autogen.generator.baseline import BaselineModel

    data = open_data("wine")
    baseline = baselines_for(data.kind.name)["marginals"]
    with pytest.raises(SettingsError, match="marginals is a baseline"):
        export_onnx(BaselineModel("marginals", baseline(), data.codec), tmp_path / "x")
