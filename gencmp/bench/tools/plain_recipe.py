"""The plain recipe, as tutorials write it: what gencmp's training is measured against, and nothing else.

torchvision's MNIST with ToTensor in a DataLoader, F.dropout, Adam with its defaults, no detach in D's phase.
"""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader

from gencmp.data.downloads import torchvision_datasets
from gencmp.data.idx.files import IDX
from gencmp.data.shipped import DATA


class Generator(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc1, self.fc2, self.fc3 = nn.Linear(100, 128), nn.Linear(128, 256), nn.Linear(256, 512)
        self.fc4 = nn.Linear(512, 784)

    def forward(self, z: Tensor) -> Tensor:
        for layer in (self.fc1, self.fc2, self.fc3):
            z = F.dropout(F.leaky_relu(layer(z), 0.2), 0.3, self.training)
        return torch.tanh(self.fc4(z))


class Discriminator(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc1, self.fc2, self.fc3 = nn.Linear(784, 512), nn.Linear(512, 256), nn.Linear(256, 128)
        self.fc4 = nn.Linear(128, 1)

    def forward(self, x: Tensor) -> Tensor:
        for layer in (self.fc1, self.fc2, self.fc3):
            x = F.dropout(F.leaky_relu(layer(x), 0.2), 0.3, self.training)
        logits: Tensor = self.fc4(x)
        return logits


class Vae(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(784, 512), nn.Linear(512, 256)
        self.mean, self.log_var = nn.Linear(256, 2), nn.Linear(256, 2)
        self.fc4, self.fc5, self.fc6 = nn.Linear(2, 256), nn.Linear(256, 512), nn.Linear(512, 784)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        h = F.relu(self.fc2(F.relu(self.fc1(x))))
        mean, log_var = self.mean(h), self.log_var(h)
        z = mean + torch.randn_like(mean) * torch.exp(0.5 * log_var)
        return torch.sigmoid(self.fc6(F.relu(self.fc5(F.relu(self.fc4(z)))))), mean, log_var


def loader(folder: Path, batch: int, shuffle: bool) -> DataLoader[tuple[Tensor, Tensor]]:
    """torchvision's MNIST over the shipped files, unpacked into `folder`."""
    raw = folder / "MNIST" / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    for name in (name for pair in IDX.values() for name in pair):
        if not (raw / name).exists():
            (raw / name).write_bytes(gzip.decompress((DATA / f"{name}.gz").read_bytes()))
    datasets = torchvision_datasets()
    from torchvision import transforms  # only after torchvision_datasets() has made it importable

    return DataLoader(datasets.MNIST(folder, transform=transforms.ToTensor()), batch_size=batch, shuffle=shuffle)


def gan_step() -> Callable[[Tensor], None]:
    """One minibatch of the paper's GAN. Pixels [n, 1, 28, 28] in [0, 1]."""
    g, d = Generator(), Discriminator()
    of_g, of_d = torch.optim.Adam(g.parameters(), 2e-4), torch.optim.Adam(d.parameters(), 2e-4)
    loss = nn.BCEWithLogitsLoss()

    def step(images: Tensor) -> None:
        real, count = images.view(-1, 784) * 2 - 1, len(images)
        of_d.zero_grad()
        fake = g(torch.empty(count, 100).uniform_(-1, 1))
        logits_real, logits_fake = d(real), d(fake)
        loss_d = loss(logits_real, torch.full_like(logits_real, 0.9)) + loss(logits_fake, torch.zeros_like(logits_fake))
        loss_d.backward()
        of_d.step()
        of_g.zero_grad()
        logits = d(g(torch.empty(count, 100).uniform_(-1, 1)))
        loss_g = loss(logits, torch.ones_like(logits))
        loss_g.backward()
        of_g.step()
        loss_d.item(), loss_g.item()

    return step


def vae_step() -> Callable[[Tensor], None]:
    """One minibatch of the paper's VAE. Pixels [n, 1, 28, 28] in [0, 1]."""
    model = Vae()
    optimiser = torch.optim.Adam(model.parameters(), 1e-3)

    def step(images: Tensor) -> None:
        x = images.view(-1, 784)
        optimiser.zero_grad()
        out, mean, log_var = model(x)
        loss = F.binary_cross_entropy(out, x, reduction="sum")
        loss = loss - 0.5 * torch.sum(1 + log_var - mean.pow(2) - log_var.exp())
        loss.backward()
        optimiser.step()
        loss.item()

    return step


# In a process of its own

_step: Callable[[Tensor], None]
_batches: Iterator[Tensor]


def begin(kind: str, folder: Path, batch: int, shuffle: bool, threads: int) -> None:
    """Make ready for `take`."""
    global _step, _batches
    torch.set_num_threads(threads)
    _step, _batches = gan_step() if kind == "gan" else vae_step(), for_ever(loader(folder, batch, shuffle))


def take(steps: int) -> float:
    """Train this many steps; returns seconds a step."""
    return timed(lambda: _step(next(_batches)), steps)


def timed(step: Callable[[], object], steps: int) -> float:
    """Seconds a step."""
    started = time.perf_counter()
    for _ in range(steps):
        step()
    return (time.perf_counter() - started) / max(1, steps)


def for_ever(batches: DataLoader[tuple[Tensor, Tensor]]) -> Iterator[Tensor]:
    """Its images, epoch after epoch."""
    while True:
        for images, _ in batches:
            yield images
