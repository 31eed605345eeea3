"""The command of studies over several owners."""
