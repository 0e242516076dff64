"""Watching somebody's own training while it runs, and one page about it at the end."""

from nnkit.watching.watch import watch

__all__ = ["watch"]
