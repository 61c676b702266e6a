"""Files of native formats with edited nodes: the library's process is killed, the workbench goes on.

Edited trees of skops and pickle files, and LightGBM's, stand beside their formats in tests/worker.
"""

import hashlib
import json

import numpy as np
import pytest

from reliability.blocks import Column
from reliability.errors import WorkerError
from reliability.worker.parent import Limits, ModelSpec, open_model

N = 50
VALUES = np.random.default_rng(7).normal(size=(N, 2))
COLUMNS = {
    name: Column(kind="f8", values=VALUES[:, place], missing=np.zeros(N, dtype=np.bool_))
    for place, name in enumerate(("a", "b"))
}


@pytest.fixture(scope="module")
def forest(tmp_path_factory):
    """An XGBoost model as JSON."""
    xgboost = pytest.importorskip("xgboost")
    path = tmp_path_factory.mktemp("forest") / "model.json"
    booster = xgboost.XGBClassifier(n_estimators=2, n_jobs=1).fit(VALUES, VALUES[:, 0] > 0).get_booster()
    booster.feature_names = ["a", "b"]
    booster.save_model(path)
    return path.read_text()


def edited(forest: str, name: str, value: int) -> bytes:
    model = json.loads(forest)
    model["learner"]["gradient_booster"]["model"]["trees"][0][name][0] = value
    return json.dumps(model).encode()


@pytest.mark.parametrize(
    ("name", "value"), [("left_children", 50_000_000), ("split_indices", 1 << 29), ("right_children", 0)]
)
def test_tree_that_points_outside_ends_the_worker_alone(confined, tmp_path, forest, name, value):
    content = edited(forest, name, value)
    (tmp_path / "model").write_bytes(content)
    spec = ModelSpec(
        format="xgboost", path=tmp_path / "model", sha256=hashlib.sha256(content).hexdigest(), inputs=("a", "b"),
        classes=(0, 1), task="binary", positive=1, declared={"classes": [0, 1]},
    )  # fmt: skip

    with pytest.raises(WorkerError) as caught, open_model(spec, limits=Limits(timeout_s=10)) as model:
        model.answer(COLUMNS)

    # A tree that leads back to itself is walked without end by some releases.
    assert caught.value.code in {"model_crashed", "model_load_failed", "model_timeout", "model_bad_output"}
