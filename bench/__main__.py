"""``python -m bench``: builds the national database, runs the lines, prints the table."""

from __future__ import annotations

import argparse
import json
import platform
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import lines, national
from bench.line import Line


def main() -> None:
    """See ``script/bench --help``."""
    parser = argparse.ArgumentParser(prog="script/bench", description="Compares the service with the bare database.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the results as JSON")
    parser.add_argument(
        "--only", choices=[*lines.LINES, "import_areas"], action="append", help="run only this measurement"
    )
    parser.add_argument(
        "--keep", action="store_true", help="use the database of the last run, without building it again"
    )
    asked = parser.parse_args()

    out = Console()
    results = []
    if asked.keep:
        engine = lines.open_engine()
    else:
        out.print("Building the national database …")
        engine, seconds = national.build()
        results.append(Line("import_areas", "≤ 20 s", seconds, seconds <= 20, f"{seconds:.1f} s"))
    counted = lines.counts(engine)
    out.print(", ".join(f"{count:,} {name}" for name, count in counted.items()))
    for name, line in lines.LINES.items():
        if not asked.only or name in asked.only:
            results.append(line(engine))
            out.print(f"  {name}: {results[-1].shown}")
    engine.dispose()

    table = Table("line", "goal", "measured", "ratio", "", title="script/bench")
    for result in results:
        table.add_row(result.name, result.goal, result.shown, f"{result.value:.3g}", "met" if result.met else "missed")
    out.print(table)
    if asked.json:
        made = {"python": platform.python_version(), "machine": platform.machine(), "data": counted,
                "lines": [vars(result) for result in results]}  # fmt: skip
        asked.json.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
