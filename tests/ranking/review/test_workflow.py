"""The workflow that reviews pull requests: no rights, no code of theirs, and a script that runs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from house import ROOT
from pull_requests import PullRequest, pull_request
from spoiled_submissions import set_score

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
REVIEW = ROOT / ".github" / "workflows" / "review-submission.yml"


def content(path: Path) -> dict[str, Any]:
    """A workflow; the key ``on`` is true in YAML 1.1."""
    read = yaml.safe_load(path.read_text())
    return {("on" if key is True else key): value for key, value in read.items()}


def steps() -> list[dict[str, Any]]:
    (job,) = content(REVIEW)["jobs"].values()
    return list(job["steps"])


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_no_workflow_can_write_or_keep_a_secret(path: Path) -> None:
    text, workflow = path.read_text(), content(path)
    assert workflow["permissions"] == {"contents": "read"}
    assert "pull_request_target" not in text
    assert "workflow_run" not in text
    assert "secrets" not in text
    assert "GITHUB_TOKEN" not in text
    for job in workflow["jobs"].values():
        assert "permissions" not in job
        assert job["timeout-minutes"] <= 60
        for step in job["steps"]:
            # Whoever opens a pull request chooses its title, branch and other texts.
            assert "${{" not in step.get("run", "")
            if "uses" in step:
                assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", step["uses"])
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False


def test_only_the_base_is_installed_and_the_head_is_data() -> None:
    assert set(content(REVIEW)["on"]) == {"pull_request"}
    assert content(REVIEW)["concurrency"]["cancel-in-progress"] is True
    base, head = (s["with"] for s in steps() if s.get("uses", "").startswith("actions/checkout"))
    assert (base["path"], base["ref"]) == ("base", "${{ github.event.pull_request.base.sha }}")
    assert head["path"] == "head"
    words = " ".join(step.get("run", "") for step in steps()).split()
    # It is an argument of the review and nothing else.
    assert words.count("head") == 1
    assert words[words.index("head") - 2 : words.index("head")] == ["review", "base"]
    assert not any(word.startswith(("head/", "./head")) for word in words)
    assert not any("working-directory" in step for step in steps())


def run_script(request: PullRequest) -> tuple[int, str, str]:
    """Run the workflow's own lines; return the exit code, the log and the summary."""
    root, tools = request.base.parent, request.base.parent / "tools"
    tools.mkdir()
    tembench = tools / "tembench"
    tembench.write_text(f'#!/bin/sh\nexec {sys.executable} -m tembench "$@"\n')
    tembench.chmod(0o755)
    (step,) = (step for step in steps() if step["name"] == "Review")
    # Without PYTHONSAFEPATH, `python -m` would look for modules in the folder with both checkouts.
    environment = {**os.environ, **step["env"], "PYTHONPATH": str(ROOT)}
    environment |= {
        "PATH": f"{tools}:{os.environ['PATH']}", "GITHUB_STEP_SUMMARY": str(root / "summary.md")
    }  # fmt: skip
    done = subprocess.run(
        ["bash", "-e", "-c", step["run"]],
        cwd=root, env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    summary = root / "summary.md"
    text = summary.read_text() if summary.exists() else ""
    return done.returncode, done.stdout + done.stderr, text


@pytest.mark.slow
def test_the_script_accepts_a_good_pull_request(submitted: Path, tmp_path: Path) -> None:
    request = pull_request(submitted, tmp_path)
    request.add(submitted / "twin", "twin")
    code, log, summary = run_script(request)
    assert code == 0, log
    assert re.fullmatch(r"::stop-commands::(\w{32})\nreview.md: written.*\n::\1::\n", log)
    assert "submissions/tiny/twin | Twin | 1 |" in summary


@pytest.mark.slow
def test_the_script_refuses_a_hostile_one(submitted: Path, tmp_path: Path) -> None:
    request = pull_request(submitted, tmp_path)
    set_score(request.submissions / "good", 1, "ssim", "0.5")
    (request.head / "tembench" / "__init__.py").write_text("raise SystemExit('executed')")
    (request.head / "sitecustomize.py").write_text("raise SystemExit('executed')")
    code, log, summary = run_script(request)
    assert code == 6, log
    assert "executed" not in log
    assert "changed scores: ssim changed in 1 image of 10" in summary
    assert "sitecustomize.py is added, outside submissions" in summary
