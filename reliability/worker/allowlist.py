"""The names that a pickle or a skops file may ask for, made from the installed scikit-learn: classes, few functions.

`python -m reliability.worker.allowlist` prints the list that stands in allowed_globals.json; a new release of
scikit-learn gets a list of its own. Being listed is no promise of good behaviour: what is listed runs confined too.
"""

import importlib
import inspect
import json
import pkgutil
import warnings
from collections.abc import Iterator
from types import ModuleType
from typing import Any

VERSION = "2.1.0"
# Tests, downloads, drawing, and what starts other work.
LEFT_OUT = frozenset(
    "tests datasets externals conftest _build_utils inspection callback _plot _export _reingold_tilford "
    "_pairwise_distances_reduction".split()
)
# Of the many tools in sklearn.utils, what fitted models hold.
KEPT_TOOLS = frozenset({"sklearn.utils._bunch", "sklearn.utils._metadata_requests"})
# Functions that models name as a choice of theirs: what they compute is numbers.
WITH_FUNCTIONS = ("sklearn.metrics", "sklearn.metrics.pairwise", "sklearn.feature_selection")
# What Cython and the tree of neighbours put a value together with.
REBUILDS = ("__pyx_unpickle_", "newObj")
# Never distributions of scipy.stats: rebuilding one executes text from the file.
OTHERS = """
    builtins:object builtins:set builtins:frozenset builtins:slice builtins:range builtins:complex builtins:bytearray
    builtins:int builtins:float builtins:bool builtins:str builtins:bytes builtins:list builtins:dict builtins:tuple
    collections:OrderedDict collections:defaultdict collections:Counter collections:deque
    copyreg:_reconstructor _codecs:encode datetime:date datetime:datetime datetime:timedelta decimal:Decimal
    joblib.numpy_pickle:NumpyArrayWrapper
    numpy:dtype numpy:ndarray numpy:matrix numpy.ma:MaskedArray numpy.ma.core:MaskedArray
    numpy.ma.core:_mareconstruct numpy.ma.core:MaskedConstant
    numpy._core.multiarray:_reconstruct numpy._core.multiarray:scalar numpy._core.numeric:_frombuffer
    numpy.core.multiarray:_reconstruct numpy.core.multiarray:scalar numpy.core.numeric:_frombuffer
    numpy.random._pickle:__randomstate_ctor numpy.random._pickle:__generator_ctor
    numpy.random._pickle:__bit_generator_ctor numpy.random._mt19937:MT19937 numpy.random._pcg64:PCG64
    numpy.random._pcg64:PCG64DXSM numpy.random._philox:Philox numpy.random._sfc64:SFC64
    numpy.random.bit_generator:SeedSequence numpy.random.bit_generator:__pyx_unpickle_SeedSequence
    scipy.interpolate._bsplines:BSpline scipy.interpolate._interpolate:interp1d
    scipy.interpolate._interpolate:PPoly scipy._lib.array_api_compat.numpy._aliases:asarray
    scipy.sparse._csr:csr_matrix scipy.sparse._csr:csr_array
    scipy.sparse._csc:csc_matrix scipy.sparse._csc:csc_array scipy.sparse._coo:coo_matrix scipy.sparse._coo:coo_array
    scipy.sparse._dia:dia_matrix scipy.sparse._dia:dia_array
    pandas:Index pandas:RangeIndex pandas:StringDtype pandas:CategoricalDtype pandas:NA pandas.arrays:ArrowStringArray
    pandas.core.indexes.base:_new_Index pandas.core.indexes.base:Index pandas.core.indexes.range:RangeIndex
    pyarrow.lib:_restore_array pyarrow.lib:py_buffer pyarrow.lib:type_for_alias
    lightgbm.basic:Booster lightgbm.sklearn:LGBMClassifier lightgbm.sklearn:LGBMRegressor
    lightgbm.sklearn:LGBMRanker
    xgboost.core:Booster xgboost.sklearn:XGBClassifier xgboost.sklearn:XGBRegressor xgboost.sklearn:XGBRFClassifier
    xgboost.sklearn:XGBRFRegressor
    catboost.core:CatBoostClassifier catboost.core:CatBoostRegressor catboost.core:CatBoost
""".split()


def generated() -> dict[str, Any]:
    """The list for the installed scikit-learn, as it stands in allowed_globals.json."""
    import sklearn

    own = (name for module in _modules(sklearn) for name in _named(module))
    names = {*OTHERS, *own, *_functions(), *_ufuncs(), *_scalars()}
    minor = ".".join(sklearn.__version__.split(".")[:2])
    return {"allowlist": "globals", "version": VERSION, "scikit-learn": minor, "globals": sorted(names)}


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    """Modules of scikit-learn that fitted models are made of."""
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.", onerror=lambda _: None):
        parts = found.name.split(".")
        if LEFT_OUT.isdisjoint(parts) and (parts[1] != "utils" or found.name in KEPT_TOOLS):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                yield importlib.import_module(found.name)


def _named(module: ModuleType) -> Iterator[str]:
    for name, value in vars(module).items():
        own = getattr(value, "__module__", None) == module.__name__
        fitting = not name.startswith("Pytest") and not name.endswith("Display")
        if inspect.isclass(value) and own and fitting and not issubclass(value, BaseException):
            yield f"{module.__name__}:{value.__name__}"
        elif name.startswith(REBUILDS):
            yield f"{module.__name__}:{name}"


def _functions() -> Iterator[str]:
    for module in map(importlib.import_module, WITH_FUNCTIONS):
        for name in getattr(module, "__all__", vars(module)):
            value = getattr(module, name)
            if not name.startswith("_") and inspect.isfunction(value) and value.__module__.startswith(WITH_FUNCTIONS):
                yield f"{value.__module__}:{value.__name__}"


def _ufuncs() -> Iterator[str]:
    import numpy as np

    return (f"numpy:{name}" for name in np.__all__ if isinstance(getattr(np, name), np.ufunc))


def _scalars() -> Iterator[str]:
    """Kinds of numbers, which an encoder or a vectorizer names as the one that it answers in."""
    import numpy as np

    for name in np.__all__:
        kind = getattr(np, name)
        if inspect.isclass(kind) and issubclass(kind, np.number | np.bool_ | np.str_):
            yield f"numpy:{name}"


if __name__ == "__main__":
    print(json.dumps(generated(), indent=1))
