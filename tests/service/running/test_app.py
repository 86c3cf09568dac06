"""The server: its port, its configuration, and the three ways to start it."""

import socket
import tomllib
from pathlib import Path

import pytest

from edm_core import resources
from edm_core.errors import EdmError
from edm_core.service.running import app as app_module
from edm_core.service.running.app import bind, serve
from edm_core.settings import Settings


def test_a_free_port_is_found_and_only_this_machine_can_connect() -> None:
    with bind(0) as listener:
        assert listener.getsockname()[0] == "127.0.0.1"
        assert listener.getsockname()[1] > 0


def test_a_port_in_use_says_what_to_do(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(
            EdmError, match=rf"port {port}: it is in use; stop what runs there or choose another"
        ):
            serve(port, Settings(data_dir=tmp_path))


def test_a_port_that_does_not_exist_is_refused() -> None:
    with pytest.raises(EdmError, match="port 70000: it cannot be used"):
        bind(70_000)


def test_the_configuration_is_the_file_beside_app_py(tmp_path: Path) -> None:
    from streamlit import config

    app_module._configure(8599, Settings(data_dir=tmp_path, max_upload_mb=7))
    assert config.get_option("server.maxUploadSize") == 7
    assert config.get_option("server.address") == "localhost"
    assert config.get_option("browser.gatherUsageStats") is False
    file = tomllib.loads((resources.ROOT / ".streamlit" / "config.toml").read_text())
    for theme in ("light", "dark"):
        wanted = file["theme"][theme]["primaryColor"]
        assert config.get_option(f"theme.{theme}.primaryColor") == wanted


def test_the_pages_and_their_routes_make_one_application() -> None:
    import streamlit as st

    assert isinstance(app_module._application(), st.App)
