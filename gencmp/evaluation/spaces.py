"""Spaces in which pictures are compared: the features of each judge, and two that no network has learnt."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from torch import Tensor

from gencmp.evaluation.judges.judge import Judge, Judged
from gencmp.evaluation.judges.networks import FEATURES
from gencmp.evaluation.judges.panel import label_of
from gencmp.evaluation.measuring.distances import BlockMoments, block_moments, principal_components
from gencmp.evaluation.measuring.hog import hog
from gencmp.evaluation.measuring.neighbours import Lists, near, nearest
from gencmp.progress import Progress, no_progress

NEAR = 0.999  # of real pictures; noise is farther away than any of them


def are_near(away: Tensor, apart: Tensor, share: float = NEAR) -> Tensor:
    """Where a picture is as near to a real one as this share of the real ones are to one another, bool [n].

    A classifier is sure of what it has never seen, too: of uniform noise each of ours says "8" with a confidence of 1.000.
    """
    return away <= apart.quantile(share)


@dataclass(frozen=True)
class View:
    """A set of pictures in one space: features [n, d], and what the judge says of them where the space is a judge's."""

    features: Tensor
    judged: Judged | None = None


@dataclass(frozen=True)
class Space:
    """One space, with the real pictures in it; each of its parts is computed once, on first use.

    name: as in judges/panel.py. test, train: pictures, uint8 [n, 784]. judge: None for pixels and HOG.
    """

    name: str
    test: Tensor
    train: Tensor
    judge: Judge | None = None

    @property
    def label(self) -> str:
        return label_of(self.name)

    def view(self, images: Tensor, progress: Progress = no_progress) -> View:
        """Any pictures, uint8 [n, 784], in this space."""
        if self.judge:
            judged = self.judge(images, progress)
            return View(judged.features, judged)
        return View(hog(images) if self.name == "hog" else images.float().div_(255))

    @cached_property
    def real(self) -> View:
        """The test pictures."""
        return self.view(self.test)

    @cached_property
    def components(self) -> Tensor | None:
        """The leading principal components of the test pictures, [d, 64]; None where the space has no more dimensions than that."""
        features = self.real.features
        return principal_components(features, FEATURES) if features.shape[1] > FEATURES else None

    def moments_of(self, features: Tensor) -> BlockMoments:
        """For the Fréchet distance, in 64 dimensions at most: of more, a few thousand pictures say too little."""
        return block_moments(features if self.components is None else features @ self.components)

    @cached_property
    def moments(self) -> BlockMoments:
        return self.moments_of(self.real.features)

    @cached_property
    def lists(self) -> Lists:
        """The nearest neighbours of the test pictures among themselves."""
        return near(self.real.features)

    @property
    def apart(self) -> Tensor:
        """How far each test picture is from the nearest other one, [n]."""
        return self.lists.nth(1).sqrt()

    def away(self, features: Tensor) -> Tensor:
        """How far each picture is from the nearest test picture, [n]."""
        return nearest(features, self.real.features)[0][:, 0]

    def pool(self, progress: Progress = no_progress) -> Tensor:
        """Features of the training pictures, [n, d]; of all 60,000 some seconds the first time."""
        if "cached_pool" not in self.__dict__:
            self.__dict__["cached_pool"] = self.view(self.train, progress).features
        features: Tensor = self.__dict__["cached_pool"]
        return features
