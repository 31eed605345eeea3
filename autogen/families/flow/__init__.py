"""Flow matching and masked diffusion: samples are made from noise step by step."""
