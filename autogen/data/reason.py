"""What another library says went wrong, fit for our one-line messages."""


def reason(error: BaseException) -> str:
    """One line without a full stop at its end."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(str(text).split()).rstrip(".")
