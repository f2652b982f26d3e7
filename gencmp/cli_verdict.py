"""python -m gencmp train-judge, evaluate, study: the commands that measure."""

from __future__ import annotations
