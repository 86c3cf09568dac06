"""Blobs in S3, or what speaks like it: credentials, region and address are what AWS tools use (``AWS_*``).

Large files are sent in parts; what has to be a file on this machine is copied into the stage cache, which
bounds it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from ..cache import Cache, key_of
from ..errors import StorageError
from ..settings import Settings
from .blobs import BLOCK, MissingBlob, Stored, checked

_ABSENT = ("404", "NoSuchKey", "NotFound")


class S3Blobs:
    """Blobs in a bucket, below a prefix.

    Parameters
    ----------
    bucket : str
        It has to be there.
    prefix : str
        Stands before the keys, without slashes at its ends; may be empty.
    settings : Settings
        Where copies lie on this machine, and how large they may get together.
    """

    is_remote = True

    def __init__(self, bucket: str, prefix: str, settings: Settings) -> None:
        self.bucket, self.prefix = bucket, f"{prefix}/" if prefix else ""
        self.name = f"s3://{bucket}/{prefix}"
        self._cache = Cache.of(settings)
        self._fetched = 0  # bytes since the cache was last trimmed
        self._lock = threading.Lock()

    @cached_property
    def _client(self) -> Any:
        import boto3
        from botocore.config import Config

        config = Config(
            connect_timeout=10, read_timeout=60, retries={"max_attempts": 5, "mode": "standard"},
            max_pool_connections=32,
            # Not every server that speaks S3 knows the checksums that newer clients send unasked.
            request_checksum_calculation="when_required", response_checksum_validation="when_required",
        )  # fmt: skip
        with self._told():
            return boto3.session.Session().client("s3", config=config)

    def put(self, key: str, source: Path | bytes) -> None:
        """Send bytes, or a file, which stays."""
        with self._told():
            if isinstance(source, bytes):
                self._client.put_object(Bucket=self.bucket, Key=self._key(key), Body=source)
            else:
                self._client.upload_file(str(source), self.bucket, self._key(key))

    def open(self, key: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Give the bytes of ``[start, stop)`` in blocks."""
        size = self.size(key)
        if size is None:
            raise MissingBlob.of(key, self.name)
        stop = size if stop is None else min(stop, size)
        if start >= stop:
            return iter(())
        with self._told(key):
            found = self._client.get_object(
                Bucket=self.bucket, Key=self._key(key), Range=f"bytes={start}-{stop - 1}"
            )
        return self._blocks(found["Body"])

    def read(self, key: str) -> bytes:
        """Return all of a blob."""
        with self._told(key):
            data: bytes = self._client.get_object(Bucket=self.bucket, Key=self._key(key))["Body"].read()
        return data

    def local(self, key: str) -> Path:
        """Return a copy in the stage cache, fetched if it is not there."""
        name = key_of("blob", self.name, checked(key))
        if (known := self._cache.get(name)) is None:
            with self._cache.create(name) as draft, self._told(key):
                self._client.download_file(self.bucket, self._key(key), str(draft / "blob"))
                size = (draft / "blob").stat().st_size
            self._trim(size)
            known = self._cache.get(name)
        if known is None:
            raise StorageError(
                "a copy was deleted while it was fetched", subject=key, remedy="raise EDM_CACHE_MB"
            )
        return known / "blob"

    def size(self, key: str) -> int | None:
        """Return how many bytes it has."""
        try:
            with self._told(key):
                found = self._client.head_object(Bucket=self.bucket, Key=self._key(key))
        except MissingBlob:
            return None
        return int(found["ContentLength"])

    def delete(self, key: str) -> None:
        """Delete it, if it is there, and the copy on this machine."""
        with self._told():
            self._client.delete_object(Bucket=self.bucket, Key=self._key(key))
        self._cache.drop(key_of("blob", self.name, key))

    def keys(self, prefix: str = "") -> Iterator[Stored]:
        """Give the blobs whose keys begin so."""
        with self._told():
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=f"{self.prefix}{prefix}"
            )
            for page in pages:
                for each in page.get("Contents", ()):
                    key = each["Key"].removeprefix(self.prefix)
                    yield Stored(key, int(each["Size"]), each["LastModified"].timestamp())

    def address(self, key: str, seconds: int = 3600) -> str | None:
        """Return a signed address."""
        with self._told():
            signed: str = self._client.generate_presigned_url(
                "get_object", Params={"Bucket": self.bucket, "Key": self._key(key)}, ExpiresIn=seconds
            )
        return signed

    def sweep(self, seconds: float) -> int:
        """End uploads in parts that were begun so long ago, and are paid for; return how many there were."""
        swept = 0
        with self._told():
            begun = self._client.list_multipart_uploads(Bucket=self.bucket, Prefix=self.prefix)
            for each in begun.get("Uploads", ()):
                if time.time() - each["Initiated"].timestamp() > seconds:
                    self._client.abort_multipart_upload(
                        Bucket=self.bucket, Key=each["Key"], UploadId=each["UploadId"]
                    )
                    swept += 1
        return swept

    def _key(self, key: str) -> str:
        return self.prefix + checked(key)

    def _blocks(self, body: Any) -> Iterator[bytes]:
        with self._told():
            try:
                yield from body.iter_chunks(BLOCK)
            finally:
                body.close()

    def _trim(self, size: int) -> None:
        with self._lock:
            self._fetched += size
            due = self._fetched > self._cache.limit_bytes / 10
            self._fetched = 0 if due else self._fetched
        if due:
            self._cache.trim()

    @contextmanager
    def _told(self, key: str = "") -> Iterator[None]:
        """Turn what boto3 raises into errors of the workbench's; what it says holds no credentials."""
        from boto3.exceptions import Boto3Error
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            if key and code in _ABSENT:
                raise MissingBlob.of(key, self.name) from None
            problem = str(error.response.get("Error", {}).get("Message") or code)
            raise StorageError(
                f"the store cannot do it ({problem})", subject=self.name,
                remedy="check that the bucket is there and that AWS_* may use it",
            ) from None  # fmt: skip
        except (BotoCoreError, Boto3Error) as error:
            raise StorageError(
                f"the store does not answer ({error})", subject=self.name,
                remedy="check AWS_ENDPOINT_URL, AWS_REGION and the credentials in AWS_*",
            ) from None  # fmt: skip
