"""``python -m sync``."""

import sys

from sync.cli import main
from sync.hardening import harden

harden()
sys.exit(main())
