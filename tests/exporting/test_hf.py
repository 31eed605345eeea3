"""Exported language models: transformers and peft open them, with the same logits."""

import pytest
import torch

from autogen.errors import RunError
from autogen.exporting.hf import export_hf
from autogen.generator.generator import GeneratedModel
from autogen.training.checkpoint import write_tensors
from tests.families.pretrained.adapting import Adapted, text_codec

pytestmark = pytest.mark.slow


@pytest.fixture(params=["gpt2", "llama"])
def base(request):
    return request.getfixturevalue(request.param)


def trained(base, folder, adaptation):
    """A model after a few steps of training."""
    adapted = Adapted.of(base)
    weights = folder / "model.safetensors"
    write_tensors(weights, adapted.program(steps=5, adaptation=adaptation).weights(), {})
    config = {"family": "pretrained", **adapted.constants, "model.adaptation": adaptation}
    config |= {"model.temperature": 0.9, "model.top_p": 0.8}
    return GeneratedModel(config, text_codec(), weights)


@pytest.mark.parametrize("adaptation", ["lora", "last", "full"])
def test_an_exported_folder_opens_in_transformers_with_the_same_logits(base, tmp_path, adaptation):
    import transformers

    model = trained(base, tmp_path, adaptation)
    folder = export_hf(model, tmp_path / "out")
    opened = transformers.AutoModelForCausalLM.from_pretrained(folder)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    drawn: list[str] = []
    original = transformers.AutoModelForCausalLM.from_pretrained(base)
    ids = torch.tensor([tokenizer("gofinlo")["input_ids"]])
    with torch.no_grad():
        ours, theirs, before = (one(input_ids=ids).logits for one in (model.module.net, opened, original))
    assert torch.allclose(ours, theirs, atol=1e-5)
    assert not torch.allclose(ours, before, atol=1e-2)
    assert (folder / "adapter_model.safetensors").exists() == (adaptation == "lora")
    assert not list(folder.glob("*.bin"))
    readme = (folder / "README.md").read_text()
    assert "pre-training data of the base model" in readme
    assert ("base_model_name_or_path" in readme) == (adaptation == "lora")
    assert f"`{tokenizer.bos_token}` (number {tokenizer.bos_token_id}) stands first" in readme
    sampling = transformers.GenerationConfig.from_pretrained(folder)
    assert (sampling.temperature, sampling.top_p, sampling.top_k, sampling.do_sample) == (0.9, 0.8, 0, True)
    code = readme.split("```python\n")[1].split("```")[0].replace('"FOLDER"', repr(str(folder)))
    exec(code, {"print": drawn.append})
    assert "<" not in drawn[0]


def test_a_folder_that_is_not_empty_is_refused(gpt2, tmp_path):
    with pytest.raises(RunError, match="is not empty"):
        export_hf(trained(gpt2, tmp_path, "lora"), tmp_path)


def test_a_model_that_adapts_nothing_is_refused(finished_run, tmp_path):
    with pytest.raises(RunError, match="adapts a pre-trained one, but this is one of"):
        export_hf(finished_run.model, tmp_path / "out")
