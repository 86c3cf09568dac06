"""What the package never does, read off its source: it runs no data, and asks no address that somebody sent."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted(
    path
    for top in ("edm_core", "pages", "app.py")
    for path in ([ROOT / top] if top.endswith(".py") else (ROOT / top).rglob("*.py"))
    if "_bundled" not in path.parts
)
RUNS_DATA = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve", "jsonpickle"}
CALLS = {
    "eval", "exec", "os.system", "os.popen", "torch.load", "pandas.read_pickle", "pd.read_pickle",
    "yaml.unsafe_load", "yaml.full_load", "yaml.load_all", "yaml.unsafe_load_all", "input",
    "tempfile.mktemp", "xml.etree.ElementTree.parse", "xml.etree.ElementTree.fromstring",
}  # fmt: skip
XML_WRITING = {"Element", "ParseError", "SubElement", "indent", "tostring"}
ASKING = {
    "httpx",
    "httpx2",
    "requests",
    "urllib.request",
    "http.client",
    "aiohttp",
    "urllib3",
    "ftplib",
    "websockets",
}
# Rooms that ask servers: of models, whose addresses are settings; the workbench's own, which its client is given.
ASKED = (
    "edm_core/remote/",
    "edm_core/client/",
    "edm_core/service/observing/system_checks.py",
    "edm_core/experiments/tracking.py",
)


def trees() -> Iterator[tuple[str, ast.Module]]:
    for file in FILES:
        yield file.relative_to(ROOT).as_posix(), ast.parse(file.read_text(encoding="utf-8"))


def imported(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Give every module that is imported, and the name that is taken from it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((each.name, "") for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from ((node.module or "", each.name) for each in node.names)


def called(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def is_any(module: str, of: set[str]) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in of)


def test_the_package_is_looked_at() -> None:
    assert len(FILES) > 300


def test_nothing_that_runs_data_is_imported() -> None:
    assert not [
        (name, module) for name, tree in trees() for module, _ in imported(tree) if is_any(module, RUNS_DATA)
    ]


def test_nothing_dangerous_is_called() -> None:
    found = [(name, call) for name, tree in trees() for call, _ in called(tree) if call in CALLS]
    assert not found


def test_no_shell_and_no_pickled_arrays() -> None:
    found = [
        (name, call)
        for name, tree in trees()
        for call, node in called(tree)
        for option in node.keywords
        if option.arg in ("shell", "allow_pickle", "weights_only")
        and not (
            isinstance(option.value, ast.Constant) and option.value.value is (option.arg == "weights_only")
        )
    ]
    assert not found


def test_yaml_is_loaded_by_safe_loaders_only() -> None:
    for name, tree in trees():
        loaders = [node for call, node in called(tree) if call == "yaml.load"]
        if not loaders:
            continue
        named = {
            ast.unparse(node)
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and "Loader" in node.attr
        }
        text = (ROOT / name).read_text(encoding="utf-8")
        assert all(each.endswith("SafeLoader") for each in named), (name, named)
        assert "SafeLoader" in text and "FullLoader" not in text and "UnsafeLoader" not in text, name


def test_xml_is_read_by_defusedxml_only() -> None:
    for name, tree in trees():
        for module, taken in imported(tree):
            if is_any(module, {"xml", "lxml"}) and not is_any(module, {"xml.sax.saxutils"}):
                assert module == "xml.etree.ElementTree" and taken in XML_WRITING, (name, module, taken)


def test_only_rooms_that_ask_servers_can() -> None:
    found = {
        (name, module)
        for name, tree in trees()
        for module, _ in imported(tree)
        if is_any(module, ASKING) and not name.startswith(ASKED)
    }
    assert not found


@pytest.mark.parametrize("word", ["url", "address", "href", "uri", "webhook", "callback"])
def test_no_request_names_an_address_to_be_asked(word: str) -> None:
    """No field of a request, nor a parameter of a route, is an address."""
    openapi = pytest.importorskip("edm_core.service.api.mounted")
    schema = openapi.api().openapi()
    named = re.findall(r'"#/components/schemas/(\w+)"', json.dumps([
        operation.get("requestBody", {})
        for item in schema["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict)
    ]))  # fmt: skip
    bodies = {name: schema["components"]["schemas"][name] for name in named}
    fields = {(name, field) for name, body in bodies.items() for field in body.get("properties", {})}
    parameters = {
        (path, each["name"])
        for path, item in schema["paths"].items()
        for operation in item.values()
        if isinstance(operation, dict)
        for each in operation.get("parameters", ())
        if "name" in each
    }
    assert parameters and fields
    assert not [each for each in (*fields, *parameters) if word in each[1].lower().split("_")]
