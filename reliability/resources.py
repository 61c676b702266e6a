"""Where checklists, templates, schemas and catalogues lie, in a checkout and in a wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def _beside_or_inside(name: str) -> Path:
    inside = _PACKAGE / "_resources" / name
    return inside if inside.is_dir() else _PACKAGE.parent / name


def checklists() -> Path:
    """Folder of the shipped checklists."""
    return _beside_or_inside("checklists")


def templates() -> Path:
    """Folder of the report templates and their print style."""
    return _beside_or_inside("reports/templates")


def schemas() -> Path:
    """Folder of the JSON Schemas of records and files."""
    return _PACKAGE / "schemas"
