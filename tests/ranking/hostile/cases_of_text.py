"""Hostile texts of a submission, which every format of a table has to show as text."""

from __future__ import annotations

from pathlib import Path

from hostile_case import SECRET, Spoil, text_case
from spoiled_submissions import edit

# A title has at most 80 characters.
TEXTS = {
    "script": ("a script", "<script>alert(1)</script>"),
    "picture that runs code": ("a picture that runs code", "<img src=x onerror=alert(1)>"),
    "end of an attribute": ("the end of an attribute", "\" onmouseover='alert(1)' x=\""),
    "end of the page's script": ("the end of a script", "</script><script>alert(1)//"),
    "end of a comment": ("comments of HTML", "--><b>x</b><!--"),
    "character references": ("references to characters", "&lt;b&gt; &#60;i&#62; &amp;"),
    "template of Jinja": ("a template", "{{ 7 * 7 }}{% include 'x' %}{# #}"),
    "format of Python": ("a format", "{0.__class__} %(name)s %n ${HOME}"),
    "expression of Python": ("code", f"__import__('os') # {SECRET}"),
    "link of Markdown": ("a link", "[here](javascript:alert(1)) <https://a.example>"),
    "picture of Markdown": ("a picture", "![x](https://a.example/track.png)"),
    "bare addresses": ("bare addresses", "https://a.example www.a.example mailto:a@b.example"),
    "mentions": ("mentions and references", "@everyone #12 org/repo#3 !45"),
    "column of Markdown": ("the end of a cell", "a | b | c"),
    "heading of Markdown": ("a heading and a rule", "# big --- > quoted"),
    "code of Markdown": ("code and emphasis", "`x` **b** __i__ ~~s~~ ```"),
    "backslashes": ("backslashes", r"a\ \| \\ \[b](c)"),
    "formula": ("a formula", "=HYPERLINK(\"https://a.example\",\"x\")"),
    "formula behind a space": ("a formula behind a space", " +1+1"),
    "formula in full width": ("a formula in full width", "＝1+1"),
    "formula at": ("a formula of old spreadsheets", "@SUM(1+1)"),
    "cells": ("ends of cells", 'a,"b";"c"\'d'),
    "markup of Rich": ("markup of a terminal's library", "[red]x[/red] [link=https://a.example]"),
    "command of LaTeX": ("commands of LaTeX", r"\input{/etc/passwd} \write18{id} & % $ _ ^ ~ {"),
    "commands of a workflow": ("commands of a workflow", "::error::x ##[add-mask]x"),
    "many scripts": ("letters of many scripts", "去噪 шум ضوضاء café 𝛼β"),
}  # fmt: skip


def everywhere(text: str) -> Spoil:
    """Put a text in every place of a submission that takes any."""

    def spoil(submission: Path) -> None:
        edit(
            submission,
            "method",
            title=text,
            summary=text,
            licence=text,
            authors=text,
            training_data=text,
            paper={"title": text, "authors": text, "venue": text, "year": 2020},
            parameters={text: text, "b": [text]},
        )
        edit(submission, "scores", warnings=[text], tembench=text[:40])
        edit(submission, "run", device=text, training_device=text, training_recipe=text)

    return spoil


for _name, (_done, _text) in TEXTS.items():
    text_case(f"text: {_name}", f"All texts are {_done}: `{_text}`", everywhere(_text))
