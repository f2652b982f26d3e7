"""Executors: where the events that `drain` records come from, and nothing else.

The local one trains in the process that records; the other one on the nodes of a Ray cluster. What a run is, when it trains,
what is kept of it and what can be asked of it is the same with both.
"""
