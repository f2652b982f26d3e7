"""Vote: can a class tell real digits from generated ones, and which model's digits does it prefer?"""

from __future__ import annotations

from gencmp.ui.vote.vote import show

show()
