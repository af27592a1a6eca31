"use strict";
/* CSV and JSON of exactly what a table shows: its rows in their order, its columns. */
window.tembench = window.tembench || {};
tembench.tableExport = (function () {
  function cells(row, columns, ranking) {
    const found = { rank: row.ranks[ranking] ?? null, name: row.name, title: row.title };
    for (const column of columns) {
      const interval = column.interval && column.interval(row);
      found[column.id] = column.value(row);
      if (interval && interval[1] != null) {
        found[`${column.id}_low`] = interval[1];
        found[`${column.id}_high`] = interval[2];
      }
    }
    return found;
  }

  function csv(table, rows, columns, state) {
    const ranking = tembench.methodTable.ranking(table, state);
    const records = rows.map((row) => cells(row, columns, ranking));
    const heads = [...new Set(records.flatMap(Object.keys))];
    return tembench.csvText(heads, records.map((record) => heads.map((head) => record[head])));
  }

  function json(table, rows, columns, state) {
    const { recipe, version, recipeId, split, part, images } = table;
    const plain = (value) => (Number.isFinite(value) || typeof value !== "number" ? value : String(value));
    const ranking = tembench.methodTable.ranking(table, state);
    const records = rows.map((row) => Object.fromEntries(
      Object.entries(cells(row, columns, ranking)).map(([key, value]) => [key, plain(value)])));
    return `${JSON.stringify({ recipe, version, recipe_id: recipeId, split, part, images, ranked_by: ranking, view: state, rows: records }, null, 2)}\n`;
  }
  return { csv, json };
}());
