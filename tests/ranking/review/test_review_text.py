"""The review as Markdown: whatever was submitted is plain text."""

from __future__ import annotations

from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from pull_requests import pull_request

from tembench.ranking import review_markdown, review_pull_request

TEXTS = [
    "<script>alert(1)</script>",
    "[here](https://a.example)",
    "![x](https://a.example/x.png)",
    "https://a.example @someone #12",
    "a | b | c",
    "`x` **b** ~~s~~",
    "::error::x ##[add-mask]x",
]


@pytest.mark.slow
@pytest.mark.parametrize("text", TEXTS)
def test_titles_are_text(submitted: Path, tmp_path: Path, text: str) -> None:
    request = pull_request(submitted, tmp_path)
    request.add(submitted / "twin", "twin", text)
    shown = review_markdown(review_pull_request(request.base, request.head, workers=0))
    reader = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    page = reader.render(shown)
    assert not any(tag in page for tag in ("<a ", "<img", "<script", "<code", "<s>", "<em"))
    assert page.count("<td") == 6
    assert "https://" not in shown
    assert "@someone" not in shown
    assert not any(line.startswith("::") or "##[" in line for line in shown.splitlines())


@pytest.mark.slow
def test_names_of_files_are_text(submitted: Path, tmp_path: Path) -> None:
    request = pull_request(submitted, tmp_path)
    for number, text in enumerate([*TEXTS, "a\n::error::b", "\x1b[2J", "x" * 250]):
        (request.head / text.replace("/", "_")).write_text(str(number))
        (request.submissions / text.replace("/", "_")).write_text(str(number))
    for number in range(200):
        (request.head / f"{number}.txt").write_text("")
    shown = review_markdown(review_pull_request(request.base, request.head, workers=0))
    assert "- and 160 more" in shown
    assert all(sign.isprintable() or sign == "\n" for sign in shown)
    assert not any(line.startswith("::") for line in shown.splitlines())
    page = MarkdownIt("commonmark").render(shown)
    assert not any(tag in page for tag in ("<a ", "<img", "<script", "<code"))
