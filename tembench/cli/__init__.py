"""The command line: options and messages; the work is done in the rooms.

Only click is loaded before a command runs, so that ``--help`` answers at once.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import traceback
from typing import NoReturn

import click

from tembench import __version__
from tembench.cli.data_commands import generate, images, info, inputs, recipe, reimage, verify
from tembench.cli.denoise_command import denoise
from tembench.cli.help_format import keep_names_whole
from tembench.cli.method_commands import methods, train, tune
from tembench.cli.run_command import run
from tembench.cli.score_commands import check, inspect, leaderboard, metrics, score, submit
from tembench.cli.study_commands import study
from tembench.core import OS_EXIT_CODE, TembenchError, printable

_INTERRUPTED_EXIT_CODE = 130
_OS_REMEDIES = {
    errno.ENOSPC: "Free some space and run the same command again; what was written is kept",
    errno.EDQUOT: "Free some of your quota and run the same command again",
    errno.EROFS: "Choose a folder that can be written to",
    errno.EACCES: "Choose a folder that you may write to",
    errno.EPERM: "Choose a folder that you may write to",
    errno.EEXIST: "Choose another place: a file or folder of that name is in the way",
    errno.ENOTDIR: "Choose another place: a file is in the way of a folder",
    errno.EISDIR: "Choose another place: a folder is in the way of a file",
    errno.ENAMETOOLONG: "Choose a shorter name",
}


class _InOrder(click.Group):
    """Lists its commands in the order of the work, not of the alphabet."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the commands as they were added."""
        return list(self.commands)


@click.group(
    cls=_InOrder, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="tembench")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
def cli(debug: bool, quiet: bool) -> None:
    """Benchmark for denoising atomic-resolution electron-microscope images.

    Example: tembench run quickstart
    """
    from tembench.core import progress_bar as progress

    progress.enable(not quiet)


for command in (
    run, recipe, generate, reimage, info, verify, images, inputs,
    methods, train, tune, denoise,
    score, inspect, metrics, submit, check, leaderboard,
    study,
):  # fmt: skip
    cli.add_command(command)
keep_names_whole(cli)


def main() -> NoReturn:
    """Run the command line; every error of a user is one line and an exit code."""
    debug = "--debug" in sys.argv[1:]
    # Batch systems end a job so; its workers are to be ended and its half files removed as well.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        result = cli.main(standalone_mode=False)
        # Without standalone mode click returns the code of ctx.exit() instead of exiting.
        sys.exit(result if isinstance(result, int) else 0)
    except click.ClickException as problem:
        problem.show()
        sys.exit(problem.exit_code)
    except TembenchError as problem:
        _tell(str(problem), debug)
        sys.exit(problem.exit_code)
    except BrokenPipeError:
        # The reader of our output has gone, as `| head` does; nothing more can be said to it.
        # What was asked for may not be done, so it is no success; click does the same.
        sys.stderr.close()
        sys.exit(1)
    except OSError as problem:
        remedy = _OS_REMEDIES.get(problem.errno or 0, "")
        # Of a move, the place that a user knows is where it goes to.
        name = problem.filename2 or problem.filename
        place = f"{os.fsdecode(name)}: " if isinstance(name, str | bytes | os.PathLike) else ""
        text = f"{place}{problem.strerror or problem}"
        _tell(f"{text}. {remedy}" if remedy else text, debug)
        sys.exit(OS_EXIT_CODE)
    except (KeyboardInterrupt, click.Abort):
        click.echo("\nInterrupted. What is complete is kept: the same command goes on.", err=True)
        sys.exit(_INTERRUPTED_EXIT_CODE)
    except MemoryError as problem:
        _tell(f"not enough memory: {problem or 'none left'}. Use fewer --workers", debug)
        sys.exit(OS_EXIT_CODE)
    except Exception as problem:
        from tembench.core import missing_package

        if missing := missing_package(problem, "this command"):
            _tell(str(missing), debug)
            sys.exit(missing.exit_code)
        fault = f"{type(problem).__name__}: {problem}"
        _tell(f"{fault}. This is a fault of tembench: report what --debug shows", debug)
        sys.exit(1)


def _tell(text: str, debug: bool) -> None:
    if debug:
        traceback.print_exc()
    click.echo(f"Error: {printable(' '.join(text.split()))}", err=True)
