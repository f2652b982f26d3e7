"""Downloads through torchvision's own classes, from a server on this machine with files made here."""

import gzip
import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from conftest import idx

from gencmp.data.downloads import SOURCES, fetch, torchvision_datasets
from gencmp.data.idx.files import IDX
from gencmp.data.load import load
from gencmp.data.pictures import digits_to_test, training_digits
from gencmp.errors import DataError
from gencmp.settings.configs import VaeConfig

PARTS = {"train": 30, "test": 20}


def quiet(words: Any) -> None:
    """Nobody listens."""


class Server(ThreadingHTTPServer):
    """Serves `files` by name; `cut` sends half of the promised bytes, `chunked` breaks off within a chunk."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.fault = ""
        self.url = f"http://127.0.0.1:{self.server_port}/"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        server, name = self.server, self.path[1:]
        server.asked.append(name)
        if name not in server.files or server.fault == "missing":
            self.send_error(404)
            return
        content = server.files[name]
        self.send_response(200)
        self.send_header(
            *(("Transfer-Encoding", "chunked") if server.fault == "chunked" else ("Content-Length", str(len(content))))
        )
        self.end_headers()
        if server.fault == "chunked":
            content = b"fff\r\n" + content[:10]
        self.wfile.write(content[: len(content) // 2] if server.fault == "cut" else content)
        self.close_connection = True

    do_HEAD = do_GET
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server with all three data sets, to which torchvision's classes are pointed."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        for vision in ("FashionMNIST", "KMNIST"):
            resources = [
                publish(server, file, name)
                for part in PARTS
                for file, name in zip(contents(part), IDX[part], strict=True)
            ]
            monkeypatch.setattr(getattr(torchvision_datasets(), vision), "resources", resources)
            monkeypatch.setattr(getattr(torchvision_datasets(), vision), "mirrors", [server.url])
        qmnist = {
            part: [publish(server, content, name, server.url) for content, name in qmnist_files(part)] for part in PARTS
        }
        monkeypatch.setattr(torchvision_datasets().QMNIST, "resources", qmnist)
        yield server
        server.shutdown()
        thread.join()


def contents(part: Any) -> Any:
    """Pictures whose every pixel is the picture's number, labelled by its last digit."""
    numbers = torch.arange(PARTS[part])
    return idx(numbers.view(-1, 1, 1).expand(-1, 28, 28)), idx(numbers % 10)


def qmnist_files(part: Any) -> Any:
    """QMNIST labels a picture with eight whole numbers, the class first."""
    images, labels = contents(part)
    eight = b"".join(bytes((0, 0, 0, label)) + b"\0\0\0\x63" * 7 for label in labels[8:])
    return (images, f"qmnist-{part}-images-idx3-ubyte"), (
        bytes((0, 0, 12, 2)) + labels[4:8] + bytes((0, 0, 0, 8)) + eight,
        f"qmnist-{part}-labels-idx2-int",
    )


def publish(server: Any, content: Any, name: Any, url: str = "") -> Any:
    """Put the file on the server; returns torchvision's pair of address and MD5."""
    server.files[f"{name}.gz"] = gzip.compress(content, mtime=0)
    return f"{url}{name}.gz", hashlib.md5(server.files[f"{name}.gz"], usedforsecurity=False).hexdigest()


@pytest.mark.parametrize("name", SOURCES)
def test_a_relative_of_mnist_is_fetched_and_kept(server: Server, tmp_path: Path, name: Any) -> None:
    for fault in ("", "missing"):  # the second time nothing is asked of the server
        server.fault = fault
        (train, train_labels), (test, _) = fetch(name, tmp_path, quiet)
        assert train.shape == (30, 784) and test.shape == (20, 784) and train.dtype == torch.uint8
        assert train[:, 5].tolist() == list(range(30))
        assert train_labels.tolist() == [n % 10 for n in range(30)] and train_labels.dtype == torch.uint8
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_load_keeps_downloads_under_the_users_home(server: Server, tmp_path: Path) -> None:
    digits = load(VaeConfig(dataset="fashion-mnist", classes=(3,)))
    assert (len(digits.train), len(digits.test), digits.name) == (3, 2, "fashion-mnist")
    assert (tmp_path / "home" / "data" / "fashion-mnist").is_dir()


@pytest.mark.parametrize("name", SOURCES)
def test_what_was_downloaded_is_read_without_torch_as_torch_reads_it(server: Server, name: Any) -> None:
    digits_to_test.cache_clear()
    with pytest.raises(DataError, match=f"{name} is not on this computer. Train a model on it"):
        digits_to_test(name)
    digits = load(VaeConfig(dataset=name, classes=(3, 8), limit=4))
    for split, (images, labels) in (
        (digits.test, digits_to_test(name, (3, 8))),
        (digits.train, training_digits(name, (3, 8), 4)),
    ):
        assert np.array_equal(images, split.images.numpy()) and np.array_equal(labels, split.labels.numpy())
        assert labels.dtype == np.uint8


@pytest.mark.parametrize("fault", ["cut", "missing", "chunked"])
@pytest.mark.parametrize("name", SOURCES)
def test_a_failed_download_is_told_and_leaves_nothing_behind(
    server: Server, tmp_path: Path, name: Any, fault: str
) -> None:
    server.fault = fault
    with pytest.raises(
        DataError, match=rf"^{SOURCES[name][1]} cannot be downloaded: .*\. Connect to the network .* choose MNIST"
    ):
        fetch(name, tmp_path, quiet)
    assert list(tmp_path.iterdir()) == []
    server.fault = ""
    assert len(fetch(name, tmp_path, quiet)[0][0]) == 30


def test_a_file_with_another_md5_is_not_taken(server: Server, tmp_path: Path) -> None:
    server.files["t10k-labels-idx1-ubyte.gz"] = gzip.compress(b"something else")
    with pytest.raises(DataError, match="Kuzushiji-MNIST cannot be downloaded"):
        fetch("kmnist", tmp_path, quiet)
    assert list(tmp_path.iterdir()) == []


def test_no_server_at_all(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torchvision_datasets().KMNIST, "mirrors", ["http://127.0.0.1:9/"])
    with pytest.raises(DataError, match="cannot be downloaded: its server cannot be reached") as raised:
        fetch("kmnist", tmp_path, quiet)
    assert len(str(raised.value)) < 400 and "\n" not in str(raised.value)


def test_what_was_damaged_later_is_told(server: Server, tmp_path: Path) -> None:
    fetch("fashion-mnist", tmp_path, quiet)
    images = tmp_path / "fashion-mnist" / "FashionMNIST" / "raw" / IDX["train"][0]
    for content in (images.read_bytes()[:-5], b""):
        images.write_bytes(content)
        with pytest.raises(DataError, match=r"Fashion-MNIST in .* cannot be read .* Delete that folder"):
            fetch("fashion-mnist", tmp_path, quiet)


def test_a_long_download_says_how_far_it_is(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    real = Handler.do_GET

    def slow(handler: Any) -> None:
        if "labels" in handler.path:
            threading.Event().wait(0.3)
        real(handler)

    monkeypatch.setattr(Handler, "do_GET", slow)
    monkeypatch.setattr(Handler, "do_HEAD", slow)
    fetch("kmnist", tmp_path, said.append)
    assert said and set(said) == {"Downloading Kuzushiji-MNIST: 0 of 21 MB"}


def test_torchvision_says_nothing_to_the_terminal(
    server: Server, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    fetch("kmnist", tmp_path, quiet)
    assert capfd.readouterr() == ("", "")
