"""``python -m benchmarks.fast_layer``: one core, whatever the libraries would take."""

import os

ONE_CORE = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def main() -> int:
    """Run the benchmark; thread pools are sized when their library is imported, hence here."""
    os.environ.update(dict.fromkeys(ONE_CORE, "1"))
    from .command import run

    return run()


if __name__ == "__main__":
    raise SystemExit(main())
