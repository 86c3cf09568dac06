"""Recording a run with MLflow: parameters, numbers, tags and files.

By default into an SQLite database of the data folder, with the files beside it; ``EDM_MLFLOW_TRACKING_URI``
names a server or another database instead. Nothing is sent anywhere else: MLflow's own reports of its use are
switched off (:func:`edm_core.settings.send_nothing`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .._files import locked, made, writing
from ..errors import SettingsError, StorageError
from ..settings import Settings, send_nothing

if TYPE_CHECKING:
    from mlflow import MlflowClient

DATABASE, FILES = "mlflow.db", "mlflow-files"
"""Where runs and their files lie, below the data folder."""
LONGEST = 5_000
"""Characters of a parameter or tag that are kept."""
_PATIENCE = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": 2, "MLFLOW_HTTP_REQUEST_TIMEOUT": 20}


@dataclass(frozen=True, slots=True)
class Run:
    """What is recorded of a run.

    Parameters
    ----------
    experiment : str
        Runs of a kind belong together.
    name : str
        Of this one.
    parameters, tags : mapping of str to str
        What it was made with, and what it is found by.
    metrics : mapping of str to float
        What came of it.
    files : mapping of str to str
        Texts by file name.
    """

    experiment: str
    name: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)


def tracking_uri(settings: Settings) -> str:
    """Return where runs are recorded.

    Examples
    --------
    >>> from pathlib import Path
    >>> tracking_uri(Settings(data_dir=Path("/data")))
    'sqlite:////data/mlflow.db'
    """
    if settings.mlflow_tracking_uri:
        return settings.mlflow_tracking_uri
    return f"sqlite:///{settings.data_dir.absolute() / DATABASE}"


def record(run: Run, settings: Settings | None = None, told: Callable[[str], None] | None = None) -> str:
    """Record a run and return its id.

    A run that could not be recorded whole is marked as failed there.

    Parameters
    ----------
    run : Run
    settings : Settings, optional
        The process's own by default.
    told : callable, optional
        Told what takes time: the first run of all makes the database's tables.

    Raises
    ------
    StorageError
        If the database, or the server, cannot be written.
    SettingsError
        If the address is none that MLflow knows.
    """
    settings = settings or Settings.from_environment()
    uri = tracking_uri(settings)
    is_own = not settings.mlflow_tracking_uri
    if told is not None and is_own and not (settings.data_dir / DATABASE).exists():
        told("making the database of experiments, which is done once and takes some seconds")
    made(settings.data_dir)
    with writing(settings.data_dir), _explained(uri):
        # Two that begin at the same time would both make the tables.
        with locked(settings.data_dir / f".{DATABASE}.lock"):
            client = _client(uri)
            experiment = _experiment(client, run.experiment, uri, settings)
        return _write(client, experiment, run)


def _client(uri: str) -> MlflowClient:
    send_nothing()
    logging.getLogger("alembic").setLevel(logging.WARNING)
    from mlflow import MlflowClient, environment_variables

    logging.getLogger("mlflow").setLevel(logging.ERROR)
    for name, value in _PATIENCE.items():
        variable = getattr(environment_variables, name)
        if not variable.is_set():
            variable.set(value)
    if uri.startswith(("postgresql", "mysql", "mssql")):  # MLflow would try again for minutes
        from sqlalchemy import create_engine

        engine = create_engine(uri)
        engine.connect().close()
        engine.dispose()
    return MlflowClient(uri)


def _experiment(client: MlflowClient, name: str, uri: str, settings: Settings) -> str:
    known = client.get_experiment_by_name(name)
    if known is not None:
        if known.lifecycle_stage == "deleted":
            client.restore_experiment(known.experiment_id)
        return str(known.experiment_id)
    # A server says itself where files go; a database does not, and MLflow would take the current folder.
    place = (
        None if uri.startswith(("http://", "https://")) else (settings.data_dir.absolute() / FILES).as_uri()
    )
    return str(client.create_experiment(name, artifact_location=place))


def _write(client: MlflowClient, experiment: str, run: Run) -> str:
    from mlflow.entities import Metric, Param, RunTag

    started = client.create_run(experiment, run_name=run.name)
    identity, now = str(started.info.run_id), int(started.info.start_time)
    try:
        client.log_batch(
            identity,
            metrics=[Metric(name, float(value), now, 0) for name, value in run.metrics.items()],
            params=[Param(name, _shortened(value)) for name, value in run.parameters.items() if value],
            tags=[RunTag(name, _shortened(value)) for name, value in run.tags.items()],
        )
        for name, text in run.files.items():
            client.log_text(identity, text, name)
    except BaseException:
        client.set_terminated(identity, "FAILED")
        raise
    client.set_terminated(identity)
    return identity


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


@contextmanager
def _explained(uri: str) -> Iterator[None]:
    """Turn what MLflow and the libraries below it raise into an error that says where and what to do."""
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (SettingsError, StorageError):
        raise
    except Exception as error:
        import requests
        from mlflow.exceptions import MlflowException

        known = (
            MlflowException,
            SQLAlchemyError,
            requests.RequestException,
            ImportError,
            OSError,
            ValueError,
        )
        if not isinstance(error, known):
            raise
        text = _masked(" ".join(str(error).split()))[:300]
        if "unsupported" in text.lower() or "Could not find a registered" in text:
            raise SettingsError(
                f"MLflow knows no such place: {text}",
                subject="EDM_MLFLOW_TRACKING_URI",
                remedy="give http://…, sqlite:///… or postgresql://…, or unset it",
            ) from None
        raise StorageError(
            f"the run could not be recorded: {text}",
            subject=_masked(uri),
            remedy="see that it answers and can be written, or unset EDM_MLFLOW_TRACKING_URI",
        ) from None


def _masked(uri: str) -> str:
    """Return an address without its password."""
    import re

    return re.sub(r"(://[^:/@]*):[^@]*@", r"\1:***@", uri)
