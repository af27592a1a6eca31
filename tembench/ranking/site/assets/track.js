"use strict";
/* Page with a table of methods: puts its parts together, and draws them for each state. */
document.addEventListener("DOMContentLoaded", () => {
  const table = tembench.page.table || tembench.page.tables[0];
  const { element } = tembench;
  const place = document.getElementById("table");
  if (!place) { return; }
  const link = (row) => `${tembench.root}${table.track}/methods/${row.name}.html`;
  const view = tembench.methodTable.create(place, table, link);
  let shownColumns = [], shownRows = [];
  const inOrder = () => {
    const grid = Tabulator.findTable(place)[0];
    return grid ? grid.getRows("active").map((row) => row.getData()) : shownRows;
  };
  const exports = {
    csv: () => tembench.offer(`${table.track}.csv`,
      tembench.tableExport.csv(table, inOrder(), shownColumns, tembench.state.read()), "text/csv"),
    json: () => tembench.offer(`${table.track}.json`,
      tembench.tableExport.json(table, inOrder(), shownColumns, tembench.state.read()), "application/json"),
  };
  const form = tembench.filters.create(document.getElementById("filters"), table, view.columns, exports);
  const count = document.getElementById("count");

  async function groupOf(state) {
    if (!state.group) { return null; }
    const groups = await tembench.load(table.track, "data/groups");
    return groups.find((group) => `${group.factor}:${group.name}` === state.group) || null;
  }

  const titleOf = (group) => table.groups.find((one) => one.factor === group.factor).title;
  let latest = 0;
  tembench.state.onChange(async (state) => {
    const mine = ++latest;
    let group = null;
    try { group = await groupOf(state); } catch (problem) { count.textContent = problem.message; return; }
    if (mine !== latest) { return; }
    const isShown = form.isShown(state);
    shownRows = table.rows.filter(isShown);
    const rows = tembench.methodTable.rowsOf(table, group);
    shownColumns = view.show(state, rows, group, isShown);
    form.show(state, shownColumns);
    const shown = { rows, isShown, columns: shownColumns, group };
    document.dispatchEvent(new CustomEvent("tembench-shown", { detail: shown }));
    const hidden = table.rows.length - shownRows.length;
    const images = group ? `, means of the ${group.images} images with ${titleOf(group)} ${group.name}` : "";
    const compared = tembench.state.names(state.compare).length;
    count.replaceChildren(`${shownRows.length} of ${table.rows.length} methods${images}. `,
      ...(hidden ? [element("button", { type: "button", class: "link", onclick: () => tembench.state.clear() }, "Show all")] : []),
      ...(compared ? [" ", element("button", { type: "button", class: "link",
        onclick: () => document.getElementById("compare").scrollIntoView() }, `${compared} compared, below`)] : []));
  });
});
