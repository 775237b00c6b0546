# SPDX-License-Identifier: GPL-3.0-or-later
"""count.py DIRECTORY: count the tests in the JUnit files of a directory; fail if a test failed, or none ran."""

from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree


def main() -> int:
    """Print one line with the counts."""
    suites = [suite for file in Path(sys.argv[1]).glob("*.xml") for suite in ElementTree.parse(file).iter("testsuite")]
    total, skipped = (sum(int(suite.get(key, 0)) for suite in suites) for key in ("tests", "skipped"))
    failed = sum(int(suite.get("failures", 0)) + int(suite.get("errors", 0)) for suite in suites)
    passed = total - failed - skipped
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
