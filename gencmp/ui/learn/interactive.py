"""Lessons that are tried out in a component of their own instead of by runs."""

from __future__ import annotations

from collections.abc import Callable

from gencmp.ui.learn import loss, sizes

# the lesson's key -> a function that draws its component under the given key
COMPONENTS: dict[str, Callable[[str], None]] = {"loss": loss.show, "sizes": sizes.show}
