"""What the tab key offers after ``%mlart``."""

from types import SimpleNamespace

import pytest

from mlart_jupyter import services as process
from mlart_jupyter.config import Mlart
from mlart_jupyter.kernel.arguments import mlart_parser, parse
from mlart_jupyter.kernel.completion import complete_mlart
from mlart_jupyter.services import Services


def complete(line):
    return complete_mlart(None, SimpleNamespace(line=line, symbol=line.rpartition(" ")[2]))


def test_every_subcommand_of_the_parser_is_offered():
    offered = complete("%mlart ")
    assert {"start", "store", "notebook", "checkout", "diff", "flush"} <= set(offered)
    assert offered == sorted(mlart_parser().commands)


@pytest.mark.parametrize("name", mlart_parser().commands)
def test_every_subcommand_has_a_help(capsys, name):
    assert parse(mlart_parser(), f"{name} --help") is None
    assert f"%mlart {name}" in capsys.readouterr().out


def test_what_has_been_typed_narrows_it():
    assert complete("%mlart ch") == ["checkout"]
    assert complete("%mlart nothing") == []


def test_no_run_offers_no_path(tmp_path):
    process.use(Services(Mlart(data=tmp_path)))
    try:
        assert complete("%mlart show fig") == []
    finally:
        process.use(None)


def test_other_subcommands_take_no_paths():
    assert complete("%mlart flush x") == []
