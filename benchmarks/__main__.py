"""Run every benchmark at its default size: ``python -m benchmarks``."""

from __future__ import annotations

import subprocess
import sys

NAMES = ("clogit", "cox", "joint", "sampling", "scale", "exposure", "study", "nation", "disclosure")


def main() -> int:
    """Each in a process of its own, so that no one's memory counts for another."""
    worst = 0
    for name in NAMES:
        print(f"\npython -m benchmarks.{name}", flush=True)
        worst = max(worst, subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode)
    return worst


if __name__ == "__main__":
    sys.exit(main())
