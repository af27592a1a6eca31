"use strict";
/* Methods compared side by side: those that the address names after `compare`, the first the reference. */
(function () {
  const { element } = tembench;
  const section = document.querySelector("#compare");
  if (!section) { return; }
  const table = tembench.page.table || tembench.page.tables[0];
  const byName = new Map(table.rows.map((row) => [row.name, row]));
  const [form, status, body, heading, figures] = ["form", "p", ".body", "h3", ".figures"].map((one) => section.querySelector(one));
  const set = (names) => tembench.state.set({ compare: names.join(",") });
  let drawnFigures = [], latest = 0, drawn = "";

  function select(name, label, onchange) {
    const list = element("select", { name });
    list.addEventListener("change", () => onchange(list.value));
    form.append(element("label", {}, element("span", {}, label), list));
    return list;
  }

  const reference = select("reference", "Reference", (name) => {
    const names = tembench.state.names(tembench.state.read().compare);
    set([name, ...names.filter((other) => other !== name)]);
  });
  const where = select("where", "Groups by", (name) => tembench.state.set({ where: name === table.rankedBy ? "" : name }));
  where.append(...Object.entries(table.metrics).map(([name, metric]) => element("option", { value: name }, metric.title)));
  const all = element("input", { type: "checkbox", name: "all" });
  all.addEventListener("change", () => tembench.state.set({ all: all.checked ? "1" : "" }));
  const copied = element("span", { class: "soft", role: "status" });
  form.append(element("label", { class: "check" }, all, " All metrics"),
    element("button", { type: "button", onclick: copy }, "Copy link"),
    element("button", { type: "button", onclick: () => set([]) }, "Remove all"), copied);
  form.addEventListener("submit", (event) => event.preventDefault());

  async function copy() {
    try {
      await navigator.clipboard.writeText(location.href);
      copied.textContent = "Copied.";
    } catch (problem) {
      copied.replaceChildren("The browser does not let a page copy; here it is: ",
        element("input", { type: "text", readonly: true, value: location.href, "aria-label": "Link to this comparison" }));
    }
  }

  function metricsOf(state, columns) {
    if (state.all) { return Object.keys(table.metrics); }
    const chosen = columns.map((column) => column.id).filter((id) => table.metrics[id]);
    return [...new Set([...table.shown, ...chosen])];
  }

  function fields(rows, state, metric) {
    reference.replaceChildren(...rows.map((row) => element("option", { value: row.name }, row.title)));
    reference.value = rows.length ? rows[0].name : "";
    where.value = metric;
    all.checked = Boolean(state.all);
  }

  function drawGroups(rows, scores, sample, metric) {
    drawnFigures.forEach((figure) => figure.remove());
    const [base, ...others] = rows;
    const known = others.filter((row) => [row, base].every((one) => scores.get(one.name).has(metric)));
    const groups = known.map((row) => tembench.compareGroups.differences(
      scores.get(row.name).get(metric), scores.get(base.name).get(metric), sample));
    const ends = tembench.compareGroups.domain(groups.flat());
    heading.hidden = !groups.flat().length;
    drawnFigures = known.map((row, number) => {
      const place = element("figure");
      figures.append(place);
      const figure = tembench.figures.create(place);
      figure.show(tembench.compareGroups.content(groups[number], row, base, table.metrics[metric], table, ends));
      return figure;
    });
  }

  function paired(rows, metrics, scores, sample) {
    const [first, ...others] = rows.map((row) => scores.get(row.name));
    return new Map(metrics.map((name) => [name, [null, ...others.map((own) => (own.has(name) && first.has(name)
      ? tembench.statistics.difference(own.get(name), first.get(name), sample) : null))]]));
  }

  async function show(rows, metrics, metric, unknown) {
    const mine = ++latest;
    status.textContent = "Loading the scores of every image …";
    try {
      const sample = await tembench.statistics.sample(table.track);
      const loaded = await Promise.all(rows.map((row) => tembench.statistics.scores(table.track, row.name)));
      if (mine !== latest) { return; }
      const scores = new Map(rows.map((row, number) => [row.name, loaded[number]]));
      const differences = paired(rows, metrics, scores, sample);
      const remove = (name) => set(rows.map((row) => row.name).filter((other) => other !== name));
      body.replaceChildren(tembench.compareTable.build(table, rows, metrics, differences, remove));
      drawGroups(rows, scores, sample, metric);
      status.textContent = [
        unknown.length ? `Not in this table: ${unknown.join(", ")}.` : "",
        rows.length === 1 ? "Choose another method in the table to compare this one with." : "",
      ].join(" ");
    } catch (problem) {
      if (mine !== latest) { return; }
      body.replaceChildren();
      drawn = "";
      status.textContent = `These methods cannot be compared: ${problem.message}.`;
    }
  }

  document.addEventListener("tembench-shown", ({ detail: { columns } }) => {
    const state = tembench.state.read();
    const names = [...new Set(tembench.state.names(state.compare))];
    const rows = names.filter((name) => byName.has(name)).map((name) => byName.get(name));
    const unknown = names.filter((name) => !byName.has(name));
    const metrics = metricsOf(state, columns);
    const metric = table.metrics[state.where] ? state.where : table.rankedBy;
    const key = JSON.stringify([names, metrics, metric]);
    section.hidden = !names.length;
    fields(rows, state, metric);
    if (key === drawn) { return; }
    drawn = key;
    copied.textContent = "";
    if (rows.length) { show(rows, metrics, metric, unknown); return; }
    latest += 1;
    body.replaceChildren();
    drawnFigures.forEach((figure) => figure.remove());
    drawnFigures = [];
    heading.hidden = true;
    status.textContent = unknown.length ? `Not in this table: ${unknown.join(", ")}.` : "";
  });
}());
