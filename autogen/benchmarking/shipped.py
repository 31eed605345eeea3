"""Plans of benchmarks that come with the package, by name."""

from pathlib import Path


def plan_names() -> tuple[str, ...]:
    """List the names of the plans that come with the package."""
    return tuple(sorted(path.stem for path in shipped().glob("*.toml")))


def shipped() -> Path:
    """Return the folder of the plans: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "plans"
    return inside if inside.is_dir() else package.parent / "benchmarks" / "plans"
