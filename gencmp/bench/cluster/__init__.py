"""A Ray cluster on this computer: what it adds to a run, what one dispatcher carries, and what happens when a part of it is lost."""

from gencmp.bench.cluster.topic import measure as measure
from gencmp.bench.cluster.topic import say as say
