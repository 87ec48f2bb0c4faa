"""Says how much of the code the tests reached, and which files have the most lines that none of them does. Fails below
``MINIMUM``.

python script/lib/reached.py FILE   what slipcover wrote
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

MOST = 10

MINIMUM = 98
"""Percent, of a whole run of script/test; what the tests start as processes of its own is not counted. A machine under
load reaches some lines less. Raise it with the figure, never lower it. slipcover's own fail-under is not used: it
throws away what the test processes have reached before the figures are written."""


def main() -> None:
    """Prints the figure and the files."""
    told = json.loads(Path(sys.argv[1]).read_text())
    print(f"{told['summary']['percent_covered']:.2f} % of the lines were reached. Most of the others are in")
    left = {name: len(one["missing_lines"]) for name, one in told["files"].items()}
    for name in sorted(left, key=lambda one: -left[one])[:MOST]:
        print(f"{left[name]:8}  {name}")
    if told["summary"]["percent_covered"] < MINIMUM:
        sys.exit(f"That is below the minimum of {MINIMUM} %.")


if __name__ == "__main__":
    main()
