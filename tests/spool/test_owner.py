"""Leases: who holds items, and whether that process still lives."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mlart_jupyter.spool.owner import LEASE_SECONDS, Owner, lease_age, lives, process_lives, read_lease, start_of


@pytest.fixture
def me() -> Owner:
    return Owner.of_this_process()


def signed(folder: Path, owner: Owner, *, age: float = 0.0) -> str:
    """Write a lease as if it had been renewed `age` seconds ago; return its token."""
    owner.sign(folder)
    then = time.time() - age
    os.utime(owner.lease(folder), (then, then))
    return owner.token


def test_a_lease_is_read_back_as_it_was_signed(tmp_path: Path, me: Owner) -> None:
    me.sign(tmp_path)
    assert read_lease(tmp_path, me.token) == me


def test_signing_leaves_the_lease_alone_in_its_folder(tmp_path: Path, me: Owner) -> None:
    me.sign(tmp_path)
    me.sign(tmp_path)
    assert list(tmp_path.iterdir()) == [me.lease(tmp_path)]


def test_two_owners_in_one_process_are_told_apart() -> None:
    assert Owner.of_this_process().token != Owner.of_this_process().token


def test_a_token_fits_into_an_items_name(me: Owner) -> None:
    assert "-" not in me.token


@pytest.mark.parametrize("text", ["", "{", "null", "[1]", "{}", '{"token": "a"}'])
def test_a_lease_that_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "abc.json").write_text(text)
    assert read_lease(tmp_path, "abc") is None


def test_this_process_lives(tmp_path: Path, me: Owner) -> None:
    assert lives(tmp_path, signed(tmp_path, me))


def test_a_process_lives_however_old_its_lease_on_this_host(tmp_path: Path, me: Owner) -> None:
    assert lives(tmp_path, signed(tmp_path, me, age=10 * LEASE_SECONDS))


def test_an_owner_without_a_lease_is_dead(tmp_path: Path, me: Owner) -> None:
    assert not lives(tmp_path, me.token)


def test_a_lease_in_a_missing_folder_is_dead(tmp_path: Path, me: Owner) -> None:
    assert not lives(tmp_path / "owners", me.token)


@pytest.mark.parametrize("change", [{"boot": "an earlier boot"}, {"started": 1.0}])
def test_an_earlier_process_of_the_same_id_is_dead(tmp_path: Path, me: Owner, change: dict[str, object]) -> None:
    assert not lives(tmp_path, signed(tmp_path, dataclasses.replace(me, **change)))


def test_an_owner_on_another_host_lives_by_its_lease(tmp_path: Path, me: Owner) -> None:
    far = dataclasses.replace(me, host="elsewhere", boot="another", pid=2**22 + 1)
    assert lives(tmp_path, signed(tmp_path, far))


def test_an_owner_on_another_host_dies_with_its_lease(tmp_path: Path, me: Owner) -> None:
    far = dataclasses.replace(me, host="elsewhere")
    assert not lives(tmp_path, signed(tmp_path, far, age=LEASE_SECONDS + 60))


def test_an_owner_on_another_host_lives_again_when_it_renews(tmp_path: Path, me: Owner) -> None:
    far = dataclasses.replace(me, host="elsewhere")
    signed(tmp_path, far, age=LEASE_SECONDS + 60)
    far.sign(tmp_path)
    assert lives(tmp_path, far.token)


def test_the_age_of_a_lease_is_counted_from_its_renewal(tmp_path: Path, me: Owner) -> None:
    assert lease_age(tmp_path, signed(tmp_path, me, age=5000)) == pytest.approx(5000, abs=100)


def test_a_missing_lease_is_older_than_any(tmp_path: Path) -> None:
    assert lease_age(tmp_path, "abc") > 1000 * LEASE_SECONDS


def test_asking_for_the_age_leaves_nothing_behind(tmp_path: Path, me: Owner) -> None:
    lease_age(tmp_path, signed(tmp_path, me))
    assert list(tmp_path.iterdir()) == [me.lease(tmp_path)]


def test_a_process_that_has_ended_is_dead() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        pid = process.pid
    assert not process_lives(pid, time.time())


@pytest.mark.skipif(not hasattr(os, "waitid"), reason="cannot wait without reaping here")
def test_a_zombie_is_dead() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        started = start_of(process.pid)
        assert started is not None
        assert process_lives(process.pid, started)
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert not process_lives(process.pid, started)


def test_two_threads_can_sign_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    owner, theirs, begun = Owner.of_this_process(), Path.replace, []

    def replace(self: Path, target: Path) -> Path:
        if not begun:
            begun.append(self)
            owner.sign(tmp_path)  # the other thread comes first
        return theirs(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    owner.sign(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [f"{owner.token}.json"]
