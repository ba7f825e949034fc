"""Sizes as people read them."""

import pytest

from mlart_jupyter.sizes import readable_size


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (None, "?"),
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (2048, "2.0 kB"),
        (1_500_000, "1.5 MB"),
        (2_000_000_000, "2.0 GB"),
        (3_500_000_000_000, "3500.0 GB"),
    ],
)
def test_sizes_in_words(size: int | None, words: str) -> None:
    assert readable_size(size) == words


@pytest.mark.parametrize(("size", "words"), [(999_999, "1.0 MB"), (999_950_000, "1.0 GB")])
def test_sizes_round_up_to_the_next_unit(size: int, words: str) -> None:
    assert readable_size(size) == words
