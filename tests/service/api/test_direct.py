"""Sound from where it lies: led to the bucket, or served as ever."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from edm_core.service import middleware, open_workbench, routes
from edm_core.settings import Settings
from tests.servers import S3


def test_on_a_disk_it_is_served_as_ever(client: TestClient, entry) -> None:
    answer = client.get(f"/api/v1/recordings/{entry.digest}/audio?direct=true", follow_redirects=False)
    assert answer.status_code == 200 and answer.headers["accept-ranges"] == "bytes"


@pytest.fixture
def bucket(s3: S3, tmp_path: Path) -> Iterator[TestClient]:
    open_workbench(Settings(data_dir=tmp_path / "data", blob_url=s3.new_bucket()))
    with TestClient(
        Starlette(routes=routes(), middleware=middleware()), base_url="http://localhost"
    ) as client:
        yield client


@pytest.mark.servers
def test_in_a_bucket_it_is_had_from_there_with_ranges(bucket: TestClient, wav: Path) -> None:
    added = bucket.post("/api/v1/recordings?name=tone.wav", content=wav.read_bytes()).json()["recording"]
    path = f"/api/v1/recordings/{added['id']}/audio"
    led = bucket.get(f"{path}?direct=true", follow_redirects=False)
    assert led.status_code == 307 and led.headers["cache-control"] == "private, no-store"
    answer = httpx2.get(led.headers["location"], headers={"Range": "bytes=4-43"})
    assert (answer.status_code, answer.content) == (206, wav.read_bytes()[4:44])
    assert bucket.get(path).content == wav.read_bytes()
