"""Which Debian packages the material comes from, what each is used for, and how to get it.

Every package serves one split only: ``train``, ``val`` (choosing among trained networks and thresholds) or
``test``. Nothing that the test hears, not a voice and not a tune, was in training.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "edm-benchmark" / "activity"
"""Where packages and decoded clips are kept."""


@dataclass(frozen=True, slots=True)
class Source:
    """Sound files of one package.

    Parameters
    ----------
    package : str
        The Debian package.
    kind : str
        ``speech``, ``music`` or ``noise``.
    split : str
        ``train``, ``val`` or ``test``.
    files : str
        Pattern below the package's root, for :meth:`pathlib.Path.rglob`.
    licence : str
        As the package's copyright file states it.
    """

    package: str
    kind: str
    split: str
    files: str
    licence: str


SOURCES = (
    # --- speech: recorded people
    Source("asterisk-core-sounds-en-g722", "speech", "train", "*.g722", "CC-BY-SA-3.0"),
    Source("fillets-ng-data-cs", "speech", "train", "cs/*-[mv]-*.ogg", "GPL-2+"),
    Source("klettres-data", "speech", "train", "*.ogg", "GPL-2+"),
    Source("ktuberling-data", "speech", "train", "*.ogg", "GPL-2+"),
    Source("hedgewars-data", "speech", "train", "Sounds/voices/**/*.ogg", "GPL-2"),
    Source("asterisk-prompt-es-co", "speech", "val", "*.gsm", "GPL-2+"),
    Source("gcin-voice", "speech", "val", "*.ogg", "LGPL-3 or CC-BY-3"),
    Source("asterisk-core-sounds-fr-g722", "speech", "test", "*.g722", "CC-BY-SA-3.0"),
    Source("asterisk-core-sounds-es-g722", "speech", "test", "*.g722", "CC-BY-SA-3.0"),
    Source("asterisk-prompt-fr-armelle", "speech", "test", "*.gsm", "GPL-2+"),
    Source("fillets-ng-data-nl", "speech", "test", "nl/*-[mv]-*.ogg", "GPL-2+"),
    # --- music
    Source("fretsonfire-songs-muldjord", "music", "train", "song.ogg", "CC-BY-SA-3.0"),
    Source("singularity-music", "music", "train", "*.ogg", "CC-BY-SA-3.0"),
    Source("asc-music", "music", "train", "*.mp3", "GPL-2+"),
    Source("xmoto-data", "music", "train", "Musics/*.ogg", "GPL-2+"),
    Source("ardentryst", "music", "train", "*.ogg", "GPL-3+"),
    Source("pingus-data", "music", "train", "*.it", "GPL-3+"),
    Source("ri-li-data", "music", "train", "*.xm", "GPL-2+"),
    Source("amoebax-data", "music", "train", "*.ogg", "GPL-2+"),
    Source("warmux-data", "music", "train", "music/**/*.ogg", "GPL-2+"),
    Source("wesnoth-1.16-music", "music", "train", "*.ogg", "GPL-2+"),
    Source("hedgewars-data", "music", "train", "Data/Music/*.ogg", "GPL-2"),
    Source("planetblupi-music-ogg", "music", "train", "*.ogg", "GPL-3+"),
    Source("starfighter-data", "music", "train", "*.ogg", "GPL-3+ and CC"),
    Source("frozen-bubble-data", "music", "val", "*zik*.ogg", "GPL-2"),
    Source("warzone2100-music", "music", "val", "*.opus", "GPL-2+"),
    Source("tuxmath-data", "music", "val", "*.mod", "GPL-3+"),
    Source("fretsonfire-songs-sectoid", "music", "test", "song.ogg", "MIT"),
    Source("hyperrogue-music", "music", "test", "*.ogg", "CC-BY-SA-3.0"),
    Source("rafkill-data", "music", "test", "*.xm", "LGPL-2"),
    Source("drascula-music", "music", "test", "*.ogg", "Drascula's: may be used and given on"),
    Source("zaz-data", "music", "test", "mus*.ogg", "CC-BY-SA-3.0"),
    # --- sounds that are neither
    Source("bzflag-data", "noise", "train", "*.wav", "LGPL-2.1"),
    Source("freedroid-data", "noise", "train", "*.wav", "GPL-2+"),
    Source("boswars-data", "noise", "train", "*.wav", "GPL-2"),
    Source("colobot-common-sounds", "noise", "train", "*.wav", "GPL-3+"),
    Source("wordwarvi-sound", "noise", "train", "*.ogg", "GPL-2+ and CC-BY-SA"),
    Source("oxygen-sounds", "noise", "val", "*.ogg", "GPL-2+"),
    Source("lincity-ng-data", "noise", "test", "*.wav", "GPL-2+"),
)
"""Licences are those of the packages' copyright files, where they name several: of the sound."""


class NoPackages(RuntimeError):
    """Packages cannot be had here; the message is the reason, fit for a table."""


def folder(package: str, cache: Path = CACHE) -> Path:
    """Return where a package's files lie; fetch and unpack it first if need be.

    Nothing is installed: the package is only unpacked into the cache.

    Raises
    ------
    NoPackages
        Without ``apt-get`` and ``dpkg-deb``, or when the package cannot be fetched.
    """
    target = cache / "packages" / package
    if target.is_dir():
        return target
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise NoPackages("the material comes from Debian packages, and this machine has no apt-get")
    scratch = cache / "packages" / f"{package}.part"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    answer = subprocess.run(["apt-get", "download", package], cwd=scratch, capture_output=True, text=True)
    archives = list(scratch.glob("*.deb"))
    if answer.returncode or not archives:
        reason = (answer.stderr.strip().splitlines() or ["nothing came"])[-1]
        raise NoPackages(f"{package} could not be fetched (apt-get update first?): {reason}")
    version = re.sub(r".*?_(.*)_.*", r"\1", archives[0].name).replace("%3a", ":")
    subprocess.run(["dpkg-deb", "-x", archives[0], scratch / "root"], check=True)
    (scratch / "root" / "VERSION").write_text(version, encoding="utf-8")
    (scratch / "root").rename(target)
    shutil.rmtree(scratch)
    return target


def files(source: Source, cache: Path = CACHE) -> list[Path]:
    """Return the sound files of a source, sorted."""
    found = folder(source.package, cache).rglob(source.files)
    return sorted(path for path in found if path.is_file() and not path.is_symlink())


def version(package: str, cache: Path = CACHE) -> str:
    """Return the version of a package that was fetched."""
    return (folder(package, cache) / "VERSION").read_text(encoding="utf-8").strip()
