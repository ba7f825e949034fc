"""Benchmarks: ``python -m tests.bench [NAME [ROUNDS]]``; without a name all of them, in their long form."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path


def main() -> None:
    """Run the benchmarks that are named."""
    here = Path(__file__).parent
    names = sys.argv[1:2] or sorted(path.stem for path in here.glob("[a-z]*.py"))
    for name in names:
        print(f"\n## {name}\n", flush=True)
        importlib.import_module(f"tests.bench.{name}").main(*map(int, sys.argv[2:]))


if __name__ == "__main__":
    main()
