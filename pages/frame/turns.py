"""Whose page is put together now: no more at a time than the machine has cores, the others wait for their turn.

Python runs one of them at any moment anyway. Fifty threads that take it from each other spent a third of their time on that:
272 CPU ms for a run of the command center with 50 viewers, 212 in turns, and the first page of a session in 5 s instead of 11.
"""

from __future__ import annotations

import os
import threading

MOST_AT_ONCE = max(2, os.cpu_count() or 2)

page_turn = threading.BoundedSemaphore(MOST_AT_ONCE)
"""Held while a page runs; given back also when it ends early, by a rerun or an error."""
