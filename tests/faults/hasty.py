"""``python -m sync`` with a watchdog in a hurry: a line that fell silent is given up after one second instead of twelve."""

import sys

from sync import cli, follower, watched

watched._SHORTEST, watched._ANSWER, watched._BLIND = 0.6, 1.0, 1.0
watched.TICK = follower._TICK = 0.05

if __name__ == "__main__":
    sys.exit(cli.main())
