"""``python -m toolkit``: the same as the installed ``devToolKit`` command."""

import sys

try:
    from toolkit.cli import main
except KeyboardInterrupt:
    sys.exit(130)
sys.exit(main())
