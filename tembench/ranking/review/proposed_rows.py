"""Rows that a pull request adds to the tables, and the ranks of others that it moves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tembench.core import TableError
from tembench.ranking import (
    Interval,
    Submission,
    Table,
    TableRow,
    difference,
    resampling,
    table_of_submissions,
)
from tembench.ranking.flags import same_titles


@dataclass(frozen=True, kw_only=True)
class ProposedRow:
    """A row as the table would have it.

    Attributes
    ----------
    folder : str
        Path of the submission or of the outputs.
    row : TableRow
        The row.
    table : Table
        Its table, with all that is proposed.
    difference : Interval or None
        Difference to the table's reference by the ranking metric, paired image by image; None
        without a reference.
    """

    folder: str
    row: TableRow
    table: Table
    difference: Interval | None


@dataclass(frozen=True, kw_only=True)
class MovedRank:
    """Rank of a row that is there already, before and after."""

    name: str
    before: int | None
    after: int | None


@dataclass(kw_only=True)
class ProposedTables:
    """What becomes of the tables.

    Attributes
    ----------
    rows : list of ProposedRow
        New and changed rows.
    moved : list of MovedRank
        Ranks that differ.
    refusals, for_a_person : list of str
        Rows that cannot be in their table; and rows of others that change, or new tables.
    """

    rows: list[ProposedRow] = field(default_factory=list)
    moved: list[MovedRank] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    for_a_person: list[str] = field(default_factory=list)


def propose_rows(
    there: Sequence[Submission], proposed: Mapping[str, Submission], replaced: Sequence[Submission]
) -> ProposedTables:
    """Make the tables that change, without and with what is proposed.

    Parameters
    ----------
    there : sequence of Submission
        Submissions that are there already.
    proposed : mapping of str to Submission
        Submissions that are added, or replace one that is there, by the path of their folder.
    replaced : sequence of Submission
        Those of `there` that are replaced.
    """
    found = ProposedTables()
    for key in dict.fromkeys(one.description.data.table_key for one in proposed.values()):
        old = [one for one in there if one.description.data.table_key == key]
        kept = [one for one in old if one not in replaced]
        new = {f: one for f, one in proposed.items() if one.description.data.table_key == key}
        before = table_of_submissions(old) if old else None
        fitting, after = _fitting(kept, new, found.refusals)
        if after is None:
            continue
        if before is None:
            data = after.data
            found.for_a_person.append(
                f"a new table, of recipe {data.recipe} {data.version} ({data.recipe_id[:8]}), "
                f"{data.part} part of split {data.split}"
            )
        rows = {row.submission.name: row for row in after.rows}
        found.rows += [
            ProposedRow(
                folder=folder,
                row=rows[one.name],
                table=after,
                difference=_difference(rows[one.name], rows.get(after.reference), after),
            )
            for folder, one in fitting.items()
            if one.name in rows
        ]
        found.for_a_person += _claims(fitting, kept)
        _compare(before, after, {one.name for one in fitting.values()}, found)
    return found


def _fitting(
    kept: Sequence[Submission], new: Mapping[str, Submission], refusals: list[str]
) -> tuple[dict[str, Submission], Table | None]:
    """Return the proposed submissions that can be in a table with those that are there, and it."""
    new = _apart(kept, new, refusals)
    if not new:
        return {}, None
    noted: list[str] = []
    table = _table([*kept, *new.values()], noted)
    if table is not None:
        return dict(new), table
    if len(new) == 1:
        refusals += [f"{folder}: {text}" for folder in new for text in noted]
        return {}, None
    fitting = {}
    for folder, one in new.items():
        # A further training of another that is proposed needs it.
        first = [other for other in new.values() if other.name == one.seed_of and other is not one]
        noted = []
        if _table([*kept, *first, one], noted) is not None:
            fitting[folder] = one
        refusals += [f"{folder}: {text}" for text in noted]
    return fitting, _table([*kept, *fitting.values()], refusals) if fitting else None


def _apart(
    kept: Sequence[Submission], new: Mapping[str, Submission], refusals: list[str]
) -> dict[str, Submission]:
    """Return the proposed submissions whose titles a reader can tell from those of other rows."""
    # The trainings of one network share its row.
    alike = same_titles([one for one in (*kept, *new.values()) if not one.seed_of])
    for folder, one in new.items():
        if not one.seed_of and one.name in alike:
            names = " and ".join(map(repr, sorted((one.name, *alike[one.name]))))
            refusals.append(f"{folder}: the titles of {names} look the same")
    return {folder: one for folder, one in new.items() if one.seed_of or one.name not in alike}


def _table(submissions: Sequence[Submission], refusals: list[str]) -> Table | None:
    try:
        return table_of_submissions(submissions)
    except TableError as problem:
        refusals.append(str(problem))
        return None


def _claims(fitting: Mapping[str, Submission], kept: Sequence[Submission]) -> Iterator[str]:
    """Return what only a person can judge of new rows."""
    names = {one.name for one in kept}
    for folder, one in fitting.items():
        if one.seed_of in names:
            yield f"{folder}: is a further training of {one.seed_of}, whose row it changes"
        if one.description.method.is_control:
            yield f"{folder}: is a control"


def _difference(row: TableRow, reference: TableRow | None, table: Table) -> Interval | None:
    metric = table.ranked_by.name
    if reference is None or reference is row:
        return None
    theirs = reference.submission.scores[["image", metric]]
    both = row.submission.scores.merge(theirs, on="image", suffixes=("", "_reference"))
    ours, others = (both[name].to_numpy() for name in (metric, f"{metric}_reference"))
    return difference(ours, others, resampling(list(both["model"])))


def _compare(before: Table | None, after: Table, proposed: set[str], found: ProposedTables) -> None:
    """Note ranks of other rows that move, and numbers of theirs that change."""
    rows = {row.submission.name: row for row in after.rows}
    for old in before.rows if before else ():
        name = old.submission.name
        new = rows.get(name)
        if name in proposed:
            continue
        if new is None or repr(new.values) != repr(old.values):
            found.for_a_person.append(f"the numbers of the row {name} change")
        elif new.rank != old.rank:
            found.moved.append(MovedRank(name=name, before=old.rank, after=new.rank))
