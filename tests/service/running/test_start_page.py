"""The start page knows its server at a page's own address, and nowhere else."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from edm_core.service.running.start_page import KnownServer

HTML = "<!DOCTYPE html><html><head><title>é</title></head></html>" + " " * 2000


@pytest.fixture
def client() -> TestClient:
    async def page(request):
        return HTMLResponse(HTML)

    async def plain(request):
        return PlainTextResponse("<head>")

    routes = [Route("/plain", plain), Route("/{rest:path}", page)]
    return TestClient(
        Starlette(routes=routes, middleware=[Middleware(KnownServer), Middleware(GZipMiddleware)])
    )


def test_a_pages_own_address_is_told(client: TestClient) -> None:
    answer = client.get("/listen?recording=abc", headers={"Accept-Encoding": "gzip"})
    assert '<head><script>if (location.pathname === "/listen") window.__streamlit' in answer.text
    assert answer.text.endswith(HTML.removeprefix("<!DOCTYPE html><html><head>"))
    assert int(answer.headers["content-length"]) == len(answer.content)


@pytest.mark.parametrize("path", ["/", "/a/b", '/x"</script>', "/plain"])
def test_everything_else_passes_as_it_is(client: TestClient, path: str) -> None:
    assert "__streamlit" not in client.get(path).text


@pytest.mark.parametrize(("asked", "led"), [("/library", "./"), ("/library?search=128", "./?search=128")])
def test_the_first_page_has_a_name_too(client: TestClient, asked: str, led: str) -> None:
    answer = client.get(asked, follow_redirects=False)
    assert answer.status_code == 307 and answer.headers["location"] == led
