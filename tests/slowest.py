"""The end of a run says where its time went: ``--slowest 10`` names the slowest tests, and the files by their sum."""

from __future__ import annotations

from collections import defaultdict

import pytest
from _pytest.terminal import TerminalReporter


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slowest", type=int, default=0, metavar="N", help="name the N slowest tests and files")


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: TerminalReporter, config: pytest.Config) -> None:
    most: int = config.getoption("--slowest")
    if not most:
        return
    tests: dict[str, float] = defaultdict(float)
    files: dict[str, float] = defaultdict(float)
    for report in (one for reports in terminalreporter.stats.values() for one in reports):
        if isinstance(report, pytest.TestReport):
            test = report.nodeid.partition("@")[0]  # the name of its group stands behind it
            tests[test] += report.duration  # setting up, the test, putting away
            files[test.partition("::")[0]] += report.duration
    for what, counted in (("tests", tests), ("files", files)):
        terminalreporter.section(f"slowest {what}, seconds", sep="=")
        for name, seconds in sorted(counted.items(), key=lambda one: -one[1])[:most]:
            terminalreporter.write_line(f"{seconds:8.1f}  {name}")
