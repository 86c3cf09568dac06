"""Settings: everything that the environment may say, read once into one typed object.

Nothing else in the package reads ``os.environ``. A setting that is absent or empty takes its default; one
that cannot be understood raises :class:`~edm_core.errors.SettingsError`, which names it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from .errors import SettingsError

DEFAULT_LOG_LEVEL = "WARNING"
RATINGS = ("shares", "similarity")
"""How a language model may score."""
ROLES = ("none", "read", "annotate", "admin")
"""What somebody may who signs in, each more than the one before."""

_POSITIVE = (
    "max_upload_mb", "max_duration_s", "max_channels", "cache_mb", "workers", "passage_s", "llm_workers",
    "llm_timeout_s", "lease_s",
)  # fmt: skip
# Names that earlier systems had.
_ALIASES = {
    "langflow_base_url": "LANGFLOW_BASE_URL",
    "langflow_api_key": "LANGFLOW_API_KEY",
    "queue_url": "REDIS_URL",
    "log_level": "LOG_LEVEL",
}


def send_nothing() -> None:
    """Tell the libraries below to send no reports of their use; they look when they are imported.

    What the environment says already is left as it is.
    """
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # ONNX Runtime reports its use to its maker
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # so does MLflow


def spare_memory() -> None:
    """Tell MKL not to keep what it freed for the next time; it looks when it is first asked for memory.

    What the environment says already is left as it is.
    """
    os.environ.setdefault("MKL_DISABLE_FAST_MM", "1")


def cores() -> int:
    """Return how many cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


def count_in(folder: Path | None) -> None:
    """Tell the library of metrics where the processes of one service count together; it looks when imported.

    Parameters
    ----------
    folder : Path or None
        A folder that is there; None: each process counts for itself.
    """
    if folder is None:
        os.environ.pop("PROMETHEUS_MULTIPROC_DIR", None)
    else:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


@dataclass(frozen=True, slots=True)
class Settings:
    """What can be configured, with its defaults.

    Every field is the environment variable ``EDM_<FIELD>`` in lower case.

    Examples
    --------
    >>> Settings.from_environment({"EDM_MAX_UPLOAD_MB": "20"}).max_upload_mb
    20
    """

    data_dir: Path = field(default_factory=lambda: _expanded("EDM_DATA_DIR", "~/.local/share/edm"))
    """Where recordings, caches and results lie."""
    audio_dir: Path | None = None
    """A folder of recordings that the Library offers to add."""
    annotation_dir: Path | None = None
    """A folder in which every revision of an annotation is mirrored as YAML."""
    database_url: str = field(default="", repr=False)  # may hold a password
    """Where annotations are kept: ``postgresql://edm@localhost/edm``; empty: SQLite in ``data_dir``."""
    blob_url: str = ""
    """Where recordings and analyses are kept: ``s3://bucket/prefix``; empty: in ``data_dir``. Credentials and
    region are what the AWS tools use (``AWS_*``)."""
    queue_url: str = field(default="", repr=False)  # may hold a password
    """Redis or Valkey that hands out jobs: ``redis://localhost:6379/0``; empty: the database does."""
    lease_s: float = 30.0
    """Seconds of silence after which a worker is taken to be dead, and its job is begun again."""
    public_url: str = ""
    """Address under which a proxy serves the workbench, such as ``https://edm.example.org``."""
    api_keys_required: bool = False
    """Whether every request needs an API key, on this machine too; beyond it it always does."""
    cookie_secret: str = field(default="", repr=False)
    """Signs who is signed in on the pages; empty: made once, in ``data_dir``. Needed where several machines
    serve one database."""
    sign_in_role: str = "read"
    """What somebody may who signs in and was given no role: ``none``, ``read``, ``annotate``, ``admin``."""
    rate_limit: str = ""
    """Most requests of a key, or of an address without one, such as ``600/minute``; empty: no limit."""
    cors_origins: str = ""
    """Sites whose pages may use the API, separated by spaces; empty: none."""
    quota_mb: int = 0
    """Most that all uploads of one person may take, in megabytes; 0: no limit."""
    max_upload_mb: int = 500
    """Largest file that is read, in megabytes (10^6 bytes)."""
    max_duration_s: float = 43_200.0
    """Longest recording that is decoded, in seconds."""
    max_channels: int = 8
    """Most channels that a recording may have."""
    cache_mb: int = 4_000
    """Size to which the stage cache is trimmed, in megabytes."""
    whisper_engine: str = "faster-whisper"
    """Speech recogniser."""
    whisper_model: str = "base"
    """Its model: a packaged name, a folder with weights, or what the server calls it."""
    whisper_base_url: str = ""
    """Address of an OpenAI-compatible speech server, such as ``http://localhost:8000/v1``."""
    whisper_api_key: str = field(default="", repr=False)
    """What that server asks for, if anything."""
    passage_s: float = 15.0
    """Seconds that a passage aims at."""
    content_engine: str = "packaged"
    """What judges topic and tone: ``packaged``, ``zero-shot:FOLDER-or-HUB/ID`` or ``language-model``."""
    llm_base_url: str = ""
    """Address of an OpenAI-compatible server of language models, such as ``http://localhost:1234/v1``."""
    llm_model: str = ""
    """The model that it is asked for."""
    llm_api_key: str = field(default="", repr=False)
    """What that server asks for, if anything."""
    llm_api_version: str = ""
    """Of Azure OpenAI, such as ``2024-10-21``; set, the server is spoken to as Azure's are."""
    llm_workers: int = 4
    """How many questions a language model is asked at the same time."""
    llm_timeout_s: float = 60.0
    """Seconds that one of its answers may take."""
    llm_rating: str = "shares"
    """How it scores: ``shares`` (it gives a distribution) or ``similarity`` (free text, rated afterwards)."""
    llm_input_price: float | None = None
    """What a million tokens of questions cost, in a currency of yours."""
    llm_output_price: float | None = None
    """What a million tokens of answers cost."""
    langflow_base_url: str = ""
    """Address of a Langflow server, such as ``http://localhost:7860``; also ``LANGFLOW_BASE_URL``."""
    langflow_api_key: str = field(default="", repr=False)
    """What that server asks for, if anything; also ``LANGFLOW_API_KEY``."""
    langflow_flow: str = ""
    """The flow that scores: its id or endpoint name."""
    mlflow_tracking_uri: str = field(default="", repr=False)  # may hold a password
    """Where experiments are recorded: an MLflow server or database; empty: SQLite in ``data_dir``."""
    workers: int = 1
    """How many recordings are analysed at the same time."""
    log_level: str = DEFAULT_LOG_LEVEL
    """Level of the log: DEBUG, INFO, WARNING or ERROR."""
    log_format: str = "text"
    """Lines of the log: ``text`` for people, ``json`` for programs."""
    log_file: Path | None = None
    """Where the log goes; standard error if absent."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read the settings from ``EDM_*`` variables.

        Parameters
        ----------
        environment : mapping, optional
            Variables to read instead of the process's own.

        Raises
        ------
        SettingsError
            If a value cannot be understood; the message names the variable.
        """
        source = os.environ if environment is None else environment
        values: dict[str, object] = {}
        for each in fields(cls):
            name = f"EDM_{each.name.upper()}"
            text = source.get(name, "").strip()
            if not text and each.name in _ALIASES:
                name = _ALIASES[each.name]
                text = source.get(name, "").strip()
            if text:
                values[each.name] = _parse(name, text, str(each.type))
        return cls(**values)  # type: ignore[arg-type]

    def __post_init__(self) -> None:
        for name in _POSITIVE:
            value = getattr(self, name)
            if not value > 0:
                raise SettingsError(
                    f"{value:g} is not a positive number",
                    subject=f"EDM_{name.upper()}",
                    remedy="set it above zero or unset it",
                )
        for name in ("llm_input_price", "llm_output_price"):
            price = getattr(self, name)
            if price is not None and not 0 <= price < float("inf"):
                raise SettingsError(
                    f"{price:g} is no price",
                    subject=f"EDM_{name.upper()}",
                    remedy="give 0 or more or unset it",
                )
        if self.quota_mb < 0:
            raise SettingsError(
                f"{self.quota_mb} is no size", subject="EDM_QUOTA_MB", remedy="give 0 or more"
            )
        if self.sign_in_role not in ROLES:
            raise SettingsError(
                f"there is no role {self.sign_in_role!r}",
                subject="EDM_SIGN_IN_ROLE",
                remedy=f"use {', '.join(ROLES)}",
            )
        if self.log_format not in ("text", "json"):
            raise SettingsError(
                f"there is no format {self.log_format!r}", subject="EDM_LOG_FORMAT", remedy="use text or json"
            )
        if self.llm_rating not in RATINGS:
            raise SettingsError(
                f"there is no rating {self.llm_rating!r}",
                subject="EDM_LLM_RATING",
                remedy=f"use {' or '.join(RATINGS)}",
            )

    def environment(self) -> dict[str, str]:
        """Return the variables that give these settings to another process.

        Examples
        --------
        >>> settings = Settings(workers=3)
        >>> Settings.from_environment(settings.environment()) == settings
        True
        """
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {f"EDM_{name.upper()}": str(value) for name, value in values.items() if value is not None}

    def inherited(self) -> dict[str, str]:
        """Return the whole environment of a process that is started with these settings and no others."""
        names = {f"EDM_{each.name.upper()}" for each in fields(self)} | set(_ALIASES.values())
        rest = {name: value for name, value in os.environ.items() if name not in names}
        return rest | self.environment()

    @property
    def max_bytes(self) -> int:
        """Largest file that is read, in bytes."""
        return self.max_upload_mb * 1_000_000


def _parse(name: str, text: str, kind: str) -> object:
    try:
        if kind == "int":
            return int(text)
        if kind.startswith("float"):
            return float(text)
    except ValueError:
        wanted = "a whole number" if kind == "int" else "a number"
        raise SettingsError(
            f"{text!r} is not {wanted}", subject=name, remedy="correct it or unset it"
        ) from None
    if kind == "bool":
        return _flag(name, text)
    if kind.startswith("Path"):
        return _expanded(name, text)
    return text


def _flag(name: str, text: str) -> bool:
    meant = {
        "1": True,
        "true": True,
        "yes": True,
        "on": True,
        "0": False,
        "false": False,
        "no": False,
        "off": False,
    }
    try:
        return meant[text.casefold()]
    except KeyError:
        raise SettingsError(
            f"{text!r} is neither yes nor no", subject=name, remedy="set it to 1 or 0"
        ) from None


def _expanded(name: str, text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError:  # containers run under users of whom nothing is known
        raise SettingsError(
            f"{text} cannot be resolved: that user has no home folder",
            subject=name,
            remedy="set it to the full path of a folder",
        ) from None
