"""Hostile files of a submission: links, devices, names, sizes, and folders of submissions."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path

from hostile_case import folder_case, submission_case
from spoiled_submissions import edit


def _instead(submission: Path, name: str = "panel.png") -> Path:
    path = submission / name
    path.unlink()
    return path


@submission_case(refused="panel.png is a link that leads out of the folder")
def picture_linked_to_a_secret(submission: Path) -> None:
    """panel.png is a link to a file outside."""
    _instead(submission).symlink_to("../../secret.txt")


@submission_case(refused="scores.csv is a link that leads out of the folder")
def scores_linked_to_another_row(submission: Path) -> None:
    """scores.csv is a link to that of another submission."""
    _instead(submission, "scores.csv").symlink_to("../twin/scores.csv")


@submission_case(refused="panel.png is a link that leads out of the folder")
def picture_linked_to_a_process(submission: Path) -> None:
    """panel.png is a link to /proc/self/environ."""
    _instead(submission).symlink_to("/proc/self/environ")


@submission_case(refused="README.md is a link that leads out of the folder")
def text_linked_to_an_endless_device(submission: Path) -> None:
    """README.md is a link to /dev/zero."""
    (submission / "README.md").symlink_to("/dev/zero")


@submission_case(refused="README.md is not a file")
def link_inside_the_submission(submission: Path) -> None:
    """README.md is a link to scores.csv beside it."""
    (submission / "README.md").symlink_to("scores.csv")


@submission_case(refused="README.md is a link that leads out of the folder or nowhere")
def link_to_itself(submission: Path) -> None:
    """README.md is a link to itself."""
    (submission / "README.md").symlink_to("README.md")


@submission_case(refused="good: is a link; expected a folder of its own")
def submission_that_is_a_link(submission: Path) -> None:
    """The submission's folder is a link to another."""
    shutil.rmtree(submission)
    submission.symlink_to("twin")


@submission_case(refused="panel.png: not a complete PNG file.*another format")
def picture_hard_linked_to_a_secret(submission: Path) -> None:
    """panel.png is a hard link to a file outside: its content must not be quoted."""
    os.link(submission.parent.parent / "secret.txt", _instead(submission))


@submission_case(refused="submission.toml: not valid TOML")
def description_hard_linked_to_a_secret(submission: Path) -> None:
    """submission.toml is a hard link to a file outside: its content must not be quoted."""
    os.link(submission.parent.parent / "secret.txt", _instead(submission, "submission.toml"))


@submission_case(refused="panel.png is neither a file nor a folder")
def pipe(submission: Path) -> None:
    """panel.png is a pipe that nobody writes to."""
    os.mkfifo(_instead(submission))


@submission_case(refused="README.md is neither a file nor a folder")
def socket_file(submission: Path) -> None:
    """README.md is a socket."""
    here = os.getcwd()
    os.chdir(submission)
    try:
        with socket.socket(socket.AF_UNIX) as one:
            one.bind("README.md")
    finally:
        os.chdir(here)


@submission_case(refused="panel.png is not a file")
def folder_named_as_a_file(submission: Path) -> None:
    """panel.png is a folder."""
    _instead(submission).mkdir()


@submission_case(refused="run.py does not belong in a submission")
def code(submission: Path) -> None:
    """A Python file lies beside the scores."""
    (submission / "run.py").write_text("import os; os.system('id')")


@submission_case(refused="conftest.py does not belong.*sitecustomize.py does not belong")
def code_that_tools_import(submission: Path) -> None:
    """conftest.py and sitecustomize.py, which pytest and Python import by themselves."""
    for name in ("conftest.py", "sitecustomize.py"):
        (submission / name).write_text("raise SystemExit")


@submission_case(refused=r"\.github does not belong in a submission")
def workflow(submission: Path) -> None:
    """A workflow in a folder .github."""
    (submission / ".github" / "workflows").mkdir(parents=True)
    (submission / ".github" / "workflows" / "ci.yml").write_text("on: push")


@submission_case(refused=r"\.gitattributes does not belong in a submission")
def settings_of_git(submission: Path) -> None:
    """.gitattributes, which changes how files are checked out."""
    (submission / ".gitattributes").write_text("* filter=evil")


@submission_case(refused="does not belong in a submission")
def file_name_that_controls_a_terminal(submission: Path) -> None:
    """A file whose name has a line break and the code that clears a terminal."""
    (submission / "a\n\x1b[2Jb").write_text("")


@submission_case(refused="does not belong in a submission")
def file_name_that_is_no_text(submission: Path) -> None:
    """A file whose name is not UTF-8."""
    path = os.fsencode(submission) + b"/\xff\xfe"
    with open(path, "w"):
        pass


@submission_case(refused="scores.csv is missing.*does not belong in a submission")
def file_name_in_another_script(submission: Path) -> None:
    """scores.csv with a Cyrillic c."""
    (submission / "scores.csv").rename(submission / "s\u0441ores.csv")


@submission_case(refused="Scores.csv does not belong in a submission")
def file_names_that_differ_in_case(submission: Path) -> None:
    """Scores.csv beside scores.csv, one file on some systems."""
    shutil.copy(submission / "scores.csv", submission / "Scores.csv")


@submission_case(refused="2 mistakes.*does not belong in a submission")
def file_names_that_differ_in_composition(submission: Path) -> None:
    """Two names that are one when Unicode composes them."""
    for name in ("caf\u00e9", "cafe\u0301"):
        (submission / name).write_text("")


@submission_case(refused="folders nested too deeply; expected at most 32")
def folders_without_end(submission: Path) -> None:
    """300 folders, one in the other."""
    here = os.getcwd()
    os.chdir(submission)
    try:
        for _ in range(300):
            os.mkdir("a")
            os.chdir("a")
    finally:
        os.chdir(here)


@submission_case(refused="5000 mistakes.*does not belong in a submission")
def thousands_of_files(submission: Path) -> None:
    """5,000 files that do not belong there."""
    for number in range(5000):
        (submission / f"{number}.txt").touch()


@submission_case(refused="scores.csv has 1099511627776 bytes, more than")
def file_of_a_terabyte(submission: Path) -> None:
    """scores.csv of a terabyte that takes no space on the disk."""
    os.truncate(submission / "scores.csv", 1 << 40)


@submission_case(refused="submission.toml has 1099511627776 bytes, more than")
def description_of_a_terabyte(submission: Path) -> None:
    """submission.toml of a terabyte that takes no space on the disk."""
    os.truncate(submission / "submission.toml", 1 << 40)


@submission_case(refused="README.md has .* bytes, more than")
def text_of_a_megabyte(submission: Path) -> None:
    """README.md of a megabyte."""
    (submission / "README.md").write_text("x" * (1 << 20))


@submission_case(refused="submission.toml is missing; scores.csv is missing; panel.png is missing")
def nothing_at_all(submission: Path) -> None:
    """An empty folder."""
    for path in submission.iterdir():
        path.unlink()


@submission_case()
def text_with_markup(submission: Path) -> None:
    """README.md with a script and a link; nobody reads it."""
    (submission / "README.md").write_text("<script>alert(1)</script> [x](javascript:alert(1))")


@submission_case(refused="name: expected the folder's name 'good'")
def another_name(submission: Path) -> None:
    """The description has the name of another folder."""
    edit(submission, None, name="twin")


@submission_case(refused="name: expected text that matches")
def path_as_a_name(submission: Path) -> None:
    """The name is a path that leads out."""
    edit(submission, None, name="../good")


@submission_case(refused="name: expected text that matches")
def name_in_another_script(submission: Path) -> None:
    """The name is written with Cyrillic letters."""
    edit(submission, None, name="g\u043e\u043ed")


def _renamed(folder: Path, name: str) -> None:
    other = Path(shutil.copytree(folder / "poor", folder / name))
    edit(other, None, name=name)


@folder_case(refused="name: expected text that matches")
def name_in_capitals(folder: Path) -> None:
    """GOOD beside good: one folder on some systems."""
    _renamed(folder, "GOOD")


@folder_case(refused="nul.*name: expected text that matches")
def name_of_a_device(folder: Path) -> None:
    """A submission named nul, which nobody could check out on Windows."""
    _renamed(folder, "nul")


@folder_case(refused="two submissions are named 'good'; got .*good and .*good")
def one_name_twice(folder: Path) -> None:
    """Another folder has a submission of the same name, to take the place of the row."""
    other = Path(shutil.copytree(folder / "poor", folder / "of-mine" / "good"))
    edit(other, None, name="good")


@folder_case(refused="best: is a link; expected a folder of its own")
def link_to_a_submission(folder: Path) -> None:
    """A link to a submission."""
    (folder / "best").symlink_to("good")


@folder_case(refused="others: is a link; expected a folder of its own")
def link_to_a_folder_of_submissions(folder: Path) -> None:
    """A link to a folder of submissions elsewhere."""
    elsewhere = folder.parent / "elsewhere"
    elsewhere.mkdir()
    shutil.move(folder / "poor", elsewhere / "poor")
    (folder / "others").symlink_to(elsewhere)


@folder_case(refused="loop: is a link; expected a folder of its own")
def link_to_the_folder_itself(folder: Path) -> None:
    """A link to the folder that it lies in."""
    (folder / "loop").symlink_to(".")


@folder_case(refused="stray: 4 mistakes: submission.toml is missing")
def stray_folder(folder: Path) -> None:
    """A folder without a submission, which must not be overlooked."""
    (folder / "stray").mkdir()
    (folder / "stray" / "notes.txt").write_text("")


@folder_case()
def stray_files_and_hidden_folders(folder: Path) -> None:
    """A file and a hidden folder beside the submissions."""
    (folder / "setup.py").write_text("raise SystemExit")
    shutil.copytree(folder / "poor", folder / ".git" / "poor")
