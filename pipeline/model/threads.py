"""Grows trees in one thread: many small trees gain little from more, and threads that wait for each other burn minutes."""

from __future__ import annotations

from threadpoolctl import threadpool_limits


def one_thread() -> threadpool_limits:
    """A context in which scikit-learn's loops use one thread. A busy machine with two took 30 times as long without it."""
    return threadpool_limits(limits=1, user_api="openmp")
