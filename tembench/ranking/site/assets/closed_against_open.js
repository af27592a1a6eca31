"use strict";
/* Figure of the closed track against the open one: each method that is in both a point, with the diagonal. */
(function () {
  const { text } = tembench;

  function points(closed, opened) {
    const others = new Map(closed.rows.map((row) => [row.name, row]));
    const found = [];
    for (const row of opened.rows) {
      const values = [others.get(row.name), row].map((one) => one && one.values[opened.rankedBy]);
      if (!values.every(Boolean)) { continue; }
      const [[x, xLow, xHigh], [y, yLow, yHigh]] = values.map((one) => one.slice(0, 3).map(text.number));
      if (Number.isFinite(x) && Number.isFinite(y)) {
        found.push({ name: row.name, title: row.title, kind: row.kind, x, xLow, xHigh, y, yLow, yHigh,
          link: `${tembench.root}${opened.track}/methods/${row.name}.html` });
      }
    }
    return found;
  }

  /* Without controls that are far from all methods, which would compress the figure. */
  function near(all) {
    const ends = all.filter((point) => point.kind !== "control").flatMap((point) => [point.x, point.y]);
    const [low, high] = d3.extent(ends);
    const reach = 0.3 * (high - low);
    const isNear = (value) => value >= low - reach && value <= high + reach;
    return all.filter((point) => point.kind !== "control" || (isNear(point.x) && isNear(point.y)));
  }

  function plot(shown, axes, colours, width) {
    const ends = d3.extent(["x", "y"].flatMap((axis) => tembench.methodPoints.domain(shown, axis)));
    const side = Math.min(width, 680);
    return tembench.figures.opening(Plot.plot({
      width: side, height: Math.max(side, 340), marginTop: 34, marginLeft: 48, marginBottom: 44, marginRight: 14,
      style: tembench.figures.text(colours),
      x: tembench.figures.bottom(axes.x, { domain: ends, ticks: 10 }),
      y: tembench.figures.axis(axes.y, { domain: ends, ticks: 10 }),
      marks: [
        Plot.line([[ends[0], ends[0]], [ends[1], ends[1]]], { stroke: colours.soft, strokeDasharray: "5,4" }),
        Plot.text(side < 500 ? [] : ["as good on specimens that nobody has seen"], {
          x: ends[0] + 0.04 * (ends[1] - ends[0]), y: ends[0] + 0.04 * (ends[1] - ends[0]), text: (d) => d, rotate: -45,
          textAnchor: "start", dy: -7, dx: -2, fill: colours.soft, fontSize: 11,
        }),
        ...tembench.methodPoints.legend(shown, colours),
        ...tembench.methodPoints.marks(shown, colours),
      ],
    }));
  }

  document.addEventListener("DOMContentLoaded", () => {
    const section = document.getElementById("closed-against-open");
    const tables = tembench.page.tables || [];
    const opened = tables.find((table) => table.drawn && table.part === "test");
    const closed = tables.find((table) => !table.drawn && table.part === "test");
    if (!section || !opened || !closed || opened.rankedBy !== closed.rankedBy) { return; }
    const all = points(closed, opened);
    if (all.length < 2) { return; }
    const metric = opened.metrics[opened.rankedBy];
    const heading = metric.unit ? `${metric.title}, ${metric.unit}` : metric.title;
    const axes = { x: `${heading}, closed: ${closed.recipe}`, y: `${heading}, open: ${opened.recipe}` };
    const shown = near(all);
    for (const point of all) {
      const value = (axis) => `${text.decimal(point[axis], metric.decimals)} (${text.interval(point[`${axis}Low`], point[`${axis}High`], metric.decimals)})`;
      point.tip = `${point.title}\nclosed: ${value("x")}\nopen: ${value("y")}`;
    }
    const left = all.length - shown.length;
    section.hidden = false;
    tembench.figures.create(section.querySelector("figure")).show({
      file: "closed-against-open",
      label: `${heading} of ${shown.length} methods: closed track across, open track up. ${shown.filter((point) => point.y < point.x).length} are below the diagonal.`,
      note: `Bars: 95 % intervals over models (closed) and specimens (open).${left ? ` ${left} control${left > 1 ? "s are" : " is"} beyond the axes, and in the data.` : ""} A click opens a method's page.`,
      plot: (colours, width) => plot(shown, axes, colours, width),
      data: {
        heads: ["name", "title", "kind", "closed", "closed_low", "closed_high", "open", "open_low", "open_high"],
        rows: all.map((point) => [point.name, { text: point.title, link: point.link }, point.kind,
          point.x, point.xLow, point.xHigh, point.y, point.yLow, point.yHigh]),
      },
    });
  });
}());
