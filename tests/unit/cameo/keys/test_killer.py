"""The killer itself: it must reach every step, or the crash tests show nothing."""

from __future__ import annotations

from tests.unit.cameo.keys.killer import every_crash


def test_it_kills_before_every_change_and_then_lets_the_work_end(tmp_path):
    names = ["a", "b", "c"]
    left = []

    def prepare(_number):
        for name in names:
            (tmp_path / name).rmdir() if (tmp_path / name).exists() else None

    def work():
        for name in names:
            (tmp_path / name).mkdir()

    for number in every_crash(prepare, work):
        left.append((number, sorted(path.name for path in tmp_path.iterdir())))
    assert left == [(0, []), (1, ["a"]), (2, ["a", "b"])]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
