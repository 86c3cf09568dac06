"""A backup that is made while people save, and put back somewhere else."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import replace
from pathlib import Path

from edm_core.settings import Settings
from edm_core.store import Library
from tests.servers import PostgreSQL

from ..measure import EDM
from .material import furnished, tone
from .outcome import Outcome, of, seconds
from .serving import Serving
from .writing import damaged, lost, saves, some_more, writing

WRITERS = 4
BACK_S = 300.0


def backed_up(settings: Settings, folder: Path, times: int, server: PostgreSQL | None = None) -> Outcome:
    """Back up under write load, several times into one folder, and restore each into an empty place.

    Parameters
    ----------
    settings : Settings
    folder : Path
    times : int
    server : PostgreSQL, optional
        Where databases to restore into are made; SQLite in a folder otherwise.
    """
    entry = furnished(settings, folder)
    # What was added from a folder stays there; an upload lies in the library, and so in the backup.
    sound = tone(folder / "upload.wav", 999)
    with sound.open("rb") as file:
        upload = Library(settings).add_upload("upload.wav", file)
    faults: list[str] = []
    backups, restores, told = [], [], 0
    with Serving(settings, folder, "--no-workers") as serving:
        for number in range(times):
            with writing(serving.port, entry.digest, WRITERS) as writers:
                some_more(writers, 5 * WRITERS)
                before, began = saves(writers), time.monotonic()
                backups.append(_edm(settings, folder, "backup", str(folder / "backup")))
                some_more(writers, WRITERS)
            told += before
            place = folder / f"restored-{number}"
            url = server.new_database() if server else ""
            fresh = replace(settings, data_dir=place, database_url=url)
            began_restore = time.monotonic()
            _edm(fresh, folder, "restore", str(folder / "backup"))
            with Serving(fresh, folder, "--no-workers") as again:
                restores.append(time.monotonic() - began_restore)
                answer = again.ask("GET", f"/recordings/{entry.digest}/timeline")
                if answer.status != 200 or answer.json()["recording"]["id"] != entry.id:
                    faults.append(f"the analysis cannot be read: {answer.status}")
                answer = again.ask("GET", f"/recordings/{upload.digest}/audio")
                if answer.body != sound.read_bytes():
                    faults.append(f"the upload's bytes are not what they were: {answer.status}")
            for writer in writers:
                writer.acknowledged = [each for each in writer.acknowledged if each[0] < began]
            faults += [*lost(fresh, entry.id, writers), *damaged(fresh)]
    return Outcome(
        "a backup under write load", f"{times} backups, {WRITERS} writers, "
        f"{'PostgreSQL' if settings.database_url else 'SQLite'}",
        f"all that was acknowledged before is in it, serving again within {BACK_S:g} s",
        {"lost": of(len(faults), told), "backup": seconds(backups),
         "restored and serving": seconds(restores)},
        (*faults, *(f"restoring took {took:.0f} s" for took in restores if took > BACK_S)),
    )  # fmt: skip


def _edm(settings: Settings, folder: Path, *arguments: str) -> float:
    """Run a command of the workbench, and return the seconds it took."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("EDM_")}
    began = time.monotonic()
    done = subprocess.run(
        [*EDM, *arguments], env={**inherited, **settings.environment()}, cwd=folder,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"edm {' '.join(arguments)}: {done.stderr[-2000:]}"
    return time.monotonic() - began
