"""Settings of the family: its two sections of a search space."""

from dataclasses import dataclass

from autogen.families.base import Training, bounded, fusible


@dataclass(frozen=True)
class FlowModel:
    """Architecture and sampling settings.

    Attributes:
        net: Images: ``transformer`` on patches, or ``unet``.
        width: Features of a patch, a row, a token or a frame.
        depth: Number of blocks; of a U-Net at each resolution.
        heads: Attention heads of a transformer; they must divide the width.
        patch: Images: edge of a patch, in pixels; larger ones make a net cheaper. 0 for an eighth of the
            image's edge, but at least 2; a sixteenth for a U-Net.
        channels: Images: channels of a U-Net at full resolution.
        classes: Images with classes: whether the model is class-conditional.
        guidance: Class-conditional images: strength of classifier-free guidance; 1 for none, above 1 for
            samples that are more typical of their class and less diverse.
        transport: Images, tables: whether noise is paired with data by optimal transport within a batch: of
            a class-conditional model within a class, of tables for rows without known cells.
        solver: Images, tables: ``euler``, ``midpoint`` or ``heun``; the last two run the net twice a step.
        sampling_steps: Steps from noise to a sample: fewer are faster and coarser. Texts, music: rounds in
            which tokens or frames are revealed, at most one for each of them.
        few_steps: Images, tables: steps of a model that was distilled (``distill``), instead of the former, 1
            to 16; each runs the net once, with guidance, too.
        temperature: Texts, music: sampling temperature; below 1 the likely becomes likelier.
        top_p: Texts, music: nucleus of sampling.
    """

    net: str = "transformer"
    width: int = 128
    depth: int = 4
    heads: int = bounded(4, 1, 1024)
    patch: int = 0
    channels: int = 32
    classes: bool = True
    guidance: float = 1.0
    transport: bool = False
    solver: str = "heun"
    sampling_steps: int = bounded(20, 1, 1000)
    few_steps: int = bounded(4, 1, 16)
    temperature: float = bounded(1.0, 0, 1000)
    top_p: float = bounded(1.0, 1e-6, 1)


@dataclass(frozen=True)
class FlowTraining(Training):
    """Training settings.

    Attributes:
        dropout: Dropout rate of each block.
        time_mean: Images, tables: mean of the logits of the training times; above 0 for more times near the
            data.
        time_std: Images, tables: standard deviation of these logits.
        class_dropout: Class-conditional images: share of the training images whose class is hidden, which
            guidance needs.
        known: Tables: share of the training rows of which some cells are known; conditions and imputation
            need it.
        distill: Images, tables: share of the steps, the last ones, in which half of a batch teaches the model
            large steps, so that ``few_steps`` are enough for a sample; 0 for none.
        tokens: Texts, music: maximum number of tokens or frames in a step; the batch's last rows are skipped.
        transpose: Music: largest transposition of a training piece, in semitones.
        time_stretch: Music: share of the training pieces played at half or double speed.
        flip: Images: share of the training images mirrored left to right.
        translate: Images: largest shift in training, as a share of the image's size.
    """

    dropout: float = fusible(0.0)
    time_mean: float = fusible(0.0)
    time_std: float = fusible(1.0)
    class_dropout: float = fusible(0.1)
    known: float = fusible(0.3)
    distill: float = bounded(0.0, 0, 1)
    tokens: int = 4096
    transpose: float = fusible(0.0)
    time_stretch: float = fusible(0.0)
    flip: float = fusible(0.0)
    translate: float = fusible(0.0)
