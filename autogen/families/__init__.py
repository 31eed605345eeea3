"""Model families: GAN, VAE, autoregressive, and the baselines they must beat."""
