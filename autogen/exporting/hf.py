"""An adapted language model in the format of its base, for transformers and peft."""

from pathlib import Path

from autogen.errors import RunError
from autogen.families.based import BASE, HasBase, base_warning
from autogen.files import new_folder, write
from autogen.generator.baseline import BaselineModel
from autogen.generator.generator import GeneratedModel


def export_hf(model: GeneratedModel | BaselineModel, folder: Path) -> Path:
    """Write a folder that ``AutoModelForCausalLM.from_pretrained`` opens, with peft if it is an adapter.

    Args:
        model: Model of the family pretrained.
        folder: New or empty folder.

    Raises:
        RunError: the model adapts no base, the base is missing, or the folder is not empty.
    """
    if isinstance(model, BaselineModel) or not isinstance(model.family_object, HasBase):
        raise RunError(
            f"--hf writes a model that adapts a pre-trained one, but this is one of {model.family}; "
            "--hub and --onnx write others"
        )
    new_folder(folder)
    about = model.family_object.save_base_format(model.module, model.settings, folder)
    warning = base_warning(str(model.config[BASE]))
    text = f"# A language model that autogen adapted\n\n{about}\n\n{warning[:1].upper()}{warning[1:]}.\n"
    write(folder / "README.md", text)
    return folder
