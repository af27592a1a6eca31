"""Dataclasses of a table: its rows and columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tembench.metrics import Metric
from tembench.ranking.statistics import CaseLoss, Interval, WorstCases
from tembench.ranking.submission import Submission
from tembench.ranking.untrusted import DataInfo

if TYPE_CHECKING:
    import pandas as pd

LOOK_UP, PLAIN_FILTER = "dictionary", "bm3d"
"""Rows that decide whether memory alone wins a table: the control, and what it must not beat."""
_ROWS_SHOWN = 5
_SHOWN_METRICS = ("ssim", "particle_skill", "column_f1", "site_shown_difference")


@dataclass(frozen=True, kw_only=True, eq=False)
class TableRow:
    """One method of a table.

    Attributes
    ----------
    submission : Submission
        The submission with all scores.
    rank : int or None
        None for a control, or without the ranking metric; shared by methods that cannot be told
        apart, see `shared_ranks`. Methods that see a series are ranked among themselves.
    rank_range : tuple of int, or None
        Best and worst rank that the method may have, as far as the comparisons tell.
    other_ranks : Mapping of str to (int or None)
        Ranks by the table's further ranking metrics, by metric.
    values : Mapping of str to Interval
        Mean over the specimens and its interval, by metric; NaN for a metric without scores.
    on_subset : bool
        Whether it was scored only on the fixed subset of the table's images.
    is_as_clean : bool
        Whether it is as good as the clean images without being a control.
    same_as : tuple of str
        Names of other rows with identical scores.
    titled_like : tuple of str
        Names of other rows whose titles look the same.
    seed_means : tuple of float
        Mean of the ranking metric of each training, where there are several with other seeds:
        scores are then the means over the trainings.
    audited : CaseLoss or None
        Case of the audit with the largest loss; None without an audit.
    worst : WorstCases or None
        Worst tenth of the images, worst group, and differences to the table's reference, by the
        ranking metric; None in a table of a closed recipe.
    """

    submission: Submission
    rank: int | None
    values: Mapping[str, Interval]
    on_subset: bool
    other_ranks: Mapping[str, int | None]
    rank_range: tuple[int, int] | None = None
    is_as_clean: bool = False
    same_as: tuple[str, ...] = ()
    titled_like: tuple[str, ...] = ()
    seed_means: tuple[float, ...] = ()
    audited: CaseLoss | None = None
    worst: WorstCases | None = None

    @property
    def sees_series(self) -> bool:
        """Whether the method sees the whole series of an image instead of the image alone."""
        return self.submission.description.method.input == "series"

    @property
    def is_control(self) -> bool:
        """Whether the row bounds the table rather than competes in it."""
        return self.submission.description.method.is_control

    @property
    def seconds_per_image(self) -> float | None:
        """Median run time per image, in seconds; None if it was not measured."""
        return self.submission.description.run.seconds_per_image


@dataclass(frozen=True, kw_only=True, eq=False)
class Table:
    """A leaderboard.

    Attributes
    ----------
    rows : tuple of Row
        Best mean of the ranking metric first, controls included; for rows on the subset, see
        `tembench.ranking.table_ranks`.
    ranked_by : Metric
        Metric used for ranking.
    also_ranked_by : tuple of Metric
        Further metrics with a rank of their own.
    drawn : bool
        Whether the recipe draws its specimens, so that none has siblings in the training.
    reference : str
        Name of the row that others are compared with; empty if it is not in the table.
    data : DataInfo
        Images of the table: those of all rows that are not on the subset.
    models : int
        Number of specimens that the images show: atomic models, or draws.
    metrics : tuple of Metric
        The columns.
    versions : Mapping
        Version of each metric.
    confidence, resamples : float, int
        Confidence and number of bootstrap draws of the intervals.
    """

    rows: tuple[TableRow, ...]
    ranked_by: Metric
    also_ranked_by: tuple[Metric, ...]
    drawn: bool
    reference: str
    data: DataInfo
    models: int
    metrics: tuple[Metric, ...]
    versions: Mapping[str, int]
    confidence: float
    resamples: int

    def __repr__(self) -> str:
        """Data of the table, and its first rows."""
        data, metric = self.data, self.ranked_by
        lines = [
            f"Table of {len(self.rows)} methods on {data.images} images of {data.recipe} "
            f"{data.version}, {data.part} part of split {data.split}, by {metric.name}"
        ]
        for row in self.rows[:_ROWS_SHOWN]:
            value = row.values[metric.name].mean
            lines.append(f"  {row.rank or '-'}  {row.submission.name}  {value:.{metric.decimals}f}")
        more = len(self.rows) - _ROWS_SHOWN
        return "\n".join(lines + [f"  and {more} more"] * (more > 0))

    def to_dataframe(self) -> pd.DataFrame:
        """Return the table as numbers, one row per method, best first.

        Returns
        -------
        pandas.DataFrame
            Indexed by the name of the submission: ``title``, ``kind``, ``rank`` (missing for
            controls), ``rank_best`` and ``rank_worst``, the ends of its range; ``rank_by_METRIC``
            for each further ranking metric; for each metric its mean under its name and the bounds
            of the interval as ``METRIC_low`` and ``METRIC_high``; ``images``, and the costs that
            are known.
        """
        import pandas as pd

        frame = pd.DataFrame([self._record(row) for row in self.rows]).set_index("name")
        ranks = [
            "rank",
            "rank_best",
            "rank_worst",
            *(f"rank_by_{metric.name}" for metric in self.also_ranked_by),
        ]
        return frame.astype(dict.fromkeys(ranks, "Int64"))

    def _record(self, row: TableRow) -> dict[str, Any]:
        description = row.submission.description
        record: dict[str, Any] = {
            "name": row.submission.name,
            "title": description.method.title,
            "kind": description.method.kind,
            "rank": row.rank,
        }
        record["rank_best"], record["rank_worst"] = row.rank_range or (None, None)
        for metric in self.also_ranked_by:
            record[f"rank_by_{metric.name}"] = row.other_ranks.get(metric.name)
        for metric in self.metrics:
            value = row.values[metric.name]
            record[metric.name] = value.mean
            record |= {f"{metric.name}_low": value.low, f"{metric.name}_high": value.high}
        run = description.run
        costs = ("seconds_per_image", "peak_memory_MB", "n_parameters", "training_seconds")
        return record | {"images": description.data.images, **{c: getattr(run, c) for c in costs}}

    def _repr_html_(self) -> str:
        """Rank, title and the main metrics of all methods, as a table."""
        frame = self.to_dataframe()
        shown = [self.ranked_by.name, *_SHOWN_METRICS]
        names = [name for name in dict.fromkeys(shown) if name in frame]
        shown_frame = frame[["rank", "title", *names]]
        return str(shown_frame.to_html(na_rep="–", float_format="{:.4g}".format))

    @property
    def look_up_margin_db(self) -> float | None:
        """Mean PSNR of a look-up among the training images minus that of BM3D.

        None unless both are in the table. A look-up learns nothing: where it is above BM3D, the
        images under test were in the training but for details.
        """
        found = [
            row.values["psnr_db"].mean
            for name in (LOOK_UP, PLAIN_FILTER)
            for row in self.rows
            if row.submission.name == name
        ]
        return found[0] - found[1] if len(found) == 2 else None

    @property
    def is_ranked(self) -> bool:
        """Whether methods have ranks: not on a drawn recipe that a look-up wins."""
        return not (self.drawn and (self.look_up_margin_db or 0.0) > 0)

    @property
    def subset_images(self) -> int:
        """Number of images of the subset; 0 if no row is on it."""
        return max(row.submission.description.data.images * row.on_subset for row in self.rows)
