"""What Home transfers before anyone touches it: content first, no weights, each script once, and nothing twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gencmp.bench.start import GRIDS
from gencmp.bench.tools.chromium import SIZE
from gencmp.bench.tools.transfer import Transfer
from gencmp.bench.tools.transfer import visit as visited

pytestmark = pytest.mark.still

PHONE = {"width": 390, "height": 844}


def ours(found: Transfer, kind: str) -> list[str]:
    return [each["url"] for each in found.wire if each["type"] == kind and "/gencmp/" in each["url"]]


def test_home_is_within_its_budget_on_the_first_visit_and_nearly_nothing_on_the_second(
    browser: Any, served: str
) -> None:
    with browser.new_context(viewport=SIZE) as context:
        first, second = (visited(context, served, GRIDS) for _ in range(2))
    assert 1e6 < first.bytes < 3e6
    assert len(first.wire) <= 90
    assert [url.rpartition("/")[2] for url in ours(first, "Script")] == ["all.js", "plotly.min.js"]
    assert not any("/weights/" in each["url"] for each in first.wire)
    assert sum(each["bytes"] for each in first.wire if each["type"] == "Script") < 2.4e6  # compressed: they are 8 MB
    assert second.bytes < 2e5
    assert len(second.wire) <= 12


def test_a_phone_fetches_the_chart_library_when_charts_come_near(
    browser: Any, served: str, visit: Callable[..., Any]
) -> None:
    with browser.new_context(viewport=PHONE) as context:
        found = visited(context, served, GRIDS)
    assert found.bytes < 1.6e6
    assert len(ours(found, "Script")) == 1
    page = visit(served, viewport=PHONE)
    page.wait_for_function(GRIDS)
    page.evaluate("() => document.querySelector('.gc-home .gc-curves').scrollIntoView()")
    page.wait_for_function("() => document.querySelectorAll('.gc-home .js-plotly-plot').length === 2")
