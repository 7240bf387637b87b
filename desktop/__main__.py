"""``python -m desktop [--data DIR] [--practice]``."""

import sys

from desktop.app import main

sys.exit(main())
