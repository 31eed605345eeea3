"""The command ``autogen export``."""

from pathlib import Path
from typing import Annotated

import typer

from autogen.cli.options import Run, Track
from autogen.errors import SettingsError, printable


def export(
    run: Run,
    onnx: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Graph of a one-shot generator (gan, vae), as ONNX and .pt2."),
    ] = None,
    hub: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Model and card for the Hugging Face Hub, without real rows."),
    ] = None,
    hf: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="Adapted language model (pretrained), for transformers and peft."
        ),
    ] = None,
    optuna: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Optuna storage for all trials: sqlite:///study.db, journal:FILE."),
    ] = None,
    track: Track = None,
    license_: Annotated[
        str, typer.Option("--license", help="With --hub: license on the card, such as apache-2.0.")
    ] = "",
    language: Annotated[str, typer.Option(help="With --hub: language of the texts, such as en.")] = "",
) -> None:
    """Export a run: its model to ONNX, the Hugging Face Hub or peft, its trials to Optuna or a tracker."""
    names = [*([f"optuna:{optuna}"] if optuna else []), *(track or ())]
    if not (onnx or hub or hf or names):
        raise SettingsError(
            "export needs a target: --onnx FOLDER, --hub FOLDER, --hf FOLDER, --optuna URL or --track NAME"
        )
    if onnx:
        from autogen import load
        from autogen.exporting.onnx import export_onnx

        typer.echo(f"graph written to {export_onnx(load(run), onnx)}")
    if hub:
        from autogen.exporting.hub import export_hub

        typer.echo(f"model and card written to {export_hub(run, hub, license_, language)}")
    if hf:
        from autogen import load
        from autogen.exporting.hf import export_hf

        typer.echo(f"model written to {export_hf(load(run), hf)}")
    if onnx or hub or hf:
        _warn(run)
    if names:
        from autogen.tracking.session import export_study, trackers_of

        export_study(run, trackers_of(names))
        typer.echo(f"trials written to {printable(', '.join(names))}")


def _warn(run: Path) -> None:
    """Say why an exported model should not be used, if the verdict of its run refuses it."""
    from autogen.engine.run_folder import RunFolder
    from autogen.report.verdict import objections

    folder = RunFolder(run)
    for problem in objections(folder.read_result()) if folder.result.exists() else ():
        typer.echo(f"warning: {problem}", err=True)
