"""Card of a method: what is stated is shown, and only web addresses are links."""

from __future__ import annotations

import dataclasses

import pytest
from uneven_table import uneven_table

from tembench.ranking.site.method_page import method_facts, trace_facts
from tembench.ranking.table_rows import TableRow


@pytest.fixture(scope="module")
def row() -> TableRow:
    return next(row for row in uneven_table().rows if row.submission.name == "unet-open")


def with_paper(row: TableRow, **paper: str) -> TableRow:
    described = row.submission.description
    method = dataclasses.replace(described.method, paper=paper)
    described = dataclasses.replace(described, method=method)
    submission = dataclasses.replace(row.submission, description=described)
    return dataclasses.replace(row, submission=submission)


@pytest.mark.parametrize(
    ("paper", "links"),
    [
        ({"doi": "10.1109/TIP.2007.901238"}, ["https://doi.org/10.1109/TIP.2007.901238"]),
        ({"arxiv": "2010.12970"}, ["https://arxiv.org/abs/2010.12970"]),
        ({"arxiv": "cond-mat/0123456"}, ["https://arxiv.org/abs/cond-mat/0123456"]),
        ({"url": "https://example.org/paper"}, ["https://example.org/paper"]),
        ({"url": "javascript:alert(1)", "title": "T"}, []),
        ({"url": 'https://example.org/"onclick="', "title": "T"}, []),
        ({"doi": "10.1/x\n", "arxiv": "../../x", "title": "T"}, []),
    ],
)
def test_only_papers_and_web_addresses_are_links(
    row: TableRow, paper: dict[str, str], links: list[str]
) -> None:
    facts = {fact.label: fact for fact in method_facts(with_paper(row, **paper))}
    assert [address for _, address in facts["Paper"].links] == links


def test_what_is_not_stated_is_left_out(row: TableRow) -> None:
    facts = {fact.label: fact.text for fact in method_facts(with_paper(row))}
    assert "Paper" not in facts
    assert "Authors" not in facts
    assert facts["Weights"] == "1.95 M"
    assert facts["Training time"] == "11 min"
    assert facts["Input"] == "one noisy image"
    assert all(facts.values())


def test_a_row_traces_to_recipe_metrics_and_digests(row: TableRow) -> None:
    facts = {fact.label: fact for fact in trace_facts(row)}
    assert facts["Recipe id"].text == row.submission.description.data.recipe_id
    assert facts["Digest of the scores"].is_code
    assert facts["Images"].text == "60, test part of split model"
    count = sum(version == 1 for version in row.submission.metrics.values())
    assert facts["Metric versions"].text == (
        f"{count} metrics of version 1; position_error_pm version 2"
    )
