#!/usr/bin/env python3
"""Django's entry point; `up`, `test` and `doctor` also work on a bare machine."""

import sys


def main() -> int:
    """Bootstrap, then run one command."""
    if sys.version_info < (3, 11):  # noqa: UP036  # whoever has an older one shall read a sentence
        found = ".".join(map(str, sys.version_info[:3]))
        sys.exit("Simmer needs Python 3.11 or newer, and this is %s." % found)  # noqa: UP031
    from fleet import bootstrap

    return bootstrap.run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
