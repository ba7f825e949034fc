"""Outputs that were lost while a cell ran: told, shown again, and handed to the notebook."""

from __future__ import annotations

import pytest
from nbformat import v4, validate

from mlart_jupyter.kernel.restore import line
from mlart_jupyter.kernel.transcript import Transcript
from mlart_jupyter.models import Cell
from mlart_jupyter.spool import tell_listening


class Shell:
    """The part of a shell that a transcript asks."""

    history_manager = None


@pytest.fixture
def transcript():
    return Transcript(Shell())


def show(transcript, count, text, cell_id="c", **how):
    cell = Cell(f"source of {cell_id}", cell_id, count)
    transcript.saw(cell, {"text/plain": "text", "image/png": text}, is_result=False, **how)


def shown(transcript):
    return {cell.cell_id: [o["data"].get("image/png") for o in outputs] for cell, outputs in transcript.last_of_cells()}


def test_the_last_run_of_each_cell_counts(transcript):
    show(transcript, 1, "old", "a")
    show(transcript, 2, "b", "b")
    show(transcript, 3, "new", "a")
    assert shown(transcript) == {"b": ["b"], "a": ["new"]}
    transcript.begin(Cell("source", "a", 4))
    assert shown(transcript) == {"b": ["b"]}


def test_a_display_that_is_updated_is_one_output_also_from_another_cell(transcript):
    show(transcript, 1, "first", "a", display_id="d")
    show(transcript, 1, "other", "a")
    show(transcript, 2, "second", "b", display_id="d")
    assert shown(transcript) == {"a": ["second", "other"]}


def test_cleared_outputs_are_gone(transcript):
    show(transcript, 1, "first", "a")
    transcript.cleared(1)
    show(transcript, 1, "second", "a")
    transcript.cleared(7)
    assert shown(transcript) == {"a": ["second"]}


def test_over_the_budget_the_oldest_keep_their_text(transcript):
    transcript.budget = 1000
    for count in range(1, 6):
        show(transcript, count, "x" * 400, f"c{count}")
    assert [pictures != [None] for pictures in shown(transcript).values()] == [False, False, False, True, True]
    assert transcript.outputs(1)[0]["data"] == {"text/plain": "text"}


def test_one_cell_over_the_budget_stays_within_it(transcript):
    transcript.budget = 1000
    for _ in range(100):
        show(transcript, 1, "x" * 400)
    assert sum(picture is not None for picture in shown(transcript)["c"]) <= 2
    assert len(transcript.outputs(1)) == 100


def test_bytes_are_handed_out_as_a_notebook_has_them(transcript):
    show(transcript, 1, b"bytes")
    assert shown(transcript) == {"c": ["Ynl0ZXM="]}


def test_a_line_tells_number_outputs_and_the_first_line():
    outputs = [{"output_type": "display_data", "data": {"text/plain": "x" * 2048}, "metadata": {}}]
    assert line(Cell("\n\nmodel.fit(x)\nmore", "c", 3), outputs) == "  [3]    1 output    2.0 kB  model.fit(x)"


# -- in a real kernel ---------------------------------------------------------------------------


def ask(kernel, *cells):
    """What the notebook gets for these cells."""
    content = {"comm_id": "one", "target_name": "mlart", "data": {"cells": cells}}
    kernel.client.shell_channel.send(kernel.client.session.msg("comm_open", content))
    while True:
        message = kernel.client.get_iopub_msg(timeout=60)
        if message["msg_type"] in ("comm_msg", "comm_close"):
            return message["content"].get("data", {}).get("cells")


@pytest.mark.kernel
def test_a_cells_outputs_are_handed_to_its_notebook(kernel):
    source = "print('said'); plt.plot([1]); plt.title('lost'); plt.show(); 6 * 7"
    result = kernel.ok(source, "lost-cell")
    kernel.ok("1 + 1", "other")
    [row] = ask(kernel, "lost-cell", "unknown")
    assert (row["cell"], row["source"], row["count"]) == ("lost-cell", source, result.count)
    validate(v4.new_notebook(cells=[v4.new_code_cell(source, outputs=row["outputs"])]))
    pictures = [o["data"]["image/png"].strip() for o in row["outputs"] if "image/png" in o.get("data", {})]
    sent = next(d for d in result.displays if "image/png" in d["data"])
    assert pictures == [sent["data"]["image/png"].strip()]
    marks = [o["metadata"]["mlart"]["path"] for o in row["outputs"] if "mlart" in o.get("metadata", {})]
    assert marks == ["figures/lost.png"]
    assert row["outputs"][-1]["data"]["text/plain"] == "42"
    assert row["outputs"][-1]["execution_count"] == result.count
    assert row["outputs"][0]["text"] == ["said\n"]


@pytest.mark.kernel
def test_it_is_shown_again_where_it_is_asked_for_and_not_kept_again(kernel, stored):
    result = kernel.ok("plt.plot([2]); plt.title('again'); plt.show(); print('words')", "again-cell")
    again = kernel.ok(f"%mlart restore {result.count}")
    assert again.pictures == result.pictures
    assert "words" in again.text
    assert kernel.ok(f"%mlart restore [{result.count}]").pictures == result.pictures
    assert stored() == ["figures/again.png"]
    listed = kernel.ok("%mlart restore").text
    assert f"[{result.count}]" in listed
    assert "plt.plot([2])" in listed


@pytest.mark.kernel
def test_an_error_is_shown_again(kernel):
    result = kernel.run("1 / 0", "failing")
    assert "ZeroDivisionError" in kernel.ok(f"%mlart restore {result.count}").text


@pytest.mark.kernel
@pytest.mark.parametrize(
    ("line", "words"), {"%mlart restore 99999": "[99999] is remembered", "%mlart restore x": "invalid number"}.items()
)
def test_what_is_not_remembered_is_one_line(kernel, line, words):
    result = kernel.run(line)
    assert result.status == "error"
    assert words in result.text
    assert result.text.count("\n") == 1


@pytest.mark.kernel
def test_where_a_server_hears_the_saves_the_setting_tells_how_much_is_remembered(start_kernel, data):
    tell_listening(data / "spool")
    kernel = start_kernel()
    kernel.ok("%load_ext mlart_jupyter\nfrom mlart_jupyter.services import current")
    kernel.ok("6 * 7", "remembered")
    kernel.ok("current().config.restore_bytes = 0")
    kernel.ok("6 * 8", "forgotten")
    assert [row["cell"] for row in ask(kernel, "remembered", "forgotten")] == ["remembered"]


@pytest.mark.kernel
def test_without_the_extension_the_notebook_is_told_at_once(start_kernel):
    kernel = start_kernel()
    kernel.ok("%load_ext mlart_jupyter\n%unload_ext mlart_jupyter")
    assert ask(kernel, "any") is None
