import json

import pytest

from reliability import resources


def test_checklists_and_templates_lie_beside_the_package_in_a_checkout():
    assert (resources.checklists() / "trustworthy-ai.yaml").is_file()
    assert any(resources.templates().glob("*.html"))


def test_resources_lie_inside_the_package_in_a_wheel(tmp_path, monkeypatch):
    (tmp_path / "reliability" / "_resources" / "checklists").mkdir(parents=True)
    monkeypatch.setattr(resources, "_PACKAGE", tmp_path / "reliability")

    assert resources.checklists() == tmp_path / "reliability" / "_resources" / "checklists"
    assert resources.templates() == tmp_path / "reports" / "templates"


@pytest.mark.parametrize("name", ["assessment", "checklist", "document"])
def test_schemas_are_shipped_with_the_package(name):
    schema = json.loads((resources.schemas() / f"{name}.schema.json").read_text(encoding="utf-8"))

    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["title"]
