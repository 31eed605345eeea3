"""Tiny pre-trained autoencoders of images that tests make: seconds of training, ``save_pretrained``."""

from pathlib import Path

import numpy as np
import torch

_STEPS, _ROWS = 120, 64


def make_autoencoder(folder: Path, images: np.ndarray, channels: int = 1) -> Path:
    """Train an ``AutoencoderKL`` of diffusers to give images back, and save it.

    Args:
        folder: Folder to write.
        images: Images, uint8 (N, H, W, 1), whose largest value is white.
        channels: Channels that it reads: 1, or 3 for colors.
    """
    from diffusers import AutoencoderKL
    from diffusers.utils import logging

    logging.disable_progress_bar()
    torch.manual_seed(0)
    model = AutoencoderKL(
        in_channels=channels,
        out_channels=channels,
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        block_out_channels=(8, 16),
        latent_channels=4,
        norm_num_groups=4,
        mid_block_add_attention=False,
    )
    planes = torch.from_numpy(images).float().permute(0, 3, 1, 2).expand(-1, channels, -1, -1)
    planes = 2 * planes / images.max() - 1
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    generator = torch.Generator().manual_seed(0)
    for _ in range(_STEPS):
        some = planes[torch.randint(0, len(planes), (_ROWS,), generator=generator)]
        loss = (model.decode(model.encode(some).latent_dist.mode()).sample - some).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.save_pretrained(folder)
    return folder
