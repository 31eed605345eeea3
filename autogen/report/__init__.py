"""Reports of a run: leaderboard, figures, one self-contained page."""
