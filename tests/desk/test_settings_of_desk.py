"""Settings of a desk: what is unknown or cannot be used stops the start and says where it stands."""

from pathlib import Path

import pytest

from desk_client.settings import Settings, read_settings
from sync_protocol.settings import BadSetting


def test_without_a_word_the_defaults_are_in_force(tmp_path: Path) -> None:
    assert read_settings(tmp_path, {}) == Settings(data=tmp_path)


def test_the_file_of_the_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / "desk.ini").write_text("port = 9000\nlanguage = en\n", "utf-8")

    settings = read_settings(tmp_path, {})

    assert (settings.port, settings.language) == (9000, "en")


def test_a_variable_goes_before_the_file(tmp_path: Path) -> None:
    (tmp_path / "desk.ini").write_text("port = 9000\n", "utf-8")

    assert read_settings(tmp_path, {"DESK_PORT": "9001"}).port == 9001


def test_the_folder_is_named_by_the_command_then_by_the_variable(tmp_path: Path) -> None:
    environment = {"DESK_DATA": str(tmp_path / "b")}

    assert read_settings(tmp_path / "a", environment).data == tmp_path / "a"
    assert read_settings(None, environment).data == tmp_path / "b"


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("colour = red", "colour"),
        ("data = /elsewhere", "data"),
        ("port = many", "port"),
        ("port = 0", "port"),
        ("port = -1", "port"),
        ("port = ²", "port"),
        ("port =", "port"),
        ("language = fr", "language"),
        ("key_store = usb", "key_store"),
        ("lock_after_s = 5", "lock_after_s"),
        ("sync_interval_s = 1.5", "sync_interval_s"),
    ],
)
def test_a_setting_in_the_file_that_cannot_be_used_is_named_with_the_file(tmp_path: Path, line: str, name: str) -> None:
    (tmp_path / "desk.ini").write_text(line + "\n", "utf-8")

    with pytest.raises(BadSetting) as refusal:
        read_settings(tmp_path, {})

    assert (refusal.value.values["name"], refusal.value.values["where"]) == (name, str(tmp_path / "desk.ini"))


@pytest.mark.parametrize(("variable", "value"), [("DESK_PORT", "many"), ("DESK_COLOUR", "red"), ("DESK_LANGUAGE", "")])
def test_a_variable_that_cannot_be_used_is_named(tmp_path: Path, variable: str, value: str) -> None:
    with pytest.raises(BadSetting) as refusal:
        read_settings(tmp_path, {variable: value})

    assert refusal.value.values["where"] == variable


@pytest.mark.parametrize("text", ["port", "[other]\nport = 1\nport = 2", "= 1"])
def test_a_file_that_cannot_be_understood_stops_the_start(tmp_path: Path, text: str) -> None:
    (tmp_path / "desk.ini").write_text(text, "utf-8")

    with pytest.raises(BadSetting):
        read_settings(tmp_path, {})


def test_variables_of_other_programs_are_left_alone(tmp_path: Path) -> None:
    assert read_settings(tmp_path, {"DESKTOP_SESSION": "x", "PATH": "/bin"}) == Settings(data=tmp_path)
