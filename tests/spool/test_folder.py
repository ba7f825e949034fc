"""The queue: what is put is delivered once, whatever dies, and damage is known."""

from __future__ import annotations

import dataclasses
import json
import mmap
import os
import resource
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mlart_jupyter.errors import SpoolUnavailable, TornItem
from mlart_jupyter.progress import watched
from mlart_jupyter.spool import Claim, Name, Owner, Spool
from mlart_jupyter.spool import folder as spool_folder
from mlart_jupyter.spool.audit import STALE_SECONDS
from mlart_jupyter.spool.owner import LEASE_SECONDS, lease_age

StartScript = Callable[..., "subprocess.Popen[str]"]

LONG_AGO = time.time() - 10 * max(STALE_SECONDS, LEASE_SECONDS)

PUTS = """
import sys
from pathlib import Path
from mlart_jupyter.spool import Spool

spool, most, claimed = Spool(Path(sys.argv[1])), int(sys.argv[2]), int(sys.argv[3])
for number in range(most):
    name = spool.put(b"%d" % number, b"x" * 50_000)
    if number < claimed:
        spool.claim(name)
    print(name, flush=True)
input()
"""

DIES_HALFWAY = """
import resource, signal, sys
from pathlib import Path
from mlart_jupyter.spool import Spool

spool = Spool(Path(sys.argv[1]))
spool.put(b"whole")
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
spool.put(b"header", b"x" * 20_000)
"""
"""The kernel kills it when 10,000 bytes of the second item are written."""

RACES = """
import sys
from pathlib import Path
from mlart_jupyter.spool import Spool

spool = Spool(Path(sys.argv[1]))
names = spool.waiting()
print("ready", flush=True)
input()
for name in names:
    if claim := spool.claim(name):
        print(name)
        spool.ack(claim)
"""


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def folders(spool: Spool) -> list[str]:
    """Where each item of the spool is: the folder's name below the root."""
    return [path.parent.relative_to(spool.root).parts[0] for path in files(spool.root) if Name.parse(path.name)]


def take(spool: Spool, name: Name, where: Path | None = None) -> Claim:
    claim = spool.claim(name, where)
    assert claim
    return claim


def content(spool: Spool, claim: Claim) -> tuple[bytes, bytes]:
    header, payload = spool.peek(claim.path, claim.name)
    return header, bytes(payload)


# -- put, claim, ack -----------------------------------------------------------------------------


def test_an_item_arrives_as_it_was_put(spool: Spool) -> None:
    name = spool.put(b"header", b"pay", b"load")
    assert content(spool, take(spool, name)) == (b"header", b"payload")


def test_payloads_that_are_not_copied_arrive(spool: Spool, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"mapped")
    with (tmp_path / "file").open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    name = spool.put(b"header", memoryview(b"viewed "), mapped)
    mapped.close()
    assert content(spool, take(spool, name)) == (b"header", b"viewed mapped")


def test_an_empty_item_arrives(spool: Spool) -> None:
    assert content(spool, take(spool, spool.put(b""))) == (b"", b"")


def test_an_item_synced_at_once_arrives(folder: Path) -> None:
    spool = Spool(folder, sync=True)
    assert content(spool, take(spool, spool.put(b"header", b"payload"))) == (b"header", b"payload")


def test_opening_a_spool_makes_nothing(spool: Spool, folder: Path) -> None:
    assert (spool.waiting(), spool.orphans(), spool.dead(), spool.check(), spool.sweep()) == ([], [], [], [], 0)
    assert not folder.exists()


def test_the_spool_is_private(spool: Spool, folder: Path) -> None:
    name = spool.put(b"header")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (spool.root / "new" / str(name)).stat().st_mode & 0o777 == 0o600


def test_items_wait_in_the_order_they_were_put(spool: Spool) -> None:
    names = [spool.put(b"header", b"same") for _ in range(50)]
    assert spool.mine() == names


def test_two_items_of_the_same_content_are_two(spool: Spool) -> None:
    assert len({spool.put(b"header"), spool.put(b"header")}) == 2


def test_a_clock_set_back_keeps_the_order(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    first = spool.put(b"header")
    monkeypatch.setattr(time, "time_ns", lambda: first.made - 10**12)
    assert spool.put(b"header").made > first.made


def test_threads_can_all_be_the_first_to_put(tmp_path: Path) -> None:
    failed: list[Exception] = []

    def put(spool: Spool, start: threading.Barrier) -> None:
        start.wait()
        try:
            spool.put(b"header")
        except SpoolUnavailable as error:
            failed.append(error)

    for number in range(50):
        fresh, start = Spool(tmp_path / str(number)), threading.Barrier(4)
        threads = [threading.Thread(target=put, args=(fresh, start)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failed == []


def test_a_claimed_item_is_not_waiting_but_unfinished(spool: Spool) -> None:
    one, two = spool.put(b"1"), spool.put(b"2")
    take(spool, one)
    assert (spool.mine(), spool.unfinished()) == ([two], [one, two])


@pytest.mark.parametrize("way", ["claim", "release"])
def test_an_item_that_moves_while_it_is_counted_is_unfinished(
    spool: Spool, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    name = spool.put(b"one")
    claim = spool.claim(name) if way == "release" else None
    look, looks = spool._names, []

    def names(folder: Path) -> list[Name]:
        found = look(folder)
        looks.append(folder)
        if len(looks) == 1:  # between the first two looks the worker takes it, or gives it back
            spool.release(claim) if claim else take(spool, name)
        return found

    monkeypatch.setattr(spool, "_names", names)
    assert spool.unfinished() == [name]


def test_an_acknowledged_item_is_gone(spool: Spool) -> None:
    spool.ack(take(spool, spool.put(b"header")))
    assert folders(spool) == []


def test_an_item_is_claimed_once(spool: Spool, folder: Path) -> None:
    name = spool.put(b"header")
    take(spool, name)
    assert Spool(folder).claim(name) is None


def test_a_released_item_can_be_claimed_again(spool: Spool) -> None:
    name = spool.put(b"header", b"payload")
    spool.release(take(spool, name))
    assert content(spool, take(spool, name)) == (b"header", b"payload")


def test_a_buried_item_keeps_its_bytes_beside_the_reason(spool: Spool) -> None:
    name = spool.put(b"header", b"payload")
    spool.bury(take(spool, name), "the run is gone")
    assert spool.dead() == [(name, "the run is gone")]
    assert content(spool, Claim(name, spool.root / "dead" / str(name))) == (b"header", b"payload")


def test_a_buried_item_no_longer_waits(spool: Spool) -> None:
    spool.bury(take(spool, spool.put(b"header")), "the run is gone")
    assert (spool.unfinished(), spool.waiting(), spool.orphans()) == ([], [], [])


def test_a_lost_reason_is_said(spool: Spool) -> None:
    name = spool.put(b"header")
    spool.bury(take(spool, name), "the run is gone")
    (spool.root / "dead" / f"{name}.json").write_text("{")
    assert spool.dead() == [(name, "no reason was written")]


def test_syncing_a_waiting_item_leaves_it_waiting(spool: Spool) -> None:
    name = spool.put(b"header")
    spool.sync(name)
    assert spool.mine() == [name]


def test_four_processes_deliver_each_item_exactly_once(spool: Spool, folder: Path, start_script: StartScript) -> None:
    names = [str(spool.put(b"%d" % number)) for number in range(200)]
    racers = [start_script(RACES, folder) for _ in range(4)]
    for racer in racers:
        assert racer.stdout
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin
        racer.stdin.write("\n")
        racer.stdin.flush()
    won = [racer.communicate(timeout=60)[0].split() for racer in racers]
    assert sorted(name for share in won for name in share) == names
    assert folders(spool) == []


# -- deaths --------------------------------------------------------------------------------------


def killed(process: subprocess.Popen[str], after: int) -> list[Name | None]:
    """Kill a script as soon as it has said so many names; return all that it has said."""
    assert process.stdout
    said = [process.stdout.readline() for _ in range(after)]
    process.kill()
    said += process.stdout.readlines()
    process.wait()
    return [Name.parse(line.strip()) for line in said if line.endswith("\n")]


def test_what_a_living_process_holds_is_no_orphan(spool: Spool, folder: Path, start_script: StartScript) -> None:
    process = start_script(PUTS, folder, 3, 1)
    assert process.stdout
    names = [Name.parse(process.stdout.readline().strip()) for _ in range(3)]
    assert (spool.orphans(), spool.waiting()) == ([], names)


def test_what_a_killed_process_has_put_or_claimed_is_adopted(
    spool: Spool, folder: Path, start_script: StartScript
) -> None:
    names = killed(start_script(PUTS, folder, 20, 5), after=20)
    orphans = spool.orphans()
    assert [name for name, _ in orphans] == names
    headers = [content(spool, take(spool, name, path))[0] for name, path in orphans]
    assert headers == [b"%d" % number for number in range(20)]


@pytest.mark.parametrize("after", [1, 17, 60])
def test_a_process_killed_while_it_puts_leaves_whole_items(
    after: int, spool: Spool, folder: Path, start_script: StartScript
) -> None:
    names = killed(start_script(PUTS, folder, 100_000, 0), after)
    assert len(names) >= after
    assert set(names) <= {name for name, _ in spool.orphans()}
    assert spool.check() == []


@pytest.fixture
def halfway(folder: Path, start_script: StartScript) -> None:
    """A process was killed when half of its second item was written."""
    process = start_script(DIES_HALFWAY, folder)
    assert process.wait(60) == -signal.SIGXFSZ
    assert [path.stat().st_size for path in files(folder) if path.stat().st_size > 5000] == [10_000]


@pytest.mark.usefixtures("halfway")
def test_half_an_item_is_none(spool: Spool) -> None:
    headers = [spool.peek(path, name)[0] for name, path in spool.orphans()]
    assert (headers, spool.check()) == ([b"whole"], [])


@pytest.mark.usefixtures("halfway")
def test_half_an_item_is_swept(spool: Spool) -> None:
    assert spool.sweep() == 1
    assert files(spool.root / "tmp") == []


def test_sweeping_after_a_killed_process_leaves_only_its_items(
    spool: Spool, folder: Path, start_script: StartScript
) -> None:
    killed(start_script(PUTS, folder, 100_000, 0), after=10)
    spool.sweep()
    assert files(spool.root / "tmp") == []
    for name, path in spool.orphans():
        spool.ack(take(spool, name, path))
    spool.sweep()
    assert files(folder) == [spool.owner.lease(spool.root / "owners")]


def test_an_orphan_is_adopted_once(spool: Spool, left: Spool, folder: Path) -> None:
    take(left, left.put(b"header"))
    ((name, path),) = spool.orphans()
    take(spool, name, path)
    assert Spool(folder).claim(name, path) is None


def test_orphans_come_oldest_first_wherever_they_are(spool: Spool, left: Spool) -> None:
    names = [left.put(b"%d" % number) for number in range(4)]
    take(left, names[0])
    take(left, names[2])
    assert [name for name, _ in spool.orphans()] == names


def test_what_this_process_has_put_is_no_orphan(spool: Spool) -> None:
    take(spool, spool.put(b"1"))
    spool.put(b"2")
    assert spool.orphans() == []


def test_what_the_adopter_holds_is_no_orphan_for_others(spool: Spool, left: Spool, folder: Path) -> None:
    name = left.put(b"header")
    take(spool, name, left.root / "new" / str(name))
    assert Spool(folder).orphans() == []


def test_an_adopted_item_that_is_released_stays_with_its_adopter(spool: Spool, left: Spool) -> None:
    name = left.put(b"header")
    spool.release(take(spool, name))
    assert spool.unfinished() == [name]


def test_an_adopted_item_that_is_released_waits_for_the_next_adopter(spool: Spool, left: Spool, folder: Path) -> None:
    name = left.put(b"header")
    spool.release(take(spool, name))
    spool.owner.lease(spool.root / "owners").unlink()  # the adopter dies
    assert [found for found, _ in Spool(folder).orphans()] == [name]


def far(**changes: object) -> Owner:
    return dataclasses.replace(Owner.of_this_process(), host=f"not-{socket.gethostname()}", **changes)


def test_what_another_host_holds_is_no_orphan_while_it_renews(spool: Spool, folder: Path) -> None:
    Spool(folder, far()).put(b"header")
    assert spool.orphans() == []


def test_what_another_host_held_is_an_orphan_when_its_lease_is_old(spool: Spool, folder: Path) -> None:
    there = Spool(folder, far())
    name = there.put(b"header")
    os.utime(there.owner.lease(there.root / "owners"), (LONG_AGO, LONG_AGO))
    assert [found for found, _ in spool.orphans()] == [name]


def test_a_heartbeat_renews_the_lease(spool: Spool) -> None:
    spool.put(b"header")
    owners = spool.root / "owners"
    os.utime(spool.owner.lease(owners), (LONG_AGO, LONG_AGO))
    spool.heartbeat()
    assert lease_age(owners, spool.owner.token) < LEASE_SECONDS


def test_a_heartbeat_tells_of_an_owner_that_has_put_nothing_yet(spool: Spool, folder: Path) -> None:
    spool.heartbeat()
    assert Spool(folder).lives(spool.owner.token)


# -- what cannot be written ----------------------------------------------------------------------


@contextmanager
def full_disk(most: int) -> Iterator[None]:
    """No file can grow beyond so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_is_said_in_one_clear_sentence(spool: Spool) -> None:
    with full_disk(10_000), pytest.raises(SpoolUnavailable) as caught:
        spool.put(b"header", b"x" * 20_000)
    assert caught.value.problem == f"The spool {spool.root} cannot be written (File too large)"
    assert "MLART_DATA" in caught.value.next_step


def test_a_full_disk_leaves_nothing_behind(spool: Spool) -> None:
    with full_disk(10_000), pytest.raises(SpoolUnavailable):
        spool.put(b"header", b"x" * 20_000)
    assert files(spool.root) == [spool.owner.lease(spool.root / "owners")]


def test_a_disk_with_room_again_takes_items(spool: Spool) -> None:
    with full_disk(10_000), pytest.raises(SpoolUnavailable):
        spool.put(b"header", b"x" * 20_000)
    name = spool.put(b"header", b"x" * 20_000)
    assert spool.mine() == [name]


def test_a_file_where_the_folder_should_be_is_said(spool: Spool, folder: Path) -> None:
    folder.write_text("not a folder")
    with pytest.raises(SpoolUnavailable, match=r"cannot be written \(.+\)\. Free or unlock it"):
        spool.put(b"header")


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only for root")
def test_a_read_only_folder_is_said(spool: Spool, folder: Path) -> None:
    folder.mkdir(mode=0o500)
    folder.chmod(0o500)
    with pytest.raises(SpoolUnavailable, match=r"Permission denied"):
        Spool(folder / "below").put(b"header")


# -- damage --------------------------------------------------------------------------------------


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def flipped(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(raw)


def swapped(path: Path) -> None:
    path.write_bytes(bytes(len(path.read_bytes())))


DAMAGES = pytest.mark.parametrize("damage", [truncated, emptied, flipped, swapped])


@DAMAGES
def test_a_torn_item_is_known_by_its_name(damage: Callable[[Path], None], spool: Spool) -> None:
    claim = take(spool, spool.put(b"header", b"payload"))
    damage(claim.path)
    with pytest.raises(TornItem):
        spool.peek(claim.path, claim.name)


@DAMAGES
def test_an_audit_finds_a_torn_item_that_waits(damage: Callable[[Path], None], spool: Spool) -> None:
    spool.put(b"whole")
    path = spool.root / "new" / str(spool.put(b"header", b"payload"))
    damage(path)
    assert [(f.path, f.problem.partition(":")[0]) for f in spool.check()] == [(path, "is damaged")]


def test_an_audit_finds_a_torn_item_that_is_claimed(spool: Spool) -> None:
    claim = take(spool, spool.put(b"header", b"payload"))
    flipped(claim.path)
    assert [finding.path for finding in spool.check()] == [claim.path]


def test_an_audit_finds_a_buried_item_without_a_reason(spool: Spool) -> None:
    name = spool.put(b"header")
    spool.bury(take(spool, name), "the run is gone")
    reason = spool.root / "dead" / f"{name}.json"
    reason.unlink()
    assert [(f.path, f.problem) for f in spool.check()] == [(reason.with_suffix(""), "has no reason beside it")]


@pytest.mark.parametrize("place", ["new", "dead", "claimed/0a1b2c3d4e5f"])
def test_an_audit_finds_a_file_that_is_no_item(place: str, spool: Spool) -> None:
    spool.put(b"header")
    stranger = spool.root / place / "notes.txt"
    stranger.parent.mkdir(exist_ok=True)
    stranger.write_text("hello")
    assert [(f.path, f.problem) for f in spool.check()] == [(stranger, "is no item")]


def test_an_audit_of_a_clean_spool_is_silent(spool: Spool, left: Spool) -> None:
    for keep in (spool, left):
        keep.put(b"waits", b"payload")
        take(keep, keep.put(b"claimed", b""))
        keep.bury(take(keep, keep.put(b"buried")), "the run is gone")
    assert spool.check() == []


def test_an_audit_changes_nothing(spool: Spool) -> None:
    flipped(spool.root / "new" / str(spool.put(b"header")))
    before = files(spool.root)
    spool.check()
    assert files(spool.root) == before


def test_a_stray_file_beside_the_claims_stops_nothing(spool: Spool) -> None:
    name = spool.put(b"header")
    (spool.root / "claimed" / ".DS_Store").write_text("stray")
    assert (spool.waiting(), spool.orphans(), spool.check(), spool.sweep()) == ([name], [], [], 0)


# -- keeping house -------------------------------------------------------------------------------


def test_a_sweep_removes_what_a_dead_process_was_writing(spool: Spool, left: Spool) -> None:
    left.put(b"header")
    partial = left.root / "tmp" / f"{left.owner.token}-7"
    partial.write_bytes(b"half")
    assert spool.sweep() == 1
    assert not partial.exists()


def test_a_sweep_leaves_what_is_being_written(spool: Spool) -> None:
    spool.put(b"header")
    partial = spool.root / "tmp" / f"{spool.owner.token}-7"
    partial.write_bytes(b"half")
    assert spool.sweep() == 0
    assert partial.exists()


def test_a_sweep_removes_what_an_interrupt_left_long_ago(spool: Spool) -> None:
    spool.put(b"header")
    partial = spool.root / "tmp" / f"{spool.owner.token}-7"
    partial.write_bytes(b"half")
    os.utime(partial, (LONG_AGO, LONG_AGO))
    assert spool.sweep() == 1


def test_a_sweep_forgets_an_owner_who_left_nothing(spool: Spool, left: Spool) -> None:
    left.ack(take(left, left.put(b"header")))
    spool.put(b"header")
    assert spool.sweep() == 1
    assert [path.stem for path in files(spool.root / "owners")] == [spool.owner.token]
    assert [path.name for path in (spool.root / "claimed").iterdir()] == [spool.owner.token]


@pytest.mark.parametrize("claimed", [True, False])
def test_a_sweep_leaves_what_a_dead_owner_left(claimed: bool, spool: Spool, left: Spool) -> None:
    name = left.put(b"header")
    if claimed:
        take(left, name)
    before = files(spool.root)
    assert spool.sweep() == 0
    assert files(spool.root) == before


def test_a_sweep_leaves_the_buried_alone(spool: Spool, left: Spool) -> None:
    name = left.put(b"header")
    left.bury(take(left, name), "the run is gone")
    spool.sweep()
    assert spool.dead() == [(name, "the run is gone")]


@pytest.mark.parametrize("name", ["0a1b2c3d4e5f.tmp", ".now-4711"])
def test_a_sweep_leaves_what_another_process_is_about_to_use(name: str, spool: Spool) -> None:
    spool.put(b"header")
    (spool.root / "owners" / name).touch()  # a lease being signed, or the probe that tells the server's time
    assert spool.sweep() == 0


@pytest.mark.parametrize("name", ["0a1b2c3d4e5f.tmp", ".now-4711"])
def test_a_sweep_removes_what_another_process_left_long_ago(name: str, spool: Spool) -> None:
    spool.put(b"header")
    left = spool.root / "owners" / name
    left.touch()
    os.utime(left, (LONG_AGO, LONG_AGO))
    assert spool.sweep() == 1


def test_sweeps_at_the_same_time_do_not_trip_over_each_other(spool: Spool, folder: Path) -> None:
    spool.put(b"header")
    failed: list[Exception] = []

    def sweep(start: threading.Barrier) -> None:
        start.wait()
        try:
            Spool(folder).sweep()
        except OSError as error:
            failed.append(error)

    for number in range(300):
        (spool.root / "claimed" / f"dead{number}").mkdir()
    start = threading.Barrier(4)
    threads = [threading.Thread(target=sweep, args=(start,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


class SweptWhileJoining(Owner):
    """An owner at whose first signature another process sweeps."""

    def sign(self, folder: Path) -> None:
        Spool(folder.parent.parent).sweep()
        Owner.sign(self, folder)


def test_a_sweep_takes_nothing_from_a_process_that_just_joins(folder: Path) -> None:
    spool = Spool(folder, SweptWhileJoining(**dataclasses.asdict(Owner.of_this_process())))
    assert spool.claim(spool.put(b"header"))


def test_closing_gives_up_the_lease(spool: Spool) -> None:
    spool.ack(take(spool, spool.put(b"header")))
    spool.close()
    assert files(spool.root) == []


@pytest.mark.parametrize("claimed", [True, False])
def test_closing_leaves_what_is_left_to_whoever_comes_next(claimed: bool, spool: Spool, folder: Path) -> None:
    name = spool.put(b"header")
    if claimed:
        take(spool, name)
    spool.close()
    assert [orphan for orphan, _ in Spool(folder).orphans()] == [name]


def test_a_closed_spool_opens_again_with_the_next_item(spool: Spool) -> None:
    spool.ack(take(spool, spool.put(b"1")))
    spool.close()
    name = spool.put(b"2")
    spool.heartbeat()
    assert json.loads(spool.owner.lease(spool.root / "owners").read_text())["token"] == name.owner
    assert spool.claim(name)


def test_closing_an_unused_spool_makes_nothing(spool: Spool, folder: Path) -> None:
    spool.close()
    assert not folder.exists()


def test_closing_a_spool_whose_folder_was_removed_is_nothing(spool: Spool, folder: Path) -> None:
    spool.put(b"header")
    shutil.rmtree(folder)
    spool.close()
    assert not folder.exists()


# -- a shared home -------------------------------------------------------------------------------


@pytest.fixture
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file server that repeats renames which have succeeded."""
    rename = os.rename

    def repeated(source: Path, target: Path) -> None:
        rename(source, target)
        raise FileNotFoundError(2, "No such file or directory", str(source))

    monkeypatch.setattr(os, "rename", repeated)


@pytest.mark.usefixtures("forgetful")
def test_a_rename_that_is_reported_as_failed_has_succeeded(spool: Spool) -> None:
    one, two = spool.put(b"1"), spool.put(b"2")
    assert spool.mine() == [one, two]
    spool.release(take(spool, one))
    assert spool.mine() == [one, two]
    spool.bury(take(spool, two), "the run is gone")
    assert spool.dead() == [(two, "the run is gone")]
    assert spool.revive(two)
    assert spool.mine() == [one, two]


def test_who_was_taken_for_dead_goes_on(spool: Spool, folder: Path) -> None:
    name = spool.put(b"header")
    spool.owner.lease(spool.root / "owners").unlink()
    Spool(folder).sweep()  # removes the folder for its claims
    assert spool.claim(name)


def test_what_another_has_adopted_can_be_given_back_and_buried_without_harm(spool: Spool, folder: Path) -> None:
    claim = take(spool, spool.put(b"header"))
    spool.owner.lease(spool.root / "owners").unlink()
    other = Spool(folder)
    take(other, claim.name, claim.path)
    spool.release(claim)
    spool.bury(claim, "the run is gone")
    assert (len(other.unfinished()), spool.dead(), spool.check()) == (1, [], [])


# -- what is dead --------------------------------------------------------------------------------


def test_a_buried_item_can_be_revived(spool: Spool) -> None:
    name = spool.put(b"header", b"payload")
    spool.bury(take(spool, name), "the run is gone")
    assert spool.revive(name)
    assert (spool.mine(), spool.dead(), spool.check()) == ([name], [], [])


def test_what_is_not_dead_cannot_be_revived(spool: Spool) -> None:
    name = spool.put(b"header")
    spool.ack(take(spool, name))
    assert not spool.revive(name)


def test_a_sweep_removes_what_has_long_been_dead(spool: Spool) -> None:
    old, new = spool.put(b"old"), spool.put(b"new")
    for name in (old, new):
        spool.bury(take(spool, name), "the run is gone")
    for path in (spool.root / "dead").glob(f"{old}*"):
        os.utime(path, (LONG_AGO - 86400 * 100, LONG_AGO - 86400 * 100))
    assert spool.sweep(90) == 2
    assert [name for name, _ in spool.dead()] == [new]


# -- the budget ----------------------------------------------------------------------------------


def test_a_full_spool_takes_nothing_more(folder: Path) -> None:
    spool = Spool(folder, budget=10_000)
    name = spool.put(b"header", b"x" * 6000)
    with pytest.raises(SpoolUnavailable, match="Deliver with %mlart flush"):
        spool.put(b"header", b"x" * 6000)
    assert spool.waiting() == [name]
    spool.ack(take(spool, name))
    spool.put(b"header", b"x" * 6000)


def test_what_others_have_put_counts(folder: Path) -> None:
    Spool(folder).put(b"header", b"x" * 6000)
    with pytest.raises(SpoolUnavailable, match="may"):
        Spool(folder, budget=10_000).put(b"header", b"x" * 6000)


def test_a_full_spool_asks_for_room(folder: Path) -> None:
    def make_room(length: int) -> None:
        asked.append(length)
        spool.ack(take(spool, spool.mine()[0]))

    asked: list[int] = []
    spool = Spool(folder, budget=10_000, on_full=make_room)
    spool.put(b"1", b"x" * 6000)
    second = spool.put(b"2", b"x" * 6000)
    assert asked == [second.length]
    assert spool.mine() == [second]


def test_without_a_setting_the_disk_decides(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage("/")._replace(free=10**9)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    assert spool.budget == 10**8


def test_a_large_item_tells_how_far_it_is(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_folder, "BLOCK", 400)
    told: list[int] = []
    with watched(told.append):
        Spool(folder).put(b"", b"x" * 1000)
    assert told[-3:] == [400, 800, 1000]
