"use strict";
/* Figure of two measures of a track's methods: any metric or cost across and up, and what they say together. */
(function () {
  const { element, text } = tembench;
  const PRESETS = [
    ["PSNR / surface F1", "psnr_db", "surface_f1"],
    ["PSNR / seconds", "seconds_per_image", "psnr_db"],
    ["PSNR / weights", "n_parameters", "psnr_db"],
    ["PSNR / training cost", "training_seconds", "psnr_db"],
  ];
  const place = document.querySelector("#scatter");
  if (!place) { return; }
  const table = tembench.page.table;
  const columns = tembench.columns.all(table);
  const measures = [...columns.values()].filter((column) => !column.words);
  const presets = PRESETS.filter(([, x, y]) => columns.has(x) && columns.has(y));
  const [firstX, firstY] = presets.length ? presets[0].slice(1) : measures.slice(0, 2).map((column) => column.id);

  function axesOf(state) {
    const measure = (id, other) => (columns.has(id) && !columns.get(id).words ? columns.get(id) : columns.get(other));
    return { x: measure(state.x, firstX), y: measure(state.y, firstY) };
  }

  /* Points of the rows that have both values, and how many are left out, by reason. */
  function points(rows, axes, isShown) {
    const found = [], left = { unknown: 0, infinite: 0, zero: 0 };
    for (const row of rows) {
      const point = {
        name: row.name, kind: row.kind, title: row.title, faint: !isShown(row),
        link: `${tembench.root}${table.track}/methods/${row.name}.html`,
      };
      for (const [axis, column] of Object.entries(axes)) {
        const value = column.value(row), interval = column.interval && column.interval(row);
        point[axis] = value == null ? null : text.number(value);
        [point[`${axis}Low`], point[`${axis}High`]] = interval && interval.length > 1 ? interval.slice(1, 3).map(text.number) : [null, null];
      }
      const values = [point.x, point.y];
      if (values.some((value) => value == null)) { left.unknown += 1; }
      else if (!values.every(Number.isFinite)) { left.infinite += 1; }
      else if (Object.entries(axes).some(([axis, column]) => column.cost && point[axis] <= 0)) { left.zero += 1; }
      else { found.push({ ...point, tip: tip(row, axes) }); }
    }
    return { found, left };
  }

  function tip(row, axes) {
    return [row.title, ...Object.values(axes).map((column) => {
      const interval = column.interval && column.interval(row);
      const bounds = interval ? text.interval(interval[1], interval[2], column.decimals) : text.UNKNOWN;
      return `${column.title}: ${column.text(row)}${bounds === text.UNKNOWN ? "" : ` (${bounds})`}`;
    })].join("\n");
  }

  /* Methods that no other is as good as and cheaper than, from the cheapest. */
  function front(competing, cost, quality, higher) {
    const sign = higher ? 1 : -1;
    let best = -Infinity;
    return d3.sort(competing, (point) => point[cost], (point) => -sign * point[quality]).filter((point) => {
      const better = sign * point[quality] > best;
      if (better) { best = sign * point[quality]; }
      return better;
    });
  }

  function frontMark(competing, axes, colours) {
    const cost = ["x", "y"].find((axis) => axes[axis].cost), quality = cost === "x" ? "y" : "x";
    if (!cost || axes[quality].cost) { return []; }
    const best = front(competing, cost, quality, axes[quality].direction === "higher");
    return [Plot.line(best, { x: "x", y: "y", stroke: colours.soft, strokeWidth: 1.2,
      curve: cost === "x" ? "step-after" : "step-before", strokeDasharray: "1,3", strokeLinecap: "round" })];
  }

  /* A cost's column turns its own field into text. */
  const tick = (column) => (value) => column.text({ [column.id]: value });

  function scale(shown, axis, column) {
    const make = axis === "x" ? tembench.figures.bottom : tembench.figures.axis;
    return column.cost
      ? make(`${column.title}, log scale`, { type: "log", domain: tembench.methodPoints.logDomain(shown, axis), tickFormat: tick(column), ticks: 4 })
      : make(column.title, { domain: tembench.methodPoints.domain(shown, axis), ticks: 8 });
  }

  function plot(shown, competing, axes, colours, width) {
    return tembench.figures.opening(Plot.plot({
      width, height: Math.max(320, Math.min(560, 0.6 * width)), marginTop: 34, marginLeft: 58, marginBottom: 44, marginRight: 16,
      style: tembench.figures.text(colours),
      x: scale(shown, "x", axes.x), y: scale(shown, "y", axes.y),
      marks: [
        ...frontMark(competing, axes, colours),
        ...tembench.methodPoints.legend(shown, colours),
        ...tembench.methodPoints.marks(shown, colours),
      ],
    }));
  }

  function note(competing, left, axes, group) {
    const rho = tembench.statistics.spearman(competing.map((point) => point.x), competing.map((point) => point.y));
    const lacking = [[left.unknown, "without one of the two"], [left.infinite, "with an infinite value"], [left.zero, "at no cost"]]
      .filter(([count]) => count).map(([count, why]) => `${count} ${why}`);
    const cost = Object.values(axes).filter((column) => column.cost).length === 1;
    return [
      Number.isNaN(rho) ? "" : `Spearman's correlation over the ${competing.length} methods shown, controls apart: ${text.decimal(rho, 2)}.`,
      cost ? "Dotted: no method shown is better at less cost." : "",
      lacking.length ? `Not drawn, methods: ${lacking.join(", ")}.` : "",
      `Bars: 95 % intervals over specimens${group ? `, of the ${group.images} images of the chosen group` : ""}.`,
      "A click opens a method's page.",
    ].filter(Boolean).join(" ");
  }

  function select(axis, label) {
    const groups = d3.group(measures, (column) => column.group);
    const list = element("select", { name: axis }, ...[...groups].map(([name, members]) => element("optgroup",
      { label: name }, ...members.map((column) => element("option", { value: column.id }, column.title)))));
    list.addEventListener("change", () => tembench.state.set({ [axis]: list.value }));
    return element("label", {}, element("span", {}, label), list);
  }

  const form = place.querySelector("form");
  const controls = element("input", { type: "checkbox", name: "controls" });
  controls.addEventListener("change", () => tembench.state.set({ controls: controls.checked ? "1" : "" }));
  const buttons = presets.map(([title, x, y]) => element("button", {
    type: "button", "aria-pressed": "false", onclick: () => tembench.state.set({ x, y }),
  }, title));
  form.append(select("x", "Across"), select("y", "Up"), ...buttons,
    element("label", { class: "check" }, controls, " Controls"));
  form.addEventListener("submit", (event) => event.preventDefault());
  const figure = tembench.figures.create(place.querySelector("figure"));

  document.addEventListener("tembench-shown", ({ detail: { rows, isShown, group } }) => {
    const state = tembench.state.read(), axes = axesOf(state);
    form.elements.x.value = axes.x.id;
    form.elements.y.value = axes.y.id;
    controls.checked = Boolean(state.controls);
    buttons.forEach((button, number) => button.setAttribute("aria-pressed",
      String(presets[number][1] === axes.x.id && presets[number][2] === axes.y.id)));
    const { found, left } = points(rows.filter((row) => !row.control || state.controls), axes, isShown);
    const competing = found.filter((point) => !point.faint && point.kind !== "control");
    figure.show({
      file: `${table.track}-${axes.x.id}-${axes.y.id}`,
      label: `${axes.x.title} across and ${axes.y.title} up, of ${found.length} methods.`,
      note: note(competing, left, axes, group),
      plot: (colours, width) => plot(found, competing, axes, colours, width),
      data: {
        heads: ["name", "title", "kind", "shown", ...["x", "y"].flatMap((axis) => ["", "_low", "_high"].map((end) => axes[axis].id + end))],
        rows: found.map((point) => [point.name, { text: point.title, link: point.link }, point.kind, point.faint ? "no" : "yes",
          point.x, point.xLow, point.xHigh, point.y, point.yLow, point.yHigh]),
      },
    });
  });
}());
