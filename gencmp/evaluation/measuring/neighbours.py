"""Measures of who lies near whom, and their standard errors over both sets.

Precision, recall, density, coverage and the two-sample test depend on the real pictures as much as on the generated ones:
one real outlier, with a wide neighbourhood, can hold many generated pictures. So both sets are resampled, as random halves
without replacement. (An ordinary bootstrap draws a picture twice, and the copy would be its own nearest neighbour.)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor

from gencmp.evaluation.criteria import HALVES
from gencmp.evaluation.measuring.distances import blocks

NEIGHBOURS = 5  # Naeem et al. 2020, section 5
REACH = 32  # neighbours that are listed: of these, 5 are in a random half, but for one picture in a hundred thousand
MOST_PAIRS = 20_000_000  # 320 MB, thrice that while they are sorted; more only where one set lies inside every neighbourhood of the other


@dataclass(frozen=True)
class Lists:
    """The nearest others within a set, ascending. squares: squared distances, float32 [n, k]. rows: int64 [n, k]."""

    squares: Tensor
    rows: Tensor

    def nth(self, number: int) -> Tensor:
        """Squared distances to the `number`th nearest, [n]."""
        return self.squares[:, min(number, self.squares.shape[1]) - 1]

    def places_of(self, kept: Tensor, *numbers: int) -> list[Tensor]:
        """The columns that list the `number`th nearest of the kept pictures only, bool [n], for each of the numbers; [n]."""
        found = _at(kept.to(torch.int8), self.columns).view(-1, len(kept)).cumsum(0, dtype=torch.int8)
        return [(found < number).sum(0).clamp_max_(len(found) - 1) for number in numbers]

    @cached_property
    def columns(self) -> Tensor:
        """The rows, column by column: so that a step from column to column is one for all pictures at once. [k * n]"""
        return self.rows.T.flatten()


def near(points: Tensor, k: int = REACH) -> Lists:
    """The k nearest others of each point of a set [n, d]; n - 1 where there are fewer."""
    k = min(k, len(points) - 1)
    squares, rows = torch.empty(len(points), k), torch.empty(len(points), k, dtype=torch.int64)
    for some, away in blocks(points, points):
        away[torch.arange(len(away)), torch.arange(len(points))[some]] = torch.inf  # a point is not its own neighbour
        squares[some], rows[some] = away.topk(k, largest=False)
    return Lists(squares, rows)


def nearest(
    points: Tensor, pool: Tensor, k: int = 1, progress: Callable[[float], None] = lambda share: None
) -> tuple[Tensor, Tensor]:
    """Distances [n, k], ascending, from each point to its k nearest in the pool, and their rows there, int64 [n, k]."""
    distances, indices = torch.empty(len(points), k), torch.empty(len(points), k, dtype=torch.int64)
    for rows, squares in blocks(points, pool):
        found = squares.topk(k, largest=False)
        distances[rows], indices[rows] = found.values.sqrt(), found.indices
        progress(min(1.0, rows.stop / len(points)))
    return distances, indices


def copies(distances: Tensor) -> Tensor:
    """1 where a picture is a copy: less than half as far from its nearest neighbour as from the next ones on average
    (after Carlini et al. 2023, section 5.1). Distances [n, k] as `nearest` gives them; 0 or 1, [n]."""
    return (distances[:, 0] < distances[:, 1:].mean(1) / 2).float()


@dataclass(frozen=True)
class Overlap:
    """How two sets overlap. precision, recall, coverage: shares. density can exceed 1. two_sample: 1/2 for sets from the
    same distribution and 1 for separate ones."""

    precision: float
    recall: float
    density: float
    coverage: float
    two_sample: float


OVERLAPS = tuple(Overlap.__annotations__)


def overlap(real: Tensor, fake: Tensor, k: int = NEIGHBOURS, real_lists: Lists | None = None) -> Overlap:
    """Precision and recall (Kynkäänniemi et al. 2019), density and coverage (Naeem et al. 2020), and the
    1-nearest-neighbour two-sample test (Lopez-Paz & Oquab 2017), all in one pass over the pairs.

    real, fake: sets [n, d].   real_lists: near(real), if already computed.
    """
    return _overlap(real, fake, real_lists or near(real, k), near(fake, k), k)


def _overlap(real: Tensor, fake: Tensor, real_lists: Lists, fake_lists: Lists, k: int) -> Overlap:
    radii_real, radii_fake = real_lists.nth(k), fake_lists.nth(k)
    hits, from_fake = torch.empty(2, len(fake))
    from_real = torch.full((len(real),), torch.inf)
    recalled = torch.zeros(len(real), dtype=torch.bool)
    for rows, squares in blocks(fake, real):
        hits[rows] = (squares < radii_real).sum(1).float()
        recalled |= (squares < radii_fake[rows, None]).any(0)
        from_fake[rows] = squares.amin(1)
        from_real = torch.minimum(from_real, squares.amin(0))
    same = torch.cat((real_lists.nth(1) < from_real, fake_lists.nth(1) < from_fake))
    shares = (hits > 0, recalled, hits.double() / k, from_real < radii_real, same)
    return Overlap(*(float(each.double().mean()) for each in shares))


def overlap_with_errors(
    real: Tensor, fake: Tensor, rng: torch.Generator, real_lists: Lists | None = None
) -> tuple[Overlap, Overlap]:
    """The five measures and their standard errors over both sets."""
    real_lists, fake_lists = real_lists or near(real), near(fake)
    close = close_pairs(real, fake, real_lists, fake_lists)
    if close.share < 1:
        return _overlap(real, fake, real_lists, fake_lists, NEIGHBOURS), close.errors(rng)
    all_real, all_fake = (torch.ones(len(each), dtype=torch.bool) for each in (real, fake))
    return close.overlap(all_real, all_fake), close.errors(rng)


@dataclass(frozen=True)
class Pairs:
    """Pictures of the two sets that are close: in the order of their owners, in whose reach the others lie, and those of one owner
    from near to far.

    keys: owners and squares, see `_keys`; int64 [pairs]. other: rows, int64 [pairs].
    starts: where an owner's pairs begin, [n]. nearer, within: where those end that are nearer than the owner's neighbour in each
        column of its list, or no farther; int64 [n, k].
    """

    keys: Tensor
    other: Tensor
    starts: Tensor
    nearer: Tensor
    within: Tensor

    @staticmethod
    def of(lists: Lists, parts: list[tuple[Tensor, Tensor]]) -> Pairs:
        """From (keys, others) in any order. lists: of the owners."""
        keys, other = (torch.cat(columns) for columns in zip(*parts, strict=True))
        parts.clear()  # they are as large as all that comes
        keys, order = keys.sort()
        owners = torch.arange(len(lists.squares))
        wanted = _keys(owners[:, None], lists.squares)
        nearer, within = (torch.searchsorted(keys, wanted, right=right) for right in (False, True))
        starts = torch.searchsorted(keys, _keys(owners, torch.zeros(len(owners))))
        return Pairs(keys, _at(other, order), starts, nearer, within)

    @property
    def owner(self) -> Tensor:
        """Rows, int64 [pairs]."""
        return self.keys >> 32

    @property
    def squares(self) -> Tensor:
        """Squared distances, float32 [pairs]."""
        return self.keys.to(torch.int32).view(torch.float32)

    def inside(self, lists: Lists, kept_owner: Tensor, kept_other: Tensor, k: int) -> Inside:
        """Who is among the kept pictures, bool, as close as the owner's nearest kept ones. lists: of the owners."""
        kth, first = lists.places_of(kept_owner, k, 1)
        hits, mixed = (
            self._until(ends.gather(1, place[:, None])[:, 0], kept_owner, kept_other)
            for ends, place in ((self.nearer, kth), (self.within, first))
        )
        return Inside(_at(self.keys, hits) >> 32, _at(self.other, hits), _at(self.keys, mixed) >> 32)

    def _until(self, ends: Tensor, kept_owner: Tensor, kept_other: Tensor) -> Tensor:
        """The kept pairs of each kept owner up to its end: of millions of pairs, only these are looked at."""
        counts = (ends - self.starts) * kept_owner
        skipped = self.starts - counts.cumsum(0) + counts  # how far an owner's pairs lie from where they are listed
        pairs = torch.arange(int(counts.sum())).add_(skipped.repeat_interleave(counts))
        return pairs[_at(kept_other, _at(self.other, pairs))]


def _keys(rows: Tensor, squares: Tensor) -> Tensor:
    """Numbers in the order of the rows, and within a row of the squares: the row's 32 bits, then the square's. Squares are float32 and
    not negative, so that their bits are in their order. int64."""
    return (rows << 32) + squares.contiguous().view(torch.int32)


@dataclass(frozen=True)
class Inside:
    """owner, other: pairs that are closer than the owner's kth nearest kept picture of its own set. mixed: owners of which a picture
    of the other set is no farther than the nearest of its own. Rows, int64."""

    owner: Tensor
    other: Tensor
    mixed: Tensor


@dataclass(frozen=True)
class Closeness:
    """All that the five measures need to know of two sets, and of any parts of them.

    of_real: pairs in which the generated picture is at most as far as the real one's last listed neighbour; of_fake: the
    same the other way round. share: of the pictures that are in here, see `close_pairs`.
    """

    real: Lists
    fake: Lists
    of_real: Pairs
    of_fake: Pairs
    share: float = 1.0

    def overlap(self, kept_real: Tensor, kept_fake: Tensor, k: int = NEIGHBOURS) -> Overlap:
        """`overlap` of the kept pictures only, bool [n]."""
        hits = self.of_real.inside(self.real, kept_real, kept_fake, k)
        recalled = self.of_fake.inside(self.fake, kept_fake, kept_real, k)
        reals, fakes = int(kept_real.sum()), int(kept_fake.sum())
        mixed = _distinct(hits.mixed, len(kept_real)) + _distinct(recalled.mixed, len(kept_fake))
        return Overlap(
            _distinct(hits.other, len(kept_fake)) / fakes,
            _distinct(recalled.other, len(kept_real)) / reals,
            len(hits.other) / (k * fakes),
            _distinct(hits.owner, len(kept_real)) / reals,
            1 - mixed / (reals + fakes),
        )

    def errors(self, rng: torch.Generator, halves: int = HALVES) -> Overlap:
        """The standard error of each measure, by random halves of both sets (delete-half jackknife: Shao & Wu 1989).

        A half without replacement varies around the whole as the whole varies around the truth: half the pictures have
        twice the variance, and half of that is common to the half and the whole.
        """
        found = [self.overlap(_half(len(self.real.rows), rng), _half(len(self.fake.rows), rng)) for _ in range(halves)]
        columns = (torch.tensor([getattr(each, name) for each in found], dtype=torch.float64) for name in OVERLAPS)
        return Overlap(*(float(column.std()) * self.share**0.5 for column in columns))


def close_pairs(real: Tensor, fake: Tensor, real_lists: Lists, fake_lists: Lists) -> Closeness:
    """The pairs of two sets that are close enough to matter to any half of them.

    Where one set lies inside most neighbourhoods of the other, nearly all pairs would: then only the first half of each
    set is taken, and of that the first half, until they fit into memory.
    """
    reach_real, reach_fake = real_lists.squares[:, -1], fake_lists.squares[:, -1]
    of_real: list[tuple[Tensor, Tensor]] = []
    of_fake: list[tuple[Tensor, Tensor]] = []
    total = 0
    for rows, squares in blocks(fake, real):
        fakes, reals, near_real = _cells(squares, squares <= reach_real)
        of_real.append((_keys(reals, near_real), fakes + rows.start))
        fakes, reals, near_fake = _cells(squares, squares <= reach_fake[rows, None])
        of_fake.append((_keys(fakes + rows.start, near_fake), reals))
        total += len(near_real) + len(near_fake)
        if total > MOST_PAIRS:
            some_real, some_fake = real[: len(real) // 2], fake[: len(fake) // 2]
            part = close_pairs(some_real, some_fake, near(some_real), near(some_fake))
            return replace(part, share=part.share / 2)
    return Closeness(real_lists, fake_lists, Pairs.of(real_lists, of_real), Pairs.of(fake_lists, of_fake))


def _cells(squares: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Row, column and value of each wanted cell; counted through all rows, which is faster than by row and column."""
    cells = wanted.flatten().nonzero()[:, 0]
    rows = cells.div(squares.shape[1], rounding_mode="floor")
    return rows, cells - rows * squares.shape[1], _at(squares.flatten(), cells)


def _at(values: Tensor, rows: Tensor) -> Tensor:
    """values[rows], of one dimension; several times as fast."""
    return values.index_select(0, rows)


def _half(count: int, rng: torch.Generator) -> Tensor:
    kept = torch.zeros(count, dtype=torch.bool)
    kept[torch.randperm(count, generator=rng)[: count // 2]] = True
    return kept


def _distinct(rows: Tensor, count: int) -> int:
    seen = torch.zeros(count, dtype=torch.bool)
    seen[rows] = True
    return int(seen.sum())
