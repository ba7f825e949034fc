"""No planted secret leaves, ordinary notebooks stay as they are.

The secrets are made while the tests run: none stands in the repository, each looks like a real one.
"""

from __future__ import annotations

import base64
import json
import os
import random
import string
import uuid
from pathlib import Path

import pytest
from nbformat import v4

from mlart_jupyter.redaction.book import redact_notebook
from mlart_jupyter.redaction.known import known_secrets
from mlart_jupyter.redaction.models import NOTEBOOK, Rules
from mlart_jupyter.redaction.texts import redact_text
from mlart_jupyter.redaction.worker import redact

LETTERS, DIGITS = string.ascii_letters, string.digits
ALNUM, HEX = LETTERS + DIGITS, "0123456789abcdef"


def chars(rng: random.Random, alphabet: str, count: int) -> str:
    return "".join(rng.choices(alphabet, k=count - 1)) + rng.choice([c for c in alphabet if c in DIGITS] or [alphabet])


def private_key(rng: random.Random, kind: str) -> str:
    lines = [chars(rng, ALNUM + "+/", 64) for _ in range(5)]
    return "\n".join([f"-----BEGIN {kind}PRIVATE KEY-----", *lines, f"-----END {kind}PRIVATE KEY-----"])


def jwt(rng: random.Random) -> str:
    def part(value: dict[str, object]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    signature = chars(rng, ALNUM + "-_", 43)
    return f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part({'sub': rng.randrange(10**9)})}.{signature}"


def thirty_secrets(seed: int = 7) -> dict[str, list[str]]:
    """Ten kinds, three of each."""
    rng = random.Random(seed)
    upper = string.ascii_uppercase + DIGITS
    return {
        "aws": [f"AKIA{chars(rng, upper, 16)}", f"ASIA{chars(rng, upper, 16)}", chars(rng, ALNUM + "/+", 40)],
        "github": [f"ghp_{chars(rng, ALNUM, 36)}", f"gho_{chars(rng, ALNUM, 36)}", f"glpat-{chars(rng, ALNUM, 20)}"],
        "slack": [f"xoxb-{chars(rng, DIGITS, 12)}-{chars(rng, DIGITS, 12)}-{chars(rng, ALNUM, 24)}" for _ in "123"],
        "models": [
            f"sk-proj-{chars(rng, ALNUM, 48)}",
            f"hf_{chars(rng, LETTERS + DIGITS, 34)}",
            f"sk-ant-{chars(rng, ALNUM, 40)}",
        ],
        "google": [f"AIza{chars(rng, ALNUM + '-_', 35)}" for _ in "123"],
        "stripe": [
            f"sk_live_{chars(rng, ALNUM, 24)}",
            f"rk_live_{chars(rng, ALNUM, 24)}",
            f"sk_live_{chars(rng, ALNUM, 30)}",
        ],
        "jwt": [jwt(rng) for _ in "123"],
        "private keys": [private_key(rng, kind) for kind in ("RSA ", "OPENSSH ", "")],
        "urls": [chars(rng, ALNUM, 14) for _ in "123"],
        "passwords": [chars(rng, ALNUM, 12) for _ in "123"],
    }


def in_code(kind: str, secret: str) -> str:
    """A line of code that holds a secret of a kind."""
    if kind == "aws" and len(secret) == 40:
        return f'aws_secret_access_key = "{secret}"'
    if kind == "urls":
        return f'engine = create_engine("postgresql://me:{secret}@db.example.org/shop")'
    if kind == "passwords":
        return f'password = "{secret}"'
    return f'client = Client("""{secret}""")'


def ordinary_text(rng: random.Random) -> list[str]:
    """What notebooks are full of, and what is no secret."""
    return [
        f"sha256 = '{chars(rng, HEX, 64)}'",
        f"run_id = '{chars(rng, HEX, 32)}'",
        f"commit {chars(rng, HEX, 40)}",
        f"df = pd.read_parquet('s3://bucket/{chars(rng, ALNUM, 22)}/part-0.parquet')",
        f"image: registry/app@sha256:{chars(rng, HEX, 64)}",
        f"id {uuid.UUID(int=rng.getrandbits(128), version=4)}",
        "tokenizer = AutoTokenizer.from_pretrained('bert-base-uncased')",
        "password = os.environ['DB_PASSWORD']",
        "api_key = getpass('API key: ')",
        "max_new_tokens=256, pad_token_id=50256, eos_token='<|endoftext|>'",
        f"Epoch {rng.randrange(99)}: loss={rng.random():.6f} tokens/s={rng.randrange(9999)}",
        "https://example.org/data?key=sepal_length&page=2",
        f"<td>{rng.random()}</td><td>{chars(rng, ALNUM, 20)}</td>",
        "key: 0, secret santa: a party, pass: 3 of 4",
        f"data:image/png;base64,{chars(rng, ALNUM + '+/', 400)}",
        f"array([{rng.random()}, {rng.random()}, {rng.random()}])",
    ]


PLANTED = [(kind, secret) for kind, found in thirty_secrets().items() for secret in found]


def saved(*cells) -> bytes:
    """A notebook's bytes as Jupyter writes them: sources and texts are lists of lines."""
    text = json.dumps(v4.new_notebook(cells=list(cells)))
    book = json.loads(text)
    for cell in book["cells"]:
        cell["source"] = cell["source"].splitlines(keepends=True)
        for output in cell.get("outputs", ()):
            if "text" in output:
                output["text"] = output["text"].splitlines(keepends=True)
    return json.dumps(book, indent=1).encode()


def lines_of(secret):
    """The parts of a secret that each would give it away."""
    return [line for line in secret.splitlines() if not line.startswith("-----")]


def stored_parts(data, secret):
    text = data.decode()
    return [part for part in lines_of(secret) if part in text or json.dumps(part)[1:-1] in text]


def test_there_are_thirty_of_ten_kinds():
    assert len(PLANTED) == len({secret for _, secret in PLANTED}) == 30
    assert len(thirty_secrets()) == 10


@pytest.mark.parametrize(("kind", "secret"), PLANTED)
def test_a_planted_secret_is_not_in_any_stored_byte(kind, secret):
    code = in_code(kind, secret)
    printed = v4.new_output("stream", name="stdout", text=f"trying {code}\nconnected with {secret} at last\n")
    result = v4.new_output("execute_result", data={"text/plain": repr(code), "text/html": f"<b>{code}</b>"})
    coloured = code.replace("=", "\x1b[38;5;241m=\x1b[39m").replace('"', '\x1b[33m"')
    error = v4.new_output("error", ename="E", evalue=f"bad {secret}", traceback=[f"---> 1 {coloured}", "end"])
    data = saved(v4.new_code_cell(f"x = 1\n{code}\ny = 2", outputs=[printed, result, error]))
    done = redact_notebook(data, Rules())
    assert stored_parts(done.data, secret) == []
    assert {f.where for f in done.findings} >= {"cell 1", "cell 1, output 1"}
    book = json.loads(done.data)
    assert "x = 1\n" in book["cells"][0]["source"]
    assert stored_parts(redact(code.encode(), "text/plain", Rules()).data, secret) == []


def test_ordinary_notebooks_have_less_than_one_false_finding_each():
    rng, found = random.Random(1), []
    for _ in range(200):
        lines = ordinary_text(rng)
        picture = {"image/png": chars(rng, ALNUM + "+/", 20_000), "text/plain": "<Figure>"}
        outputs = [v4.new_output("stream", text="\n".join(lines)), v4.new_output("display_data", data=picture)]
        cells = [v4.new_code_cell("\n".join(rng.sample(lines, 8)), outputs=outputs), v4.new_markdown_cell(lines[2])]
        data = saved(*cells)
        done = redact_notebook(data, Rules())
        found += done.findings
        assert done.findings or done.data is data
    assert len(found) <= 20, found  # far below one each


def test_what_is_found_in_context_is_redacted_without_it_too():
    secret = PLANTED[-1][1]
    text, findings = redact_text(f'password = "{secret}"\nlogin failed for {secret}', Rules())
    assert secret not in text
    assert [f.where for f in findings] == ["line 1", "line 2"]


def test_the_values_of_the_environment_and_of_jupyter_servers_are_known(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    (tmp_path / "jpserver-1.json").write_text('{"token": "ordinary words of a server"}')
    (tmp_path / "jpserver-2.json").write_text("torn")
    names = {
        "DB_PASSWORD": "just words",
        "API_KEY": "short",
        "MY_TOKEN_FILE": "/run/secrets/token",
        "HOME": "longer one",
    }
    known = known_secrets(names)
    assert known == ("ordinary words of a server", "just words")
    text, findings = redact_text("so just words are secret", Rules(known=known))
    assert text == "so [redacted: Known Secret] are secret"
    assert [f.kind for f in findings] == ["Known Secret"]


def test_servers_are_looked_for_again_when_their_folder_has_changed(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    file = tmp_path / "jpserver-1.json"
    file.write_text("not written yet")
    assert known_secrets({}) == ()
    file.write_text('{"token": "ordinary words"}')
    assert known_secrets({}) == ("ordinary words",)  # the folder is new, so it is not relied on
    os.utime(tmp_path, (1.0, 1.0))
    assert known_secrets({}) == ("ordinary words",)
    with monkeypatch.context() as patched:
        patched.delattr(Path, "glob")
        assert known_secrets({}) == ("ordinary words",)
    (tmp_path / "jpserver-2.json").write_text('{"token": "other words"}')
    os.utime(tmp_path, (2.0, 2.0))
    assert known_secrets({}) == ("ordinary words", "other words")


def test_a_comment_or_a_setting_allows():
    secret = PLANTED[-1][1]
    line = f'password = "{secret}"'
    assert redact_text(f"{line}  # pragma: allowlist secret\nprint({secret!r})", Rules())[1] == ()
    assert redact_text(f"# pragma: allowlist nextline secret\n{line}", Rules())[1] == ()
    assert redact_text(line, Rules(allow=("Secret Keyword",)))[1] == ()
    assert redact_text(line, Rules(allow=(f"{secret[:4]}.*",)))[1] == ()
    assert len(redact_text(line, Rules(allow=("other",)))[1]) == 1


def test_a_finding_does_not_show_its_value():
    secret = PLANTED[-1][1]
    assert secret not in repr(redact_text(f'password = "{secret}"', Rules())[1])


def test_metadata_is_searched_too():
    secret = PLANTED[0][1]
    book = json.loads(saved(v4.new_code_cell("x")))
    book["metadata"]["papermill"] = {"parameters": {"key": secret}}
    done = redact_notebook(json.dumps(book).encode(), Rules())
    assert secret not in done.data.decode()
    assert done.findings[0].where == "the notebook's metadata"


def test_a_rerun_leaves_the_hash_of_the_source_and_an_edit_changes_it():
    one = redact_notebook(saved(v4.new_code_cell("x = 1")), Rules())
    rerun = redact_notebook(saved(v4.new_code_cell("x = 1", execution_count=9)), Rules())
    edit = redact_notebook(saved(v4.new_code_cell("x = 2")), Rules())
    assert one.source_hash == rerun.source_hash != edit.source_hash


def test_outputs_are_kept_stripped_or_capped():
    big, small = (v4.new_output("stream", text="x" * n) for n in (5000, 10))
    data = saved(v4.new_code_cell("x", outputs=[big, small], execution_count=3), v4.new_markdown_cell("m"))
    assert redact_notebook(data, Rules()).data is data
    stripped = json.loads(redact_notebook(data, Rules(outputs="strip")).data)["cells"]
    assert (stripped[0]["outputs"], stripped[0]["execution_count"]) == ([], None)
    assert "outputs" not in stripped[1]
    capped = json.loads(redact_notebook(data, Rules(output_bytes=1000)).data)["cells"][0]["outputs"]
    assert "left out" in capped[0]["text"][0]
    assert capped[1]["text"] == ["x" * 10]


def test_a_page_needs_no_network_and_runs_nothing_of_the_notebook():
    evil = v4.new_output("display_data", data={"text/html": "<script>steal()</script><img src=x onerror=steal()>"})
    drawn = v4.new_output("display_data", data={"image/png": "iVBORw0KGgo="})
    page = redact_notebook(saved(v4.new_code_cell("x", outputs=[evil, drawn])), Rules(html=True)).html.decode()
    assert "steal()</script>" not in page
    assert "<img src=x" not in page
    assert "data:image/png;base64,iVBOR" in page
    assert 'src="http' not in page
    assert "cdn" not in page.lower()


def test_what_is_no_notebook_is_redacted_as_text():
    secret = PLANTED[0][1]
    for data in (b"torn {", b"[1]", b'"text"', b'{"cells": 3}'):
        assert secret not in redact(data + secret.encode(), NOTEBOOK, Rules()).data.decode()


def test_bytes_that_are_no_utf8_go_through():
    assert redact(b"\xff\xfe plain", "text/plain", Rules()).data == b"\xff\xfe plain"
