"""Command line: options, messages and exit codes; the work is done in the other rooms.

- `audit_command`: audit
- `data_commands`: generate, reimage, info, describe, verify, images, inputs
- `denoise_command`: denoise
- `help_format`: layout of the help pages
- `image_commands`: apply, adapt, trust
- `leaderboard_command`: leaderboard
- `method_commands`: methods, new-method, train, tune
- `options`: options that several commands share
- `plan_command`: plan
- `recipe_commands`: recipe list, show, validate, new, preview; seal
- `reseed_command`: leaderboard --reseed
- `run_command`: run
- `score_commands`: metrics, score, inspect
- `study_commands`: study generalization, study field-of-view, study curves
- `submission_commands`: submit, check

Only click is loaded before a command runs, so ``--help`` answers at once.
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
from tembench.cli.audit_command import audit
from tembench.cli.data_commands import (
    describe,
    generate,
    images,
    info,
    inputs,
    reimage,
    verify,
)
from tembench.cli.denoise_command import denoise
from tembench.cli.help_format import GroupedCommands, keep_names_whole
from tembench.cli.image_commands.adapt_command import adapt
from tembench.cli.image_commands.apply_command import apply
from tembench.cli.image_commands.trust_command import trust
from tembench.cli.leaderboard_command import leaderboard
from tembench.cli.method_commands import methods, new_method, train, tune
from tembench.cli.plan_command import plan
from tembench.cli.recipe_commands import recipe, seal
from tembench.cli.run_command import run
from tembench.cli.score_commands import inspect, metrics, score
from tembench.cli.study_commands import study
from tembench.cli.submission_commands.check_command import check
from tembench.cli.submission_commands.submit_command import submit
from tembench.core import OS_EXIT_CODE, TembenchError, printable

_INTERRUPTED_EXIT_CODE = 130
_OS_REMEDIES = {
    errno.ENOSPC: "Free some disk space and rerun the same command; completed work is kept",
    errno.EDQUOT: "Free some of your disk quota and rerun the same command; completed work is kept",
    errno.EROFS: "The file system is read-only; choose another folder",
    errno.EACCES: "Check its permissions, or choose another path",
    errno.EPERM: "Check its permissions, or choose another path",
    errno.EEXIST: "Choose another path: a file or folder with this name already exists",
    errno.ENOTDIR: "Choose another path: a part of this one is a file",
    errno.EISDIR: "Choose another path: a folder with this name already exists",
    errno.ENAMETOOLONG: "Choose a shorter name",
}


@click.group(
    cls=GroupedCommands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="tembench")
@click.option("--debug", is_flag=True, help="Show the full traceback of an error.")
@click.option("--quiet", is_flag=True, help="Hide progress output.")
def cli(debug: bool, quiet: bool) -> None:
    """Benchmark for denoising atomic-resolution electron-microscope images.

    Example: tembench run quickstart
    """
    from tembench.core import show_progress

    show_progress(not quiet)


_COMMANDS = {
    "Everything at once": (run,),
    "Your own images": (apply, adapt, trust),
    "Data sets": (recipe, plan, seal, generate, reimage, info, describe, verify, images, inputs),
    "Methods": (methods, new_method, train, tune, denoise),
    "Scores and tables": (score, inspect, metrics, submit, check, leaderboard),
    "Studies": (audit, study),
}
for heading, commands in _COMMANDS.items():
    for command in commands:
        cli.add_command(command)
        cli.headings[command.name or ""] = heading
keep_names_whole(cli)


def main() -> NoReturn:
    """Run the command line; every user error is one line and an exit code."""
    debug = "--debug" in sys.argv[1:]
    # Batch systems send SIGTERM; like Ctrl-C, it must stop workers and remove partial files.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        result = cli.main(standalone_mode=False)
        # Without standalone mode, click returns the code of ctx.exit() instead of exiting.
        sys.exit(result if isinstance(result, int) else 0)
    except click.ClickException as problem:
        problem.show()
        sys.exit(problem.exit_code)
    except TembenchError as problem:
        _print_error(str(problem), debug)
        sys.exit(problem.exit_code)
    except BrokenPipeError:
        # The reader of the output has closed it, as `| head` does. The work may be incomplete,
        # so this is not a success; click does the same.
        sys.stderr.close()
        sys.exit(1)
    except OSError as problem:
        remedy = _OS_REMEDIES.get(problem.errno or 0, "")
        # For a move, report the destination, which is the path that the user gave.
        name = problem.filename2 or problem.filename
        path = f"{os.fsdecode(name)}: " if isinstance(name, str | bytes | os.PathLike) else ""
        text = f"{path}{problem.strerror or problem}"
        _print_error(f"{text}. {remedy}" if remedy else text, debug)
        sys.exit(OS_EXIT_CODE)
    except (KeyboardInterrupt, click.Abort):
        click.echo(
            "\nInterrupted. Completed work is kept; run the same command to resume.", err=True
        )
        sys.exit(_INTERRUPTED_EXIT_CODE)
    except MemoryError as problem:
        _print_error(
            f"not enough memory: {problem or 'an allocation failed'}. Use fewer --workers", debug
        )
        sys.exit(OS_EXIT_CODE)
    except Exception as problem:
        from tembench.core import missing_package

        if missing := missing_package(problem, "this command"):
            _print_error(str(missing), debug)
            sys.exit(missing.exit_code)
        bug = f"{type(problem).__name__}: {problem}"
        _print_error(
            f"{bug}. This is a bug in tembench; please report it with the output of --debug", debug
        )
        sys.exit(1)


def _print_error(text: str, debug: bool) -> None:
    if debug:
        traceback.print_exc()
    click.echo(f"Error: {printable(' '.join(text.split()))}", err=True)
