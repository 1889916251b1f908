"""``python -m tests.mutants [NAME…]``."""

from __future__ import annotations

import sys

from tests.mutants.cli import main

sys.exit(main())
