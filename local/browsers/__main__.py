"""`make browsers`: which engines this machine has, and how to install the others."""

from __future__ import annotations

import sys

from local.browsers.engines import ENGINES, how_to_install


def main() -> int:
    """Print a line for each engine. The exit status is 0: pages are tested in those that are there."""
    for name in ENGINES:
        install = how_to_install(name)
        print(f"{name:9} {'is here' if install is None else f'is missing. To install it on Debian: {install}'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
