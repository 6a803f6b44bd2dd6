"""Data sets: what is built in, what is read, and what happens when a download goes wrong."""

import gzip
import hashlib
import http.server
import io
import pickle
import struct
import tarfile
import threading

import numpy as np
import pytest

from course_utils import datasets
from course_utils.datasets import DataError, colour_shapes, digits


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    return tmp_path


# What is built in


def test_digits_are_floats_in_three_parts_that_share_no_image():
    data = digits()
    assert data.train_x.shape == (1077, 1, 8, 8) and data.train_x.dtype == np.float32
    assert len(data.validation_x) == len(data.test_x) == 360
    everything = np.concatenate([data.train_x, data.validation_x, data.test_x])
    assert everything.min() == 0 and everything.max() == 1
    from sklearn.datasets import load_digits

    def fingerprint(x):
        return sorted(row.tobytes() for row in np.round(x.reshape(len(x), -1) * 16).astype(int))

    assert fingerprint(everything) == fingerprint(load_digits().data / 16)


def test_digits_are_stratified_and_fixed_by_the_seed():
    data = digits()
    shares = [np.bincount(y) / len(y) for y in (data.train_y, data.validation_y, data.test_y)]
    assert np.ptp(shares, axis=0).max() < 0.005
    assert np.array_equal(data.test_y, digits().test_y)
    assert not np.array_equal(data.test_x, digits(seed=1).test_x)


def test_flat_digits_are_rows_over_the_same_memory():
    data = digits()
    assert data.flat().train_x.shape == (1077, 64)
    assert np.shares_memory(data.flat().test_x, data.test_x)


def test_a_split_that_leaves_nothing_is_refused():
    with pytest.raises(ValueError, match="leave 10 for training"):
        digits(validation=1000, test=795)


def test_colour_shapes_are_seeded_balanced_and_grow_without_changing():
    images, labels = colour_shapes(60, seed=3)
    assert images.shape == (60, 32, 32, 3) and images.dtype == np.uint8
    assert labels.dtype == np.int64 and np.bincount(labels).tolist() == [6] * 10
    fewer, fewer_labels = colour_shapes(25, seed=3)
    assert np.array_equal(fewer, images[:25]) and np.array_equal(fewer_labels, labels[:25])
    assert not np.array_equal(colour_shapes(60, seed=4)[0], images)


def test_colour_shapes_leave_global_random_state_alone():
    np.random.seed(0)
    expected = np.random.RandomState(0).rand()
    colour_shapes(10)
    assert np.random.rand() == expected


def test_colour_alone_does_not_tell_the_shape():
    # A nearest-mean classifier on the mean colour stays near one in ten.
    x, y = colour_shapes(1000, seed=0)
    test_x, test_y = colour_shapes(500, seed=1)
    means = np.stack([x[y == c].mean((0, 1, 2)) for c in range(10)])
    distance = ((test_x.mean((1, 2))[:, None] - means) ** 2).sum(-1)
    assert (distance.argmin(1) == test_y).mean() < 0.2


@pytest.mark.parametrize("wrong", [{"n": 0}, {"n": 5, "difficulty": 1.5}, {"n": 5, "size": 4}])
def test_colour_shapes_refuse_what_cannot_be_drawn(wrong):
    with pytest.raises(ValueError, match="you (asked for|gave)"):
        colour_shapes(**wrong)


def test_to_nchw_moves_channels_and_scales():
    image = np.arange(24, dtype=np.uint8).reshape(1, 2, 4, 3) * 10
    floats = datasets.to_nchw(image)
    assert floats.shape == (1, 3, 2, 4) and floats.dtype == np.float32
    assert floats[0, 2, 1, 3] == np.float32(230 / 255)
    with pytest.raises(ValueError, match="uint8 images"):
        datasets.to_nchw(image / 255)


# Subsets as npz


def _subset(path, **changes):
    arrays = {
        "train_x": np.zeros((30, 32, 32, 3), np.uint8), "train_y": np.arange(30) % 10,
        "test_x": np.ones((10, 32, 32, 3), np.uint8), "test_y": np.arange(10),
    }  # fmt: skip
    arrays.update(changes)
    np.savez(path, **{key: value for key, value in arrays.items() if value is not None})


def test_a_subset_is_read_and_split(folder):
    _subset(folder / "cifar10_small.npz")
    data = datasets.cifar10(validation=1 / 3)
    assert np.bincount(data.validation_y).tolist() == [1] * 10
    assert len(data.train_x) == 20 and len(data.test_x) == 10
    assert data.train_y.dtype == np.int64 and data.classes[3] == "cat"


@pytest.mark.parametrize(
    "changes, said",
    [
        ({"test_x": None}, "has no test_x"),
        ({"train_x": np.zeros((0, 32, 32, 3), np.uint8)}, "no training images: the array is empty"),
        ({"train_x": np.zeros((30, 32, 32, 3))}, "float64"),
        ({"train_x": np.zeros((30, 3, 32, 32), np.uint8)}, r"\(30, 3, 32, 32\)"),
        ({"test_y": np.arange(10) + 5}, "labels run from 5 to 14"),
    ],
)
def test_a_wrong_subset_is_one_sentence(folder, changes, said):
    _subset(folder / "cifar10_small.npz", **changes)
    with pytest.raises(DataError, match=said):
        datasets.cifar10()


def test_a_damaged_subset_is_one_sentence_and_a_state(folder):
    _subset(folder / "cifar10_small.npz")
    whole = (folder / "cifar10_small.npz").read_bytes()
    (folder / "cifar10_small.npz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match="cifar10_small.npz is damaged"):
        datasets.cifar10()
    assert _state("cifar10").startswith("damaged")


def _state(name):
    return next(entry.state for entry in datasets.available() if entry.name == name)


def test_real_cifar10_and_mnist_subsets(monkeypatch, shared_data):
    monkeypatch.setenv("COURSE_DATA", str(shared_data))
    cifar = datasets.cifar10()
    assert cifar.train_x.shape == (3600, 32, 32, 3) and len(cifar.validation_x) == 400
    assert "4,000 training" in _state("cifar10")
    mnist = datasets.mnist(validation=0)
    assert mnist.train_x.shape == (10000, 28, 28, 1) and len(mnist.validation_x) == 0


# Downloads, from a server on this machine that serves small stand-ins for the official files


class _Server(http.server.ThreadingHTTPServer):
    """Serves `files`; sends at most `break_after` bytes of a body; `ranges` off ignores Range."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files, self.break_after, self.ranges, self.asked = {}, None, True, []
        self.url = f"http://127.0.0.1:{self.server_port}/"


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        server = self.server
        asked = self.headers.get("Range")
        server.asked.append((self.path.lstrip("/"), asked))
        body = server.files.get(self.path.lstrip("/"))
        if body is None:
            self.send_error(404)
            return
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and server.ranges else 0
        if start >= len(body):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        self.wfile.write(body[start:][: server.break_after])

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    server = _Server()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def _md5(data):
    return hashlib.md5(data).hexdigest()


@pytest.fixture
def small_cifar(server, monkeypatch):
    """torchvision's CIFAR10 class pointed at an archive of six batches of 20 images."""
    from course_utils.vision import import_torchvision

    import_torchvision()
    from torchvision.datasets import CIFAR10

    rng, out, sums = np.random.default_rng(0), io.BytesIO(), {}
    with tarfile.open(fileobj=out, mode="w:gz") as tar:

        def add(name, content):
            packed = pickle.dumps(content)
            sums[name] = _md5(packed)
            info = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            info.size = len(packed)
            tar.addfile(info, io.BytesIO(packed))

        for name in [f"data_batch_{i}" for i in range(1, 6)] + ["test_batch"]:
            pixels = rng.integers(0, 256, (20, 3072), dtype=np.uint8)
            add(name, {"data": pixels, "labels": [i % 10 for i in range(20)]})
        add("batches.meta", {"label_names": list(datasets.CIFAR10_CLASSES)})
    archive = out.getvalue()
    server.files[CIFAR10.filename] = archive
    monkeypatch.setattr(CIFAR10, "url", server.url + CIFAR10.filename)
    monkeypatch.setattr(CIFAR10, "tgz_md5", _md5(archive))
    batches = [[f"data_batch_{i}", sums[f"data_batch_{i}"]] for i in range(1, 6)]
    monkeypatch.setattr(CIFAR10, "train_list", batches)
    monkeypatch.setattr(CIFAR10, "test_list", [["test_batch", sums["test_batch"]]])
    monkeypatch.setattr(CIFAR10, "meta", {**CIFAR10.meta, "md5": sums["batches.meta"]})
    return CIFAR10.filename


@pytest.fixture
def small_mnist(server, monkeypatch):
    from course_utils.vision import import_torchvision

    import_torchvision()
    from torchvision.datasets import MNIST

    resources = []
    for prefix, n in (("train", 40), ("t10k", 10)):
        images = struct.pack(">IIII", 0x803, n, 28, 28) + bytes(n * 784)
        labels = struct.pack(">II", 0x801, n) + bytes(i % 10 for i in range(n))
        for name, body in ((f"{prefix}-images-idx3-ubyte.gz", images),
                           (f"{prefix}-labels-idx1-ubyte.gz", labels)):  # fmt: skip
            server.files[name] = gzip.compress(body, mtime=0)
            resources.append((name, _md5(server.files[name])))
    monkeypatch.setattr(MNIST, "resources", resources)
    monkeypatch.setattr(MNIST, "mirrors", [server.url + "gone/", server.url])


def test_cifar10_is_fetched_verified_and_then_read_from_disk(folder, server, small_cifar):
    data = datasets.cifar10(progress=False)
    assert data.train_x.shape == (90, 32, 32, 3) and data.test_x.shape == (20, 32, 32, 3)
    assert _state("cifar10") == "ready"
    requests = len(server.asked)
    datasets.cifar10()
    datasets.fetch("cifar10")
    assert len(server.asked) == requests


def test_a_broken_download_is_kept_and_goes_on_where_it_stopped(folder, server, small_cifar):
    server.break_after = 5000
    with pytest.raises(DataError, match="broke after 0.0 MB .* goes on from there"):
        datasets.fetch("cifar10", progress=False)
    assert (folder / f"{small_cifar}.part").stat().st_size == 5000
    assert _state("cifar10").startswith("partly fetched")
    server.break_after = None
    datasets.fetch("cifar10", progress=False)
    assert server.asked[-1] == (small_cifar, "bytes=5000-")
    assert _state("cifar10") == "ready"


def test_a_server_without_ranges_sends_everything_again(folder, server, small_cifar):
    (folder / f"{small_cifar}.part").write_bytes(b"left over")
    server.ranges = False
    datasets.fetch("cifar10", progress=False)
    assert _state("cifar10") == "ready"


def test_a_part_that_is_already_whole_is_accepted(folder, server, small_cifar):
    (folder / f"{small_cifar}.part").write_bytes(server.files[small_cifar])
    datasets.fetch("cifar10", progress=False)
    assert _state("cifar10") == "ready"


def test_damage_on_the_way_is_put_aside_and_the_next_try_starts_anew(folder, server, small_cifar):
    whole = server.files[small_cifar]
    server.files[small_cifar] = whole[:-4] + b"oops"
    with pytest.raises(DataError, match="arrived damaged .* fetch it again"):
        datasets.fetch("cifar10", progress=False)
    assert (folder / f"{small_cifar}.corrupt").read_bytes().endswith(b"oops")
    server.files[small_cifar] = whole
    datasets.fetch("cifar10", progress=False)
    assert _state("cifar10") == "ready"


@pytest.mark.parametrize("file", ["data_batch_3", "batches.meta"])
def test_a_damaged_or_missing_file_is_named_and_put_right(folder, server, small_cifar, file):
    datasets.fetch("cifar10", progress=False)
    requests = len(server.asked)
    path = folder / "cifar-10-batches-py" / file
    path.write_bytes(b"not a batch")
    with pytest.raises(DataError, match="cifar10 is damaged .* `course data cifar10`"):
        datasets.cifar10()
    path.unlink()
    assert _state("cifar10").startswith("not complete")
    datasets.fetch("cifar10", progress=False)
    assert _state("cifar10") == "ready"
    assert len(server.asked) == requests  # the archive on disk was whole


def test_mnist_comes_from_the_first_mirror_that_answers(folder, server, small_mnist):
    data = datasets.mnist(progress=False)
    assert data.train_x.shape == (36, 28, 28, 1) and data.test_y.tolist() == list(range(10))
    assert _state("mnist") == "ready"


def test_an_mnist_file_cut_short_is_seen_and_put_right(folder, server, small_mnist):
    datasets.fetch("mnist", progress=False)
    path = folder / "MNIST" / "raw" / "train-images-idx3-ubyte"
    path.write_bytes(path.read_bytes()[:-1])
    assert "cut short" in _state("mnist")
    with pytest.raises(DataError, match="cut short"):
        datasets.mnist()
    datasets.fetch("mnist", progress=False)
    assert _state("mnist") == "ready"


def test_without_a_network_one_sentence_names_the_ways_out(folder, server, small_cifar):
    server.shutdown()
    server.server_close()
    with pytest.raises(DataError) as failure:
        datasets.cifar10(progress=False)
    said = str(failure.value)
    for way in ("digits()", "colour_shapes()", "COURSE_DATA", "`course data cifar10`"):
        assert way in said
    assert len(said.splitlines()) == 1 and said.count(". ") == 0


def test_a_refusal_by_the_server_is_one_sentence(folder, server, small_cifar):
    server.files.clear()
    with pytest.raises(DataError, match="HTTP 404"):
        datasets.cifar10(progress=False)


def test_download_can_be_declined(folder):
    with pytest.raises(DataError, match="cifar10 is not in"):
        datasets.cifar10(download=False)


def test_a_data_folder_that_is_not_there_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "typo"))
    with pytest.raises(DataError, match="typo, and there is no such folder"):
        datasets.mnist()


def test_a_subset_is_verified_rather_than_fetched_over(folder, server, small_cifar):
    _subset(folder / "cifar10_small.npz")
    assert datasets.fetch("cifar10") == folder and server.asked == []
    _subset(folder / "cifar10_small.npz", test_y=None)
    with pytest.raises(DataError, match="has no test_y"):
        datasets.fetch("cifar10")


def test_an_unknown_name_lists_the_known_ones(folder):
    with pytest.raises(DataError, match="digits, colour_shapes, cifar10, mnist"):
        datasets.fetch("imagenet")


def test_progress_goes_to_standard_output_only(folder, server, small_cifar, capfd):
    datasets.fetch("cifar10", progress=True)
    out, err = capfd.readouterr()
    assert "cifar-10" in out and err == ""


def test_importing_the_package_is_cheap():
    import subprocess
    import sys

    asked = (
        "import course_utils, sys;"
        "print([m for m in ('torch', 'numpy', 'matplotlib', 'sklearn') if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
