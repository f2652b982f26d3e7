"""A lesson's hand-out as a page to print, A4 upright. Loads Matplotlib, so import it only when needed."""

from __future__ import annotations

from functools import partial

from gencmp.graphics.fonts import wrapped
from gencmp.graphics.page import Page
from gencmp.graphics.rendering import drawn
from gencmp.graphics.sheets import grid
from gencmp.graphics.words import unexplained
from gencmp.lessons.handouts.content import Compared, Handout, course
from gencmp.panels.curves import Curve, Frame, chart
from gencmp.panels.layout import lines, short
from gencmp.settings import paper

WIDTH, HEIGHT = 595, 842  # points
MARGIN, GAP = 44, 14
ACROSS = WIDTH - 2 * MARGIN
TITLE, HEAD, TEXT, SMALL = 19, 10, 9, 7.5  # font sizes
BAR, CHART = 150, 108
CHARTS = 2  # more have no room on the page


def handout_file(handout: Handout, form: str = "pdf") -> bytes:
    """form: png, svg or pdf."""
    return drawn(partial(lay_out, handout), f"Lesson {handout.lesson.number}: {handout.lesson.title}", form)


def lay_out(handout: Handout, page: Page) -> None:
    """From the claim to the references."""
    y = _claim(handout, page)
    y = _expected(handout, page, y)
    y = _pictures(handout, page, y)
    y = _figures(handout, page, y)
    y = _charts(handout, page, y)
    y = _block(page, "What came of it", [handout.finding], y)
    y = _block(
        page, "Is the paper right?", [each for each in (handout.ruled, unexplained(handout.lesson.depends)) if each], y
    )
    y = _references(handout, page, y)
    page.cut(WIDTH, max(HEIGHT, round(y + MARGIN / 2)))


def _claim(handout: Handout, page: Page) -> float:
    lesson = handout.lesson
    page.text(MARGIN, MARGIN, f"Lesson {lesson.number} of 12", SMALL, "soft")
    page.text(MARGIN, MARGIN + 22, lesson.title, TITLE, bold=True)
    y = lines(page, [f"“{lesson.claim.words}”"], MARGIN + 10, MARGIN + 46, ACROSS - 10, 11.5, 15, "ink")
    page.line([(MARGIN, MARGIN + 36), (MARGIN, y - 10)], "line", 2)
    y = lines(page, [f"Claim {lesson.number} of the paper: {paper.AUTHOR}"], MARGIN + 10, y, ACROSS - 10, SMALL, 10)
    return lines(page, [unexplained(lesson.question)], MARGIN, y + 10, ACROSS, TEXT, 12.5, "ink")


def _head(page: Page, words: str, y: float) -> float:
    page.text(MARGIN, y + 12, words, HEAD, bold=True)
    return y + 27


def _block(page: Page, head: str, sentences: list[str], y: float) -> float:
    y = _head(page, head, y)
    return lines(page, sentences, MARGIN, y, ACROSS, TEXT, 12.5, "ink")


def _expected(handout: Handout, page: Page, y: float) -> float:
    """The class's predictions as bars; without a class, boxes to tick."""
    split, options = handout.split, handout.lesson.predictions
    told = sum(split.counts.values()) if split else 0
    words = f"What the class expected: {told} of {split.members} have predicted" if split else "What do you expect?"
    y = _head(page, words, y)
    for key, label in options.items():
        came = "  ✓ so it came" if split and key == handout.came else ""
        if split is None:
            page.box(MARGIN, y - 7, 8, 8, "soft", 0.7)
            page.text(MARGIN + 16, y, label, TEXT)
        else:
            many = split.counts.get(key, 0)
            share = many / told if told else 0
            x = WIDTH - MARGIN - BAR
            page.text(MARGIN, y, f"{label}{came}", TEXT, bold=bool(came))
            page.text(x - 8, y, f"{many} ({100 * share:.0f} %)", TEXT, align="right")
            page.line([(x, y - 3), (x + BAR, y - 3)], "line", 5)
            if share:
                page.line([(x, y - 3), (x + BAR * share, y - 3)], "ink" if came else "soft", 5)
        y += 14
    return y


def _pictures(handout: Handout, page: Page, y: float) -> float:
    """16 pictures of each of four, 64 of each of fewer, with the line that each has in the charts."""
    if not handout.compared:
        return y
    across = (ACROSS - (len(handout.compared) - 1) * GAP) / len(handout.compared)
    side = 4 if len(handout.compared) > 3 else 8
    scale = min(across / (side * 28), 0.6 if side == 8 else 0.85)
    y += 16
    for place, each in enumerate(handout.compared):
        x = MARGIN + place * (across + GAP)
        if each.history.epochs:
            ends = ((x, x + 18), (y - 3, y - 3))
            page.room.plot(*ends, color=page.colours[each.tone], lw=1.6, ls=each.dash)
        inset = 24 if each.history.epochs else 0
        page.text(x + inset, y, short(page.words(each.label), TEXT, across - inset, True), TEXT, bold=True)
        if each.images is not None:
            page.picture(x, y + 7, grid(each.images[: side * side], side), scale)
    y += 7 + side * 28 * scale + 12
    return lines(page, [handout.about], MARGIN, y, ACROSS, SMALL, 10)


def _figures(handout: Handout, page: Page, y: float) -> float:
    if not handout.columns:
        return y
    step = (ACROSS - 110) / len(handout.columns)
    y += 14
    for place, name in enumerate(handout.columns):
        page.text(MARGIN + 110 + (place + 1) * step, y, short(name, SMALL, step - 8), SMALL, "soft", align="right")
    for each in handout.compared:
        y += 13
        page.text(MARGIN, y, short(page.words(each.label), TEXT, 105), TEXT)
        for place, name in enumerate(handout.lesson.figures):
            found = each.figures.get(name, "–")
            page.text(MARGIN + 110 + (place + 1) * step, y, found, TEXT, align="right")
    page.line([(MARGIN, y + 6), (WIDTH - MARGIN, y + 6)])
    return y + 8


def _charts(handout: Handout, page: Page, y: float) -> float:
    found = handout.lesson.charts[:CHARTS]
    if not found:
        return y
    across = (ACROSS - (len(found) - 1) * GAP) / len(found)
    for place, each in enumerate(found):
        x = MARGIN + place * (across + GAP)
        for row, words in enumerate(wrapped(each.title, SMALL, across, True)[:2]):
            page.text(x, y + 12 + 9 * row, words, SMALL, bold=True)
        curves = [_curve(handout, place, run) for run in handout.compared]
        axes = chart(page, Frame(x, y + 10, across, CHART), curves, each.unit)
        if legend := axes.get_legend():  # the pictures have it
            legend.remove()
        for line, run in zip(axes.lines, handout.compared, strict=False):
            line.set_linestyle(run.dash)
    return y + CHART + 14


def _curve(handout: Handout, place: int, run: Compared) -> Curve:
    epochs, values = course(handout.lesson.charts[place], run.history)
    return Curve(run.label, run.tone, epochs, values)


def _references(handout: Handout, page: Page, y: float) -> float:
    y = _head(page, "What others found", y)
    for each in handout.lesson.sources:
        y = lines(page, [f"{unexplained(each.says)} {each.cite}, {each.address}"], MARGIN, y, ACROSS, SMALL, 10) + 3
    return y
