"""What has its turn at a commit, and that everything has one."""

import pytest
import turns


@pytest.fixture
def taken(monkeypatch):
    monkeypatch.setenv(turns.ASKED, "turns")


def test_each_group_has_its_share_and_the_order_stays(taken):
    cases = [f"{group}{i}" for group in "ab" for i in range(7)] + ["c0"]
    chosen = turns.due(cases, 3, lambda case: case[0])
    assert [sum(case[0] == group for case in chosen) for group in "abc"] == [3, 3, 1]
    assert chosen == sorted(chosen) and turns.due(cases, 3, lambda case: case[0]) == chosen


def test_each_case_has_its_turn_with_some_commit(taken, monkeypatch):
    tried = set()
    for commit in range(40):
        monkeypatch.setattr(turns, "rotation", lambda commit=commit: f"commit {commit}")
        tried |= set(turns.due(range(9), 3, lambda case: "all"))
    assert tried == set(range(9))


def test_who_runs_a_file_by_hand_and_a_release_try_all(monkeypatch):
    monkeypatch.delenv(turns.ASKED, raising=False)
    assert turns.due(range(9), 3, lambda case: "all") == list(range(9))
    assert len(turns.share(range(9), 3, lambda case: "all")) == 3
    monkeypatch.setenv(turns.ASKED, "all")
    assert turns.share(range(9), 3, lambda case: "all") == list(range(9))
