"""A progress bar of characters, and seconds in words."""

#: Width of the bar, in characters.
WIDTH = 24


def bar(share: float, encoding: str = "utf-8", width: int = WIDTH) -> str:
    """Draw a bar that can be read without colors.

    Args:
        share: Share that is done, 0 to 1.
        encoding: Encoding of the terminal; plain ASCII unless it is a UTF.
        width: Width in characters.
    """
    done, rest = ("\u2501", "\u254c") if encoding.lower().startswith("utf") else ("#", "-")
    share = min(1.0, max(0.0, share))
    filled = int(share * width)
    return f"{done * filled}{rest * (width - filled)} {100 * share:3.0f} %"


def seconds_in_words(seconds: float) -> str:
    """Write a duration: ``45s``, ``3m 20s``, ``2h 5m``."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m {whole % 60}s"
    return f"{whole // 3600}h {whole % 3600 // 60}m"
