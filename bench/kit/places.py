"""Where things are: everything that a bench writes goes under bench/out, which git ignores."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BENCH = ROOT / "bench"
OUT = BENCH / "out"
LOGS = OUT / "logs"
EXAMPLE = ROOT / "examples" / "shiomi" / "2025.json"
