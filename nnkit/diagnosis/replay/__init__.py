"""Replay: the network's own numbers, computed again with a known fault put in, until they agree."""
