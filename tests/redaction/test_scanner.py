"""The scanner's process: started when asked, started again when it has died, and never passed by."""

from __future__ import annotations

import os
import signal

import pytest

from mlart_jupyter.errors import StoreUnavailable
from mlart_jupyter.redaction import Rules, Scanner, is_scanned
from mlart_jupyter.redaction import scanner as asking

SECRET = "".join(["hunter", "2", "-on-the-", "run"])


@pytest.fixture
def scanner():
    scanner = Scanner()
    yield scanner
    scanner.close()


def test_it_redacts_and_names_what_it_took_out(scanner):
    done = scanner.redact(f'a = 1\npassword = "{SECRET}"'.encode(), "text/plain", Rules())
    assert done.data == b'a = 1\npassword = "[redacted: Secret Keyword]"'
    assert done.note == "Secrets redacted: Secret Keyword in line 2"


def test_what_a_cells_source_gave_away_is_known_when_its_output_comes(scanner):
    scanner.redact(f'password = "{SECRET}"'.encode(), "text/x-python", Rules())
    assert SECRET.encode() not in scanner.redact(f"hello {SECRET}".encode(), "text/plain", Rules()).data


def test_large_files_go_through(scanner):
    text = b"line of a log 1234\n" * 20_000
    assert scanner.redact(memoryview(text), "text/plain", Rules()).data == text


def test_a_notebook_comes_back_with_its_page(scanner):
    book = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
    done = scanner.redact(book, "application/x-ipynb+json", Rules(html=True))
    assert done.data == book
    assert done.html.startswith(b"<!DOCTYPE html>")
    assert len(done.source_hash) == 64


def test_it_is_started_again_when_it_has_died(scanner):
    scanner.redact(b"x", "text/plain", Rules())
    os.kill(scanner._process.pid, signal.SIGKILL)
    scanner._process.wait()
    assert scanner.redact(b"y", "text/plain", Rules()).data == b"y"


def test_what_cannot_be_scanned_does_not_leave(scanner, monkeypatch, tmp_path):
    with pytest.raises(StoreUnavailable, match=r"could not be scanned.*(error|PatternError):"):
        scanner.redact(b"x", "text/plain", Rules(allow=("(",), known=("x",)))
    monkeypatch.setattr(asking.sys, "executable", str(tmp_path / "missing"))
    scanner.close()
    with pytest.raises(StoreUnavailable, match=r"Mlart\.secrets"):
        scanner.redact(b"x", "text/plain", Rules())


def test_the_users_folder_does_not_shadow_a_library(scanner, monkeypatch, tmp_path):
    (tmp_path / "detect_secrets.py").write_text("raise SystemExit('shadowed')")
    monkeypatch.chdir(tmp_path)
    assert SECRET.encode() not in scanner.redact(f'password = "{SECRET}"'.encode(), "text/plain", Rules()).data


@pytest.mark.parametrize(
    ("kind", "media_type", "wanted"),
    [
        ("notebook", "application/x-ipynb+json", True),
        ("text", "text/plain", True),
        ("json", "application/json", True),
        ("file", "text/html", True),
        ("file", "text/csv", False),
        ("frame", "application/vnd.apache.parquet", False),
        ("figure", "image/svg+xml", False),
        ("file", "application/zip", False),
    ],
)
def test_only_texts_are_scanned(kind, media_type, wanted):
    assert is_scanned(kind, media_type) is wanted
