"""Charts of panels: points where they belong, round numbers on the axes, and nothing that is no number."""

from typing import Any

import pytest

from gencmp.graphics.page import Page
from gencmp.panels.curves import Curve, Frame, chart


def charted(curves: Any, **how: Any) -> Any:
    page = Page("")
    axes = chart(page, Frame(0, 0, 200, 100), curves, "Nats", **how)
    page.cut(200, 100)
    page.figure.canvas.draw()
    return axes


def said(axes: Any) -> Any:
    """All words of a chart."""
    labels = [*axes.get_xticklabels(), *axes.get_yticklabels(), axes.xaxis.label, axes.yaxis.label]
    return [each.get_text() for each in (*labels, *axes.get_legend().get_texts())]


@pytest.mark.parametrize(
    ("high", "wanted"), [(50, [0, 20, 40, 60]), (1, [0, 0.25, 0.5, 0.75, 1]), (200, [0, 50, 100, 150, 200]), (0, [0])]
)
def test_ticks_are_round_and_reach_around_the_curve(high: int, wanted: Any) -> None:
    axes = charted([Curve("a", "gan", [0, 10], [0, high])])
    low, top = axes.get_ylim()
    ticks = axes.get_yticks().tolist()
    assert low <= 0 and top >= high and (ticks[0], ticks[-1]) == (low, top)
    assert high == 0 or ticks == pytest.approx(wanted)


def test_a_loss_that_stays_high_fills_its_chart() -> None:
    low, top = charted([Curve("a", "vae", [1, 2, 50], [173, 150, 128])]).get_ylim()
    assert 100 <= low <= 128 and 173 <= top <= 200


def test_a_chart_puts_points_where_they_belong_and_skips_what_is_no_number() -> None:
    axes = charted([Curve("a", "gan", [0, 5, 7, 10], [0, float("nan"), None, 4])])
    assert axes.lines[0].get_xydata().tolist() == [[0, 0], [10, 4]]
    assert {"Epoch", "Nats", "a", "0", "4"} <= set(said(axes))
    (x0, y0), (x1, y1) = axes.transData.transform([[0, 0], [10, 4]])
    assert x0 < x1 and y0 < y1


def test_a_chart_without_numbers_is_axes() -> None:
    axes = charted([Curve("a", "gan", [], [])])
    assert "0" in said(axes) and axes.lines[0].get_xydata().size == 0


def test_one_epoch_is_a_dot_and_epochs_are_whole() -> None:
    axes = charted([Curve("a", "gan", [1], [1.04])])
    assert axes.lines[0].get_marker() == "o"
    shown = [each.get_text() for each in axes.get_xticklabels()]
    assert {"0", "1"} <= set(shown) and all(each.isdecimal() for each in shown)


def test_an_axis_may_go_on_and_marks_its_epoch() -> None:
    curves = [Curve("a", "gan", [1, 2], [3, 4])]
    marked, plain = charted(curves, end=50, mark=25), charted(curves, end=50)
    assert marked.get_xlim() == plain.get_xlim() == (0, 50)
    (dashed,) = (line for line in marked.lines if line.is_dashed())
    assert list(dashed.get_xdata()) == [25, 25]
    assert not [line for line in plain.lines if line.is_dashed()]
    assert len(marked.get_legend().get_texts()) == 1
