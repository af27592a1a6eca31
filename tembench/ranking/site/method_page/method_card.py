"""Card of a method: who made it, how it was trained, what it costs, and what its row traces to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from tembench.ranking.costs import COSTS
from tembench.ranking.table_rows import TableRow

_DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>\\]{1,200}")
_ARXIV = re.compile(
    r"\d{4}\.\d{4,5}(v\d{1,2})?|[a-z-]{2,20}(\.[A-Z]{2})?/\d{7}(v\d{1,2})?", re.ASCII
)
_ADDRESS = re.compile(r"https?://[^\s\"'<>\\]{1,500}", re.ASCII)
_INPUTS = {
    "noisy": "one noisy image",
    "series": "the series of an image",
    "clean": "the clean image",
}
_SUPERVISION = {True: "supervised, on clean images", False: "unsupervised", None: ""}
_LABELS = {
    "seconds_per_image": "Seconds per image",
    "device": "Hardware",
    "training_seconds": "Training time",
    "training_device": "Training hardware",
}
_LONGEST_NAME, _LONGEST_VALUE, _MOST_LETTERS = 60, 80, 1000


@dataclass(frozen=True, kw_only=True)
class CardFact:
    """One line of a card.

    Attributes
    ----------
    label, text : str
        What it is, and its value.
    links : tuple of (str, str)
        Text and address of links after it; addresses are of the web.
    is_code : bool
        Whether the value is for machines, such as a digest.
    """

    label: str
    text: str
    links: tuple[tuple[str, str], ...] = ()
    is_code: bool = False


def method_facts(row: TableRow) -> list[CardFact]:
    """The method, its training and its cost; what the submission does not state is left out.

    Parameters
    ----------
    row : TableRow
        The method's row.
    """
    method, run = row.submission.description.method, row.submission.description.run
    texts = {
        "Kind": method.kind,
        "Input": _INPUTS.get(method.input, method.input),
        "Authors": method.authors,
    }
    training = {
        "Licence": method.licence,
        "Trained on": method.trained_on,
        "Supervision": _SUPERVISION[method.supervised],
        "Training data": method.training_data,
        "Training recipe": _joined(run.training_recipe, run.training_split),
        "Training steps": f"{run.training_steps:,}" if run.training_steps else "",
        "Parameters": _parameters(row),
    }
    costs = {
        _LABELS.get(cost.name, cost.heading): cost.shown(run)
        for cost in COSTS
        if cost.of(run) is not None
    }
    return [
        *_facts(texts),
        *_paper(row),
        *_code(method.code),
        *_facts(training),
        *_facts(costs),
    ]


def trace_facts(row: TableRow) -> list[CardFact]:
    """What the scores of a row trace to: recipe, split, metric versions, digests, versions, date.

    Parameters
    ----------
    row : TableRow
        The method's row.
    """
    submission = row.submission
    data = submission.description.data
    scored_with, missing = submission.scored_with, submission.missing
    digests = {
        "Recipe id": data.recipe_id,
        "Digest of the outputs": submission.outputs_sha256,
        "Digest of the scores": submission.scores_sha256,
    }
    texts = {
        "Submission": submission.name,
        "Submitted": submission.submitted,
        "Recipe": f"{data.recipe} {data.version}",
        "Images": f"{data.images}, {data.part} part of split {data.split}",
        "Missing images": f"{missing}, which count as the worst" if missing else "",
    }
    versions = {
        "Metric versions": _versions(row),
        "Run with": f"tembench {submission.description.run.tembench}",
        "Scored with": f"tembench {scored_with}" if scored_with else "",
        "Accepted warnings": " ".join(submission.warnings),
    }
    return [*_facts(texts), *_facts(digests, is_code=True), *_facts(versions)]


def _facts(texts: dict[str, str], *, is_code: bool = False) -> Iterator[CardFact]:
    for label, text in texts.items():
        if text:
            yield CardFact(label=label, text=text, is_code=is_code)


def _joined(*parts: str | None) -> str:
    return ", ".join(filter(None, parts))


def _parameters(row: TableRow) -> str:
    parameters = row.submission.description.method.parameters
    parts = (
        f"{key[:_LONGEST_NAME]} = {str(value)[:_LONGEST_VALUE]}"
        for key, value in parameters.items()
    )
    return ", ".join(parts)[:_MOST_LETTERS]


def _paper(row: TableRow) -> Iterator[CardFact]:
    paper = row.submission.description.method.paper
    text = _joined(*(paper.get(key) for key in ("authors", "title", "venue", "year")))
    links = []
    doi, arxiv, address = (paper.get(key, "") for key in ("doi", "arxiv", "url"))
    if _DOI.fullmatch(doi):
        links.append((f"doi:{doi}", f"https://doi.org/{doi}"))
    if _ARXIV.fullmatch(arxiv):
        links.append((f"arXiv:{arxiv}", f"https://arxiv.org/abs/{arxiv}"))
    if _ADDRESS.fullmatch(address):
        links.append((address, address))
    if text or links:
        yield CardFact(label="Paper", text=text, links=tuple(links))


def _code(address: str) -> Iterator[CardFact]:
    if _ADDRESS.fullmatch(address):
        yield CardFact(label="Code", text="", links=((address, address),))
    elif address:
        yield CardFact(label="Code", text=address)


def _versions(row: TableRow) -> str:
    """Metrics of each version, those of the most common one not by name."""
    ordered = sorted(row.submission.metrics.items(), key=lambda pair: pair[1])
    names = {
        version: [name for name, _ in pairs]
        for version, pairs in groupby(ordered, key=lambda pair: pair[1])
    }
    common = max(names, key=lambda version: len(names[version]), default=1)
    others = [f"{', '.join(names[v])} version {v}" for v in names if v != common]
    return "; ".join([f"{len(names.get(common, ()))} metrics of version {common}", *others])
