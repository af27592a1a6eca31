"""Pull requests for tests: a checkout with submissions, and a copy that proposes something."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from spoiled_submissions import edit


@dataclass(frozen=True, kw_only=True)
class PullRequest:
    """Two checkouts; `head` begins as a copy of `base`."""

    base: Path
    head: Path

    @property
    def submissions(self) -> Path:
        return self.head / "submissions" / "tiny"

    def add(self, source: Path, name: str, title: str = "") -> Path:
        """Propose a copy of a submission under another name."""
        path = Path(shutil.copytree(source, self.submissions / name))
        edit(path, None, name=name)
        edit(path, "method", title=title or name.capitalize())
        return path


def pull_request(submitted: Path, root: Path, without: str = "twin") -> PullRequest:
    """A repository of submissions and some code, and a copy of it."""
    base = root / "base"
    rows = base / "submissions" / "tiny"
    shutil.copytree(submitted, rows, ignore=shutil.ignore_patterns(without))
    bm3d = Path(shutil.copytree(submitted / "poor", rows / "bm3d"))
    edit(bm3d, None, name="bm3d")
    edit(bm3d, "method", title="BM3D", name="bm3d")
    (base / "submissions" / "README.md").write_text("Submissions.\n")
    (base / "tembench").mkdir()
    (base / "tembench" / "__init__.py").write_text("VERSION = 1\n")
    (base / ".github" / "workflows").mkdir(parents=True)
    (base / ".github" / "workflows" / "ci.yml").write_text("on: push\n")
    shutil.copytree(base, root / "head")
    return PullRequest(base=base, head=root / "head")
