from __future__ import annotations

import random
import stat
import threading

import pytest

from cameo.keys.errors import (
    BadKey,
    BadRange,
    Closed,
    KeyStoreBroken,
    MalformedSeal,
    SealBroken,
)
from cameo.keys.segmented import SEGMENT_BYTES, SegmentedReader, SegmentedWriter

KEY, AAD = b"k" * 32, b"clip|clip_1|media"
START, SEALED = 36, SEGMENT_BYTES + 16
SIZES = [
    0,
    1,
    SEGMENT_BYTES - 1,
    SEGMENT_BYTES,
    SEGMENT_BYTES + 1,
    3 * SEGMENT_BYTES,
    3 * SEGMENT_BYTES + 777,
]


class CancelledError(Exception):
    pass


def content(size):
    return random.Random(size).randbytes(size)


def write(path, data, *, key=KEY, aad=AAD, step=10_007):
    with SegmentedWriter(path, key, aad=aad) as writer:
        for at in range(0, len(data), step):
            writer.write(data[at : at + step])
    return path


def read(path, *, key=KEY, aad=AAD):
    with SegmentedReader(path, key, aad=aad) as reader:
        return reader.read_range(0, reader.size)


@pytest.mark.parametrize("size", SIZES)
def test_what_is_written_is_read(tmp_path, size):
    path = write(tmp_path / "f", content(size))
    assert read(path) == content(size)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ["f"]


def test_how_it_was_written_does_not_show(tmp_path):
    data = content(2 * SEGMENT_BYTES + 5)
    for step in (1000, SEGMENT_BYTES, len(data)):
        path = write(tmp_path / "f", data, step=step)
        assert path.stat().st_size == START + len(data) + 3 * 16
        assert read(path) == data


@pytest.mark.parametrize("size", SIZES)
def test_every_range_is_what_it_is_in_the_whole(tmp_path, size):
    data, draw = content(size), random.Random(1)
    edges = [0, 1, SEGMENT_BYTES - 1, SEGMENT_BYTES, SEGMENT_BYTES + 1, max(size - 1, 0), size]
    with SegmentedReader(write(tmp_path / "f", data), KEY, aad=AAD) as reader:
        assert reader.size == size
        for start in [*edges, size + 1, *(draw.randrange(size + 1) for _ in range(10))]:
            for length in (0, 1, 100, SEGMENT_BYTES, 2 * SEGMENT_BYTES + 1, 10**9):
                assert reader.read_range(start, length) == data[start : start + length]


def test_a_range_reads_only_its_segments(tmp_path):
    data = content(10 * SEGMENT_BYTES)
    path = write(tmp_path / "f", data)
    wrong = bytearray(path.read_bytes())
    wrong[START + 2 * SEALED] ^= 1  # segment 2
    path.write_bytes(wrong)
    with SegmentedReader(path, KEY, aad=AAD) as reader:
        assert reader.read_range(0, 2 * SEGMENT_BYTES) == data[: 2 * SEGMENT_BYTES]
        assert reader.read_range(3 * SEGMENT_BYTES, 5) == data[3 * SEGMENT_BYTES :][:5]
        with pytest.raises(SealBroken):
            reader.read_range(2 * SEGMENT_BYTES + 100, 1)


@pytest.mark.parametrize("size", [0, 40, SEGMENT_BYTES, SEGMENT_BYTES + 40])
def test_flipped_bits_anywhere(tmp_path, size):
    path = write(tmp_path / "f", content(size))
    good = path.read_bytes()
    edges = {*range(min(80, len(good))), *range(len(good) - 60, len(good)), len(good) // 2}
    for at in sorted(n for n in edges if n >= 0):
        path.write_bytes(good[:at] + bytes([good[at] ^ 0x80]) + good[at + 1 :])
        with pytest.raises((SealBroken, MalformedSeal)):
            read(path)


@pytest.mark.parametrize("size", [0, 40, SEGMENT_BYTES, 3 * SEGMENT_BYTES])
def test_cut_files_are_refused_when_opened(tmp_path, size):
    path = write(tmp_path / "f", content(size))
    good = path.read_bytes()
    at_segments = range(START, len(good), SEALED)
    for end in {
        0,
        3,
        START,
        len(good) - 1,
        len(good) - 16,
        *at_segments,
        *range(START, START + 30),
    }:
        if end < len(good):
            path.write_bytes(good[:end])
            with pytest.raises((SealBroken, MalformedSeal)):
                SegmentedReader(path, KEY, aad=AAD)


def test_files_with_something_added(tmp_path):
    path = write(tmp_path / "f", content(SEGMENT_BYTES))
    good = path.read_bytes()
    for more in (b"\0", b"\0" * 16, good[START:], b"\0" * SEALED):
        path.write_bytes(good + more)
        with pytest.raises(SealBroken):
            SegmentedReader(path, KEY, aad=AAD)


def test_segments_exchanged_repeated_or_left_out(tmp_path):
    path = write(tmp_path / "f", content(4 * SEGMENT_BYTES))
    good = path.read_bytes()
    head, parts = good[:START], [good[START + n * SEALED :][:SEALED] for n in range(4)]
    for order in (
        [1, 0, 2, 3],
        [0, 0, 2, 3],
        [0, 2, 3],
        [0, 1, 2],
        [3],
        [0, 1, 2, 2],
        [0, 1, 3, 2],
    ):
        path.write_bytes(head + b"".join(parts[n] for n in order))
        with pytest.raises(SealBroken):
            read(path)


def test_segments_of_another_file_under_the_same_key(tmp_path):
    one = write(tmp_path / "one", content(3 * SEGMENT_BYTES))
    two = write(tmp_path / "two", content(3 * SEGMENT_BYTES))
    a, b = one.read_bytes(), two.read_bytes()
    assert a[START:] != b[START:]
    for mixed in (a[:START] + b[START:], a[: START + SEALED] + b[START + SEALED :]):
        one.write_bytes(mixed)
        with pytest.raises(SealBroken):
            read(one)


def test_file_of_another_thing_or_key(tmp_path):
    path = write(tmp_path / "f", content(100))
    with pytest.raises(SealBroken):
        read(path, aad=b"clip|clip_2|media")
    with pytest.raises(SealBroken):
        read(path, key=b"K" * 32)
    with pytest.raises(BadKey):
        read(path, key=b"k" * 16)
    with pytest.raises(BadKey):
        SegmentedWriter(tmp_path / "g", b"", aad=AAD)


def test_another_version_is_not_guessed(tmp_path):
    path = write(tmp_path / "f", content(100))
    path.write_bytes(b"CMF\x02" + path.read_bytes()[4:])
    with pytest.raises(MalformedSeal):
        read(path)


def test_empty_last_segment_after_a_full_one(tmp_path, monkeypatch):
    with SegmentedWriter(tmp_path / "f", KEY, aad=AAD) as writer:
        writer._emit(content(SEGMENT_BYTES), last=False)
    with pytest.raises(SealBroken):
        SegmentedReader(tmp_path / "f", KEY, aad=AAD)


def test_short_segment_in_the_middle(tmp_path):
    class Padded:
        """Hands out a short segment where a full one belongs."""

        def __init__(self, data):
            self.data = data

        def size(self):
            return START + 2 * SEALED

        def read(self, offset, length):
            if offset == 0:
                return self.data[:START]
            if offset == START:
                return self.data[START : START + 26]
            return self.data[START + 26 :]

        def close(self):
            pass

    with SegmentedWriter(tmp_path / "f", KEY, aad=AAD) as writer:
        writer._emit(b"0123456789", last=False)
        writer.write(content(SEGMENT_BYTES))
    reader = SegmentedReader(Padded((tmp_path / "f").read_bytes()), KEY, aad=AAD)
    with pytest.raises(SealBroken):
        reader.read_range(0, 10)


def test_nothing_is_there_before_the_end_and_nothing_after_an_error(tmp_path):
    path = write(tmp_path / "f", b"before")

    def fail():
        with SegmentedWriter(path, KEY, aad=AAD) as writer:
            writer.write(content(3 * SEGMENT_BYTES))
            assert read(path) == b"before"
            raise CancelledError

    with pytest.raises(CancelledError):
        fail()
    assert read(path) == b"before"
    assert [p.name for p in tmp_path.iterdir()] == ["f"]
    write(path, b"after")
    assert read(path) == b"after"


def test_full_disk(tmp_path, monkeypatch):
    def full(_descriptor):
        raise OSError(28, "No space left on device")

    writer = SegmentedWriter(tmp_path / "f", KEY, aad=AAD)
    writer.write(b"x")
    monkeypatch.setattr("cameo.keys.segmented.os.fsync", full)
    with pytest.raises(KeyStoreBroken, match="No space left"):
        writer.commit()
    assert list(tmp_path.iterdir()) == []


def test_a_finished_writer_takes_nothing_more(tmp_path):
    writer = SegmentedWriter(tmp_path / "f", KEY, aad=AAD)
    writer.commit()
    with pytest.raises(Closed):
        writer.write(b"x")
    with pytest.raises(Closed):
        writer.commit()
    discarded = SegmentedWriter(tmp_path / "g", KEY, aad=AAD)
    discarded.discard()
    discarded.discard()
    with pytest.raises(Closed):
        discarded.commit()
    assert [p.name for p in tmp_path.iterdir()] == ["f"]


def test_ranges_that_are_none_are_refused(tmp_path):
    with SegmentedReader(write(tmp_path / "f", b"abc"), KEY, aad=AAD) as reader:
        for start, length in ((-1, 1), (0, -1)):
            with pytest.raises(BadRange):
                reader.read_range(start, length)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(KeyStoreBroken):
        SegmentedReader(tmp_path / "f", KEY, aad=AAD)
    with pytest.raises(KeyStoreBroken):
        SegmentedWriter(tmp_path / "no" / "f", KEY, aad=AAD)


def test_many_threads_read_one_file(tmp_path):
    data = content(8 * SEGMENT_BYTES)
    failed = []
    with SegmentedReader(write(tmp_path / "f", data), KEY, aad=AAD) as reader:

        def work(seed):
            draw = random.Random(seed)
            for _ in range(30):
                start = draw.randrange(len(data))
                if reader.read_range(start, 70_000) != data[start : start + 70_000]:
                    failed.append(start)

        threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failed == []
