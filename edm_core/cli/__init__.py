"""The ``edm`` command: reads arguments, calls one function below, shows the result.

Data goes to standard output, progress and problems to standard error. Exit status 0: done; 1: some inputs
failed, each named on standard error; 2: unusable arguments.
"""

from __future__ import annotations

import importlib
import logging
import sys
from typing import Any

import click

from .._version import __version__

log = logging.getLogger(__name__)

# Imported only when called: `edm --help` must not wait for models.
_COMMANDS = {
    "analyze": "Analyse recordings: tempo, beats, sections, speech, audience.",
    "transcribe": "Write down what is said, with the time of every word.",
    "personas": "The simulated audience: list, show, validate, try.",
    "annotations": "What people say of recordings: check, convert, import, export, compare.",
    "library": "The recordings of the library: list, tag, erase, collect garbage.",
    "app": "Serve the workbench in the browser.",
    "serve": "Serve the HTTP API alone.",
    "worker": "Do queued jobs, on this machine or another.",
    "jobs": "What waits, runs and has ended: list, show, retry, cancel.",
    "keys": "API keys: make, list and revoke them.",
    "people": "What those may who sign in on the pages.",
    "audit": "Who did what.",
    "backup": "Back everything up, while the workbench goes on.",
    "restore": "Put a backup back.",
    "doctor": "Check codecs, models, disk and settings, and say what to do.",
}


class _LazyGroup(click.Group):
    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"{__name__}.{cmd_name}").command
        return command

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(
    cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.version_option(__version__, prog_name="edm")
def main() -> None:
    """The EDM workbench: a recording goes in, a timeline comes out.

    \b
    Examples:
      edm analyze track.mp3
      edm analyze music/ --recursive --format json > timelines.jsonl
      edm app
    """
    _set_up_logging()


def run(arguments: list[str] | None = None) -> Any:
    """Run the command as the shell does; errors of the workbench become one line and exit status 1.

    Ctrl-C ends with status 130, being told to end (SIGTERM, SIGHUP) with 128 and the signal's number; both
    stop the work as an error would, so that nothing half-done stays behind.
    """
    from ..errors import EdmError, SettingsError
    from .ending import end_tidily_when_told
    from .output import complain, fault, prepare_streams

    prepare_streams()
    end_tidily_when_told()
    try:
        sys.exit(main.main(args=arguments, prog_name="edm", standalone_mode=False))
    except click.Abort:
        complain("stopped")
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except EdmError as error:
        complain(error)
        sys.exit(2 if isinstance(error, SettingsError) else 1)
    except OSError as error:
        log.error("edm %s", arguments or sys.argv[1:], exc_info=True)
        where = f"{error.filename}: " if error.filename else ""
        complain(
            f"{where}{error.strerror or error}; make room or check permissions, edm doctor looks at both"
        )
        sys.exit(1)
    except Exception as error:
        log.error("edm %s", arguments or sys.argv[1:], exc_info=True)
        complain(fault(error))
        sys.exit(1)


def _set_up_logging() -> None:
    from ..service.observing.logs import set_up
    from ..settings import Settings

    set_up(Settings.from_environment(), quiet=True)
