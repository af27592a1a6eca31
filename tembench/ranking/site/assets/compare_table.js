"use strict";
/* Table of compared methods side by side: means with intervals, and each one's paired difference to the first. */
window.tembench = window.tembench || {};
tembench.compareTable = (function () {
  const { element, text } = tembench;
  const BAR = { width: 130, height: 18 };
  const VERDICTS = { better: "better", worse: "worse", open: "not told apart" };

  /* Whether a difference is one: its interval excludes 0. */
  function verdict(difference, direction) {
    if (!difference || (difference.low <= 0 && difference.high >= 0)) { return "open"; }
    return (difference.mean > 0) === (direction === "higher") ? "better" : "worse";
  }

  function bar(difference, decided, scale, kind) {
    const svg = d3.create("svg").attr("class", `bar ${kind}`).attr("aria-hidden", "true")
      .attr("width", BAR.width).attr("height", BAR.height);
    const line = (kind_, x1, x2, y1, y2) => svg.append("line").attr("class", kind_)
      .attr("x1", scale(x1)).attr("x2", scale(x2)).attr("y1", y1).attr("y2", y2);
    const middle = BAR.height / 2;
    line("zero", 0, 0, 0, BAR.height);
    if (Number.isFinite(difference.low)) {
      line("interval", difference.low, difference.high, middle, middle);
      for (const end of [difference.low, difference.high]) { line("end", end, end, middle - 4, middle + 4); }
    }
    if (Number.isFinite(difference.mean)) {
      svg.append("circle").attr("cx", scale(difference.mean)).attr("cy", middle).attr("r", 3.5)
        .attr("class", decided ? "" : "hollow");
    }
    return svg.node();
  }

  function signed(value, decimals) {
    const shown = text.decimal(value, decimals);
    return value > 0 && shown !== text.UNKNOWN ? `+${shown}` : shown;
  }

  /* Decimals of a difference: as many as it takes that an interval without 0 does not end at 0. */
  function decimalsOf({ low, high }, decimals, found) {
    const nearest = Math.min(Math.abs(low), Math.abs(high));
    if (found === "open" || !(nearest > 0)) { return decimals; }
    return Math.max(decimals, Math.min(decimals + 3, Math.ceil(-Math.log10(nearest))));
  }

  function differenceCell(difference, metric, row, scale, specimens) {
    if (!difference) { return [element("p", { class: "soft" }, "no image in common")]; }
    const found = verdict(difference, metric.direction);
    const decimals = decimalsOf(difference, metric.decimals, found);
    const bounds = text.interval(difference.low, difference.high, decimals);
    const few = difference.models < specimens ? `, ${difference.models} specimen${difference.models === 1 ? "" : "s"}` : "";
    return [
      element("div", { class: `difference ${found}` },
        bar(difference, found !== "open", scale, row.kind),
        element("span", {}, signed(difference.mean, decimals)), " ",
        element("strong", {}, VERDICTS[found])),
      element("span", { class: "bounds" }, bounds === text.UNKNOWN ? `no interval${few}` : `${bounds}${few}`),
    ];
  }

  function head(row, number, table, remove) {
    const link = `${tembench.root}${table.track}/methods/${row.name}.html`;
    return element("th", { scope: "col" },
      element("span", { class: `name ${row.kind}` }, element("span", { class: "dot", "aria-hidden": "true" }),
        element("a", { href: link }, row.title), row.marks ? element("sup", {}, row.marks) : null),
      element("div", { class: "soft" }, number === 0 ? "reference" : "minus the reference"),
      element("button", { type: "button", class: "link", "aria-label": `Remove ${row.title}`, onclick: () => remove(row.name) }, "Remove"));
  }

  /* Scale of a metric's bars, the same for all methods, with 0 in the middle. */
  function scaleOf(differences) {
    const ends = differences.filter(Boolean).flatMap(({ mean, low, high }) => [mean, low, high])
      .filter(Number.isFinite).map(Math.abs);
    const most = d3.max(ends) || 1;
    return d3.scaleLinear([-most, most], [6, BAR.width - 6]);
  }

  /* `differences` has, by metric, that of each row to the first; null for the first. */
  function build(table, rows, metrics, differences, remove) {
    const body = metrics.map((name) => {
      const metric = table.metrics[name], scale = scaleOf(differences.get(name));
      return element("tr", { "data-metric": name },
        element("th", { scope: "row" },
          element("a", { href: `${tembench.root}metrics.html#${name}`, title: metric.summary },
            metric.unit ? `${metric.title}, ${metric.unit}` : metric.title),
          element("div", { class: "soft" }, `${metric.direction} is better`)),
        ...rows.map((row, number) => {
          const value = row.values[name];
          const own = value ? text.interval(value[1], value[2], metric.decimals) : text.UNKNOWN;
          return element("td", {},
            element("span", { class: "value" }, text.decimal(value ? value[0] : null, metric.decimals)), " ",
            own === text.UNKNOWN ? null : element("span", { class: "bounds" }, own),
            ...(number ? differenceCell(differences.get(name)[number], metric, row, scale, table.specimens) : []));
        }));
    });
    const caption = `Compared on all ${table.images} images of ${table.recipe} ${table.version}: means with 95 % intervals, and paired differences to ${rows[0].title}`;
    const alone = "Each interval is of one comparison alone; ranks compare all methods at once, and may leave together what an interval parts.";
    return element("div", {}, element("p", { class: "soft" }, `${caption}. ${alone}`),
      element("div", { class: "scroll wide", tabindex: 0, role: "region", "aria-label": caption },
        element("table", { class: "plain compared", "aria-label": caption }, element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "Metric"),
          ...rows.map((row, number) => head(row, number, table, remove)))),
        element("tbody", {}, ...body))));
  }

  return { build, verdict, signed };
}());
