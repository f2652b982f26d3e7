"""Vote: can a class tell which digits are real, and which model's are better?"""

from __future__ import annotations

from gencmp.ui.vote.vote import show

show()
