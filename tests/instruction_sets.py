"""Which instruction sets NumPy and its linear algebra use here, and the setting in which they use fewer.

``python -m tests.instruction_sets`` prints variables for ``env``: under them the tests run as on a processor without
AVX-512. What was seen goes to the standard error. A name is given only where the processor has the instructions and
this NumPy chooses code by them, for NumPy refuses others.
"""

from __future__ import annotations

import platform
import sys

from numpy._core import _multiarray_umath as numpy_core

WIDE = ("X86_V4", "AVX512")
"""How NumPy's names of the instruction sets begin that many laptops have not."""


def seen() -> list[str]:
    """The instruction sets by which this NumPy chooses its code, those that the processor has."""
    has: dict[str, bool] = numpy_core.__cpu_features__
    return [name for name in numpy_core.__cpu_dispatch__ if has.get(name)]


def narrower() -> dict[str, str]:
    """Environment variables under which NumPy and OpenBLAS leave the widest instructions alone."""
    wide = [name for name in seen() if name.startswith(WIDE)]
    setting = {"NPY_DISABLE_CPU_FEATURES": ",".join(wide)} if wide else {}
    if platform.machine().lower() in ("x86_64", "amd64") and numpy_core.__cpu_features__.get("AVX2"):
        setting["OPENBLAS_CORETYPE"] = "Haswell"
    return setting


if __name__ == "__main__":
    setting = narrower()
    print(f"NumPy chooses among {', '.join(seen()) or 'no instruction sets'}; the second time with "
          f"{' '.join(f'{k}={v}' for k, v in setting.items()) or 'the same'}.", file=sys.stderr)  # fmt: skip
    print(" ".join(f"{name}={value}" for name, value in setting.items()))
