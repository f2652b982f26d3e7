"""A panel for a slide or a report: columns of pictures with their curves, a title, a caption and the provenance.

The same columns, order and texts give the same panel on the page and on the command line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gencmp.data.classes import DIGITS, chosen_names
from gencmp.graphics.words import clean
from gencmp.panels.columns import VIEWS, Column, CompareError, columns_of
from gencmp.panels.orders import (
    BROAD,
    DEEP,
    ORDERS,
    Critic,
    Opinions,
    block_of,
    critic_of,
    opinions_on,
    order_words,
    usable,
)
from gencmp.runs.catalog import Catalog

TITLE = "GAN and VAE, side by side"
WORDS_AT_MOST = 400  # characters of a title or caption
MIDDLE = 50.0  # percent: default position of the divider


@dataclass(frozen=True)
class Panel:
    """Columns and the judgements of their pictures, in an order, shown as a grid, an evolution or a swipe of two."""

    columns: tuple[Column, ...]
    seen: tuple[Opinions, ...]
    critic: Critic | None
    order: str
    view: str
    at: float  # percent of the width: position of a swipe's divider
    title: str = ""
    caption: str = ""

    @property
    def words(self) -> str:
        """All texts in it that may come from a user."""
        return "".join((self.title, self.caption, *(column.title + "".join(column.classes) for column in self.columns)))


def make_panel(
    catalog: Catalog,
    names: Sequence[str],
    order: str = "seed",
    view: str = "grid",
    title: str = "",
    caption: str = "",
    at: float = MIDDLE,
) -> Panel:
    """names: see columns.columns_of. A swipe shows the first two columns; with only one it becomes a grid. at: position of
    its divider, in percent of the width. Raises CompareError, RunNotFound, SnapshotError.
    """  # fmt: skip
    if order not in ORDERS or view not in VIEWS:
        raise CompareError(
            f"Found order {order!r} and view {view!r}, wanted one of {', '.join(ORDERS)} and of {', '.join(VIEWS)}."
        )
    if not 0 <= at <= 100:
        raise CompareError(f"Divider: found {at}, wanted 0 to 100 percent of the width.")
    columns = columns_of(catalog, names)
    if view == "swipe":
        columns, view = columns[:2], "swipe" if len(columns) > 1 else "grid"
    critic = critic_of(columns, catalog)
    seen = opinions_on(columns, critic)
    panel = Panel(tuple(columns), seen, critic, usable(seen, order), view, round(at, 1))
    words = clean(caption) or _caption(panel)
    if order != panel.order and not caption:
        how = order_words(order, columns[0].nouns).split(",")[0]
        words += f" The order {how} is not available for all columns."
    return replace(panel, title=(clean(title) or TITLE)[:WORDS_AT_MOST], caption=words[:WORDS_AT_MOST])


def _caption(panel: Panel) -> str:
    if panel.view == "evolution":
        return "The same samples as training progresses: each row is an epoch, each column keeps its seed."
    counts = sorted({len(column.images) for column in panel.columns})
    words = f"{' to '.join(map(str, counts[:1] + counts[1:][-1:]))} pictures each, {order_words(panel.order, panel.columns[0].nouns)}."
    if panel.view == "swipe":
        words += " Two overlaid grids: the first is visible left of the line, the second right of it."
    if panel.order == "digit":
        words += _by_class_words(panel)
    if panel.order == "d" and panel.critic:
        words += f" D is from {panel.critic.name}, epoch {panel.critic.epoch}."
    if panel.order == "seed":
        words += " Each position keeps its seed from epoch to epoch; nothing was cherry-picked."
    return words


def _by_class_words(panel: Panel) -> str:
    """How many pictures of each class are shown and, unless they are the ten digits, which classes."""
    names, shown, nouns = panel.seen[0].names, panel.seen[0].shown, panel.columns[0].nouns
    below = "" if panel.view == "swipe" else "; below, how many there are"
    words = f" At most {DEEP * block_of(len(shown))} of each {nouns.class_} are shown{below}."
    if len(names) > BROAD and len(shown) == BROAD:
        words += f" These are the {BROAD} most frequent of {len(names)} {nouns.classes}, according to the judge."
    if shown != tuple(range(10)) or nouns != DIGITS:
        words += f" From left to right: {chosen_names(names, shown)}."
    return words
