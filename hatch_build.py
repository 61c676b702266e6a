"""Build hook: compiles the words, and puts checklists and report templates into the wheel."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

RESOURCES = ("checklists", "reports/templates")


class BuildHook(BuildHookInterface[Any]):
    """What hatchling runs before it fills a wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile the words; in a wheel to hand out, also place the resources.

        An editable install reads both from the checkout.
        """
        compile_words(Path(self.root))
        if version == "standard":
            build_data["force_include"].update({name: f"reliability/_resources/{name}" for name in RESOURCES})


def compile_words(root: Path) -> None:
    """Write the .mo file beside every .po file."""
    text = _text_module(root)
    for source in sorted((root / "reliability" / "words").glob("*.po")):
        compiled = source.with_suffix(".mo.part")
        compiled.write_bytes(text.compile_words(source))
        # Moved into place whole: a reader at the same moment sees the old words or the new ones.
        compiled.replace(source.with_suffix(".mo"))


def _text_module(root: Path) -> ModuleType:
    # Loaded from its file: while the package is being built it is not importable by name.
    spec = importlib.util.spec_from_file_location("words_text", root / "reliability" / "words" / "text.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError(root / "reliability" / "words" / "text.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    compile_words(Path(__file__).resolve().parent)
