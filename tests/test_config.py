"""The settings: defaults, environment, and a Jupyter configuration."""

from __future__ import annotations

from pathlib import Path

import pytest
from traitlets import TraitError
from traitlets.config import Config

from mlart_jupyter.config import Mlart


def test_the_environment_gives_the_data_folder(data: Path) -> None:
    assert Mlart().data == data


def test_a_configuration_file_wins_over_the_environment(tmp_path: Path) -> None:
    assert Mlart(config=Config({"Mlart": {"data_folder": str(tmp_path / "own")}})).data == tmp_path / "own"


@pytest.mark.parametrize("value", [None, ""])
def test_without_the_environment_it_is_the_users_data_folder(
    value: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLART_DATA") if value is None else monkeypatch.setenv("MLART_DATA", value)
    monkeypatch.setattr("mlart_jupyter.config.user_data_path", lambda name, appauthor: tmp_path / name)
    assert Mlart().data == tmp_path / "mlart-jupyter"


def test_a_relative_data_folder_stays_where_it_was_after_a_cd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Mlart(data_folder="here").data == tmp_path / "here"


def test_a_tilde_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Mlart(data_folder="~/mlart").data == tmp_path / "mlart"


def test_everything_lives_in_the_data_folder(data: Path) -> None:
    settings = Mlart()
    assert settings.spool == data / "spool"
    assert settings.embedded_uri == f"sqlite:///{data}/mlflow.db"
    assert settings.embedded_artifacts == f"file://{data}/artifacts"


def test_making_settings_makes_no_folder(data: Path) -> None:
    settings = Mlart()
    assert not settings.spool.exists()
    assert not data.exists()


def test_every_setting_can_be_configured_and_is_explained() -> None:
    own = {name: trait for name, trait in Mlart.class_own_traits().items() if name not in ("config", "parent", "log")}
    assert own
    assert not [name for name, trait in own.items() if not trait.help or not trait.metadata.get("config")]


@pytest.mark.parametrize("values", [{"figures": "perhaps"}, {"inline_frame_bytes": 1.5}, {"spool_sync": "often"}])
def test_a_value_that_means_nothing_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(TraitError):
        Mlart(**values)
