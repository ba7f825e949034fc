"""What every renderer does alike, as checks that a test of any package can run.

CASE = Case(lambda: Chart([1, 2]), render, bundle={"text/html": "<b>chart</b>"})

@pytest.mark.parametrize("check", CHECKS)
def test_the_renderer_keeps_the_contract(check):
    check(CASE)
"""

from __future__ import annotations

import gc
import pickle
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mlart_jupyter.models import Rendered
from mlart_jupyter.renderers import finish
from mlart_jupyter.renderers.base import Deferred, Limits, Renderer, Skipped

WHOLE = Limits(2**30, 2**30)


@dataclass(frozen=True, slots=True)
class Case:
    """One way in which an object can come to a renderer.

    Attributes
    ----------
    make
        Makes an object, equal each time; small.
    bundle
        As a cell shows it; empty: the object is given by hand.
    state
        What a renderer must leave as it is.
    """

    make: Callable[[], Any]
    renderer: Renderer
    bundle: Mapping[str, Any] = field(default_factory=dict)
    limits: Limits = WHOLE
    state: Callable[[Any], Any] = pickle.dumps

    def promise(self, obj: Any) -> Rendered | Deferred:
        """What the renderer gives in the cell."""
        made = self.renderer(obj, self.bundle, self.limits)
        assert made is not None, "the renderer keeps nothing"
        assert not isinstance(made, Skipped), made.reason
        return made

    def made(self, obj: Any) -> Rendered:
        """What becomes of it off the cell."""
        made = self.promise(obj)
        return made.render() if isinstance(made, Deferred) else made


def equal_objects_give_the_same_payload(case: Case) -> None:
    """Or the same thing shown again would be a new version."""
    payloads = [[file.alike or bytes(file.data[:]) for file in case.made(case.make()).files] for _ in range(2)]
    assert payloads[0] == payloads[1], (
        "equal objects give different payloads; does `File.alike` tell that they show the same?"
    )


def equal_payloads_give_the_same_files(case: Case) -> None:
    """Or a repeated delivery would not be the same file."""
    for file in case.made(case.make()).files:
        files = [bytes(finish(file.encoding, file.data[:], "folder/name").data) for _ in range(2)]
        assert files[0] == files[1], "a payload gives different files"


def every_file_has_a_suffix_and_a_media_type(case: Case) -> None:
    """Suffixes have at most two parts, as .plotly.json."""
    files = case.made(case.make()).files
    assert files, "there is no file"
    for file in files:
        assert re.fullmatch(r"(\.[a-z0-9]+){1,2}", file.suffix), file.suffix
        assert re.fullmatch(r"[a-z]+/[a-z0-9.+-]+", file.media_type), file.media_type


def everything_has_a_kind_and_a_folder(case: Case) -> None:
    """Both in plain letters: they are seen in paths and filters."""
    made = case.made(case.make())
    assert re.fullmatch("[a-z]+", made.kind), made.kind
    assert re.fullmatch("[a-z]+", made.folder), made.folder


def files_of_one_object_differ_in_their_suffix(case: Case) -> None:
    """They share all else of their name."""
    suffixes = [file.suffix for file in case.made(case.make()).files]
    assert len(set(suffixes)) == len(suffixes), suffixes


def a_promise_has_the_folder_and_title_of_what_it_becomes(case: Case) -> None:
    """The name is decided in the cell."""
    obj = case.make()
    promise, made = case.promise(obj), case.made(obj)
    assert (promise.folder, promise.title) == (made.folder, made.title)


def the_object_is_not_kept_alive(case: Case) -> None:
    """A snapshot holds a copy, never the user's own object."""
    obj = case.make()
    case.promise(obj)  # what libraries keep from their first time
    gc.freeze()  # a collection looks at what is made from here only
    before = sys.getrefcount(obj)
    made = case.promise(obj)
    gc.collect()
    after = sys.getrefcount(obj)
    gc.unfreeze()
    assert made is not None
    assert after <= before, "something refers to the object"


def the_object_is_not_changed(case: Case) -> None:
    """Nor the bundle, which the front end gets."""
    obj, bundle = case.make(), dict(case.bundle)
    before = case.state(obj)
    case.made(obj)
    assert case.state(obj) == before, "the object is not as it was"
    assert dict(case.bundle) == bundle, "the bundle is not as it was"


CHECKS: tuple[Callable[[Case], None], ...] = (
    equal_objects_give_the_same_payload,
    equal_payloads_give_the_same_files,
    every_file_has_a_suffix_and_a_media_type,
    everything_has_a_kind_and_a_folder,
    files_of_one_object_differ_in_their_suffix,
    a_promise_has_the_folder_and_title_of_what_it_becomes,
    the_object_is_not_kept_alive,
    the_object_is_not_changed,
)
