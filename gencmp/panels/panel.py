"""A panel for a slide or a report: columns of pictures, their curves, a title, a caption, and where all of it comes from.

The same columns, order and words give the same panel, whether the page or the command line asks.
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
WORDS_AT_MOST = 400  # letters of a title or caption
MIDDLE = 50.0  # per cent: where the knife of a swipe begins


@dataclass(frozen=True)
class Panel:
    """What is shown: columns with what is known of their pictures, in an order, as an evolution or as a swipe of two."""

    columns: tuple[Column, ...]
    seen: tuple[Opinions, ...]
    critic: Critic | None
    order: str
    view: str
    at: float  # per cent: where a swipe's knife is
    title: str = ""
    caption: str = ""

    @property
    def words(self) -> str:
        """All that a user may have written in it."""
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
    """names: as compare.column_of reads them; a swipe takes the first two, and of one column is a grid. at: where its knife
    is, per cent of the width. Raises CompareError, RunNotFound, SnapshotError.
    """  # fmt: skip
    if order not in ORDERS or view not in VIEWS:
        raise CompareError(
            f"Found order {order!r} and view {view!r}, wanted one of {', '.join(ORDERS)} and of {', '.join(VIEWS)}."
        )
    if not 0 <= at <= 100:
        raise CompareError(f"Found the knife at {at}, wanted 0 to 100 per cent of the width.")
    columns = columns_of(catalog, names)
    if view == "swipe":
        columns, view = columns[:2], "swipe" if len(columns) > 1 else "grid"
    critic = critic_of(columns, catalog)
    seen = opinions_on(columns, critic)
    panel = Panel(tuple(columns), seen, critic, usable(seen, order), view, round(at, 1))
    words = clean(caption) or _caption(panel)
    if order != panel.order and not caption:
        how = order_words(order, columns[0].nouns).split(",")[0]
        words += f" They cannot be ordered {how}: nobody can tell for all of them."
    return replace(panel, title=(clean(title) or TITLE)[:WORDS_AT_MOST], caption=words[:WORDS_AT_MOST])


def _caption(panel: Panel) -> str:
    if panel.view == "evolution":
        return "The same pictures after more and more epochs: each row is an epoch, each place across keeps its seed."
    counts = sorted({len(column.images) for column in panel.columns})
    words = f"{' to '.join(map(str, counts[:1] + counts[1:][-1:]))} pictures each, {order_words(panel.order, panel.columns[0].nouns)}."
    if panel.view == "swipe":
        words += " They lie over each other: left of the line the first is seen, right of it the second."
    if panel.order == "digit":
        words += _by_class_words(panel)
    if panel.order == "d" and panel.critic:
        words += f" D is that of {panel.critic.name} after epoch {panel.critic.epoch}."
    if panel.order == "seed":
        words += " Each model's places keep their seeds from epoch to epoch; nothing was picked out."
    return words


def _by_class_words(panel: Panel) -> str:
    """What the columns of classes are, where that is not plain, and how much of them is shown."""
    names, shown, nouns = panel.seen[0].names, panel.seen[0].shown, panel.columns[0].nouns
    below = "" if panel.view == "swipe" else "; the numbers below count all"
    words = f" Of each {nouns.class_} at most {DEEP * block_of(len(shown))} are shown{below}."
    if len(names) > BROAD and len(shown) == BROAD:
        words += f" Of {len(names)} {nouns.classes} these are the {BROAD} that the judge sees most."
    if shown != tuple(range(10)) or nouns != DIGITS:
        words += f" From left to right: {chosen_names(names, shown)}."
    return words
