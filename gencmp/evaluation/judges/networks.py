"""The networks of the judges: two architectures with the same parts, so that everything else is the same for both.

`body` turns pixels into 64 features, `head` turns these into a logit for each class. The last layer of the body is a batch
norm without learned scale and shift: every feature has mean 0 and variance 1 over the training pictures, so that none
dominates a distance.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

FEATURES = 64


class Network(nn.Module):
    """Four 3x3 convolutions with batch norm to 5 x 5, then the features. With ten classes: 163,450 weights, 11 MFLOP per
    picture.

    The weights are uninitialised: call `initialise` or load them.
    """

    architecture = "convnet"

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.body = self.layers()
        self.head = nn.utils.skip_init(nn.Linear, FEATURES, classes)

    def layers(self) -> nn.Sequential:
        return nn.Sequential(
            *_convolution(1, 16, padding=1),
            *_convolution(16, 32, padding=1, stride=2),
            *_convolution(32, 64, padding=1),
            nn.MaxPool2d(2),
            *_convolution(64, 64, padding=0),
            nn.Flatten(),
            nn.utils.skip_init(nn.Linear, 64 * 5 * 5, FEATURES, bias=False),
            nn.BatchNorm1d(FEATURES, affine=False),
        )

    def features(self, pixels: Tensor) -> Tensor:
        """Pixels [n, 1, 28, 28] in [0, 1] -> [n, 64], before the ReLU: two-sided, which suits the Gaussian fit of the Fréchet distance."""
        features: Tensor = self.body(pixels)
        return features

    def logits(self, features: Tensor) -> Tensor:
        logits: Tensor = self.head(F.relu(features))
        return logits

    def initialise(self, rng: torch.Generator) -> None:
        """He et al. 2015, drawn from `rng`; biases are 0 and batch norms start as the identity."""
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu", generator=rng)
                if layer.bias is not None:
                    nn.init.zeros_(layer.bias)


class LeNet(Network):
    """After LeCun et al. 1998: two 5x5 convolutions, each followed by max pooling, then the features. With ten classes:
    46,666 weights, 2 MFLOP per picture."""

    architecture = "lenet"

    def layers(self) -> nn.Sequential:
        return nn.Sequential(
            nn.utils.skip_init(nn.Conv2d, 1, 16, 5),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.utils.skip_init(nn.Conv2d, 16, 32, 5),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.utils.skip_init(nn.Linear, 32 * 4 * 4, FEATURES, bias=False),
            nn.BatchNorm1d(FEATURES, affine=False),
        )


def _convolution(inputs: int, outputs: int, padding: int, stride: int = 1) -> tuple[nn.Module, ...]:
    return (
        nn.utils.skip_init(nn.Conv2d, inputs, outputs, 3, stride, padding, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    )


NETWORKS = {kind.architecture: kind for kind in (Network, LeNet)}
