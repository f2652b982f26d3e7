"""For what may be absent but is not: the type checker is told, and a test fails where it is."""

from __future__ import annotations

from typing import TypeVar

T = TypeVar("T")


def there(found: T | None) -> T:
    """The same, which must not be None."""
    assert found is not None
    return found
