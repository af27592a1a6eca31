"""LaTeX of a table: complete, aligned, and safe against untrusted text."""

from __future__ import annotations

import re
import shutil
import subprocess
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st
from spoiled_submissions import edit
from synthetic import drawn_scores, submission_of

from tembench.ranking.render.latex_table import latex_escaped, latex_table
from tembench.ranking.submission_folders import build_table
from tembench.ranking.table import table_of_submissions
from tembench.ranking.table_rows import Table

# Each sign that means something to LaTeX, or that it does not know, and its letters.
WRITTEN = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
    "%": r"\%", "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "−": "$-$", "Å": r"\AA{}", "§": r"\S{}", "∞": r"$\infty$", "†": r"\dag{}", "‡": r"\ddag{}",
    "¶": r"\P{}", "◊": r"$\diamond$", "≥": r"$\geq$", "²": "$^2$", "–": "--", "<": r"\textless{}",
}  # fmt: skip
EVIL = r"\input{/etc/passwd} 50% & #1 $x_2^3$ ~ \end{table} −5 Å² § ∞"
ENDS = re.compile(r"\\(begin|end)\{(\w+)\}")
SPECIAL = re.compile(r"(?<!\\)[&%#_^~]")


@pytest.fixture(scope="module")
def table() -> Table:
    """A drawn table with marks, a shared rank, numbers of unlike decimals, and controls."""
    rows = []
    for number, name in enumerate(("one", "two", "three", "vacuum", "clean")):
        scores = drawn_scores(20)
        noise = np.random.default_rng(0).normal(0, 0.1, len(scores))
        scores["psnr_db"] = 30.0 - 2 * (number // 2) + noise
        scores["ssim"] = 0.5
        scores["particle_skill"] = -382.0 if name == "vacuum" else 0.5
        if name == "clean":
            scores["psnr_db"] = np.inf
        kind = "control" if name in ("vacuum", "clean") else "classical"
        rows.append(submission_of(name, scores, kind=kind, recipe="open", trained_on="open"))
    return table_of_submissions(rows)


def rows_of(text: str) -> Iterator[list[str]]:
    """Cells of each line of the table's body."""
    body = text.partition(r"\toprule")[2].partition(r"\bottomrule")[0]
    for line in body.splitlines():
        if line.endswith(r"\\"):
            yield line.removesuffix(r"\\").split(" & ")


@pytest.mark.slow
def test_the_environment_is_complete(table: Table) -> None:
    text = latex_table(table)
    assert text.startswith("% Made by tembench ")
    assert f"recipe id {table.data.recipe_id}." in text.partition(r"\begin{table}")[0]
    assert r"\label{tab:open-test}" in text
    assert re.search(r"\\caption\{Open track: open 1\.0\.0, .*20 specimens\.\}", text)
    opened = []
    for kind, name in ENDS.findall(text):
        if kind == "begin":
            opened.append(name)
        else:
            assert opened.pop() == name
    assert not opened
    unescaped = re.sub(r"\\[{}]", "", text)
    assert unescaped.count("{") == unescaped.count("}")
    assert [text.count(rule) for rule in (r"\toprule", r"\midrule", r"\bottomrule")] == [1, 2, 1]


@pytest.mark.slow
def test_every_line_has_as_many_cells_as_columns(table: Table) -> None:
    text = latex_table(table)
    places = text.partition(r"\begin{tabular}")[2].splitlines()[0]
    columns = len(re.findall("[lr]", re.sub(r"@\{[^}]*\}+", "", places)))
    lines = list(rows_of(text))
    assert len(lines) == 1 + len(table.rows)
    assert {len(line) for line in lines} == {columns}
    assert any("PSNR,\\\\dB" in head for head in lines[0])


@pytest.mark.slow
def test_controls_are_below_a_rule_in_italics(table: Table) -> None:
    methods, controls = latex_table(table).split(r"\midrule")[1:]
    assert methods.count(r"\textit{") == 0
    assert controls.count(r"\textit{") == 2
    # The first two have the same images, and all are trained on draws of this recipe.
    assert methods.count(r"\textsuperscript{\P{}$\diamond$}") >= 2
    assert r"$\diamond$ Trained on" in " ".join(controls.split())


@pytest.mark.slow
def test_figures_are_aligned_at_the_point_and_intervals_are_small(table: Table) -> None:
    lines = {line[1].split("\\text")[0]: line for line in rows_of(latex_table(table))}
    assert lines["One"][0] == "=1"
    assert re.fullmatch(r"\{\\scriptsize \[29\.\d+, 30\.\d+\]\}", lines["One"][3])
    costs = latex_table(table, ["particle_skill", "seconds_per_image"])
    skill = next(line[2] for line in rows_of(costs) if "Vacuum" in line[1])
    # Aligned, its decimals would make the column wider.
    assert skill == "$-$382"
    assert r"\phantom" not in skill


@pytest.mark.slow
def test_a_figure_of_fewer_decimals_has_room_for_the_others() -> None:
    rows = []
    for name, seconds in (("fast", 0.012), ("slow", 1.7)):
        row = submission_of(name, drawn_scores(12))
        object.__setattr__(row.description.run, "seconds_per_image", seconds)
        rows.append(row)
    found = latex_table(table_of_submissions(rows), ["seconds_per_image"])
    assert {line[2].strip() for line in rows_of(found)} == {"s/image", "0.012", r"1.7\phantom{00}"}


@pytest.mark.parametrize("sign", WRITTEN)
def test_signs_are_written_out(sign: str) -> None:
    assert latex_escaped(f"a{sign}b") == f"a{WRITTEN[sign]}b"


LETTERS = {letters: sign for sign, letters in WRITTEN.items()} | {
    r"\textasciigrave{}": "`", "{}": "", "`": "‘",
}  # fmt: skip
TOKEN = re.compile("|".join(map(re.escape, sorted(LETTERS, key=len, reverse=True))) + "|.")


@pytest.mark.slow
@given(st.text(alphabet=[*WRITTEN, *"ab-,'?!`‘ \u0301"], max_size=30))
def test_latex_reads_every_sign_back(text: str) -> None:
    tokens = TOKEN.findall(latex_escaped(text))
    signs = "".join(LETTERS.get(token, token) for token in tokens)
    assert signs == unicodedata.normalize("NFC", text)
    # What is not written out is no special sign.
    assert not {token for token in tokens if token not in LETTERS} & set("\\{}$&#%_~^")
    assert not re.search("---|,,|''|``|[?!]`", latex_escaped(text))


def test_repeated_signs_are_not_joined() -> None:
    assert latex_escaped("a--b,,''c") == "a-{}-b,{},'{}'c"


@pytest.mark.slow
def test_an_evil_title_is_text(folder: Path) -> None:
    edit(folder / "good", "method", title=EVIL)
    text = latex_table(build_table(folder))
    line = next(line for line in text.splitlines() if "passwd" in line)
    assert r"\textbackslash{}input\{/etc/passwd\} 50\% \& \#1 \$x\_2\textasciicircum{}3\$" in line
    assert {len(cells) for cells in rows_of(text)} == {len(next(rows_of(text)))}
    title = line.split(" & ")[1]
    assert not SPECIAL.search(title.replace("$^2$", ""))
    assert "LuaLaTeX" not in text
    edit(folder / "good", "method", title="去噪")
    assert "needs LuaLaTeX or XeLaTeX" in latex_table(build_table(folder))


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs a TeX")
def test_latex_compiles_it(folder: Path, table: Table, tmp_path: Path) -> None:
    edit(folder / "good", "method", title=EVIL)
    (tmp_path / "table.tex").write_text(latex_table(table) + latex_table(build_table(folder)))
    (tmp_path / "paper.tex").write_text(
        "\\documentclass{article}\n\\usepackage{booktabs}\n"
        "\\begin{document}\\input{table}\\end{document}\n"
    )
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-draftmode", "paper.tex"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stdout
