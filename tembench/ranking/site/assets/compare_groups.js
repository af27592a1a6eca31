"use strict";
/* Differences of a method to a reference in each group of images: a figure with intervals. */
window.tembench = window.tembench || {};
tembench.compareGroups = (function () {
  const { text } = tembench;
  const LINE = 19;

  /* Paired difference in every group of every factor that has images of both. */
  function differences(first, second, sample) {
    return Object.entries(sample.groups).flatMap(([factor, { names, of }]) => names.map((name, group) => ({
      factor, name, title: sample.titles[factor] || factor, images: d3.sum(of, (one) => one === group),
      difference: tembench.statistics.difference(
        tembench.statistics.within(first, (image) => of[image] === group), second, sample),
    }))).filter((found) => found.difference);
  }

  /* Axis over the differences and 0, and over their intervals as far as they do not compress them. */
  function domain(groups) {
    const means = [0, ...groups.map((group) => group.difference.mean).filter(Number.isFinite)];
    const [low, high] = d3.extent(means);
    const reach = 0.4 * (high - low) || 1;
    const ends = groups.flatMap(({ difference }) => [difference.low, difference.high])
      .filter((end) => Number.isFinite(end) && end >= low - reach && end <= high + reach);
    const [first, last] = d3.extent([...means, ...ends]);
    return [first - 0.04 * (last - first), last + 0.04 * (last - first)];
  }

  const isDecided = ({ difference }) => difference.low > 0 || difference.high < 0;

  function plot(groups, row, title, label, ends, colours, width) {
    const lines = [];
    for (const group of groups) {
      if (!lines.length || lines.at(-1).factor !== group.factor) { lines.push({ factor: group.factor, head: group.title }); }
      lines.push({ ...group, ...group.difference });
    }
    const at = d3.range(lines.length);
    const dots = at.filter((line) => !lines[line].head && Number.isFinite(lines[line].mean));
    const bars = dots.filter((line) => Number.isFinite(lines[line].low) && Number.isFinite(lines[line].high));
    const left = Math.min(0.42 * width, 12 + d3.max(lines, (line) => tembench.figures.widthOf(line.head || line.name, line.head ? 14 : 12)));
    const colour = colours[row.kind];
    return Plot.plot({
      width, height: lines.length * LINE + 76, marginLeft: left, marginRight: 12, marginTop: 28, marginBottom: 44,
      style: tembench.figures.text(colours),
      x: tembench.figures.bottom(label, { domain: ends, ticks: 6 }),
      y: { type: "band", domain: at, axis: null, padding: 0 },
      marks: [
        Plot.ruleX([0], { stroke: colours.soft }),
        Plot.text([title], { frameAnchor: "top-left", dx: -left + 2, dy: -14, textAnchor: "start", text: (d) => d, fill: colour, fontWeight: 600 }),
        Plot.text(at, { y: (line) => line, frameAnchor: "left", textAnchor: "end", dx: -8, lineWidth: (left - 10) / 12,
          textOverflow: "ellipsis", text: (line) => lines[line].name || "", fill: colours.ink }),
        Plot.text(at, { y: (line) => line, frameAnchor: "left", textAnchor: "end", dx: -8, fontWeight: 600,
          lineWidth: (left - 10) / 12, textOverflow: "ellipsis", text: (line) => lines[line].head || "", fill: colours.soft }),
        Plot.link(bars, { x1: (line) => lines[line].low, x2: (line) => lines[line].high, y1: (line) => line, y2: (line) => line,
          stroke: colour, strokeWidth: 1.5, strokeOpacity: 0.6, clip: true }),
        Plot.dot(dots, { x: (line) => lines[line].mean, y: (line) => line, r: 4, stroke: colour, strokeWidth: 1.5,
          fill: (line) => (isDecided(lines[line]) ? colour : colours.card), clip: true }),
        Plot.tip(dots, Plot.pointerY({ x: (line) => lines[line].mean, y: (line) => line, maxRadius: 30, fill: colours.card,
          stroke: colours.soft, fontSize: 12, title: (line) => lines[line].tip })),
      ],
    });
  }

  /* Content of the figure of a row minus a reference by a metric; `ends` is the axis that figures share. */
  function content(groups, row, reference, metric, table, ends) {
    const { verdict, signed } = tembench.compareTable;
    const unit = metric.unit ? `, ${metric.unit}` : "";
    for (const group of groups) {
      const { mean, low, high, models } = group.difference;
      group.tip = `${group.title} ${group.name}\n${signed(mean, metric.decimals)} (${text.interval(low, high, metric.decimals)})\n${group.images} images, ${models} specimens of both`;
    }
    const found = d3.rollup(groups, (members) => members.length, (group) => verdict(group.difference, metric.direction));
    const count = (which) => found.get(which) || 0;
    const words = `${row.title} is better than ${reference.title} in ${count("better")} groups, worse in ${count("worse")}, not told apart in ${count("open")}.`;
    return {
      file: `${table.track}-${row.name}-minus-${reference.name}`,
      label: `${metric.title} of ${row.title} minus ${reference.title}, by group of images. ${words}`,
      note: `${words} Filled: the 95 % interval excludes 0.`,
      plot: (colours, width) => plot(groups, row,
        `${row.name} minus ${reference.name}`,
        `${metric.title} difference${unit} (${metric.direction === "higher" ? "right" : "left"} is better)`, ends, colours, width),
      data: {
        heads: ["factor", "group", "images", "specimens", "difference", "low", "high"],
        rows: groups.map(({ title, name, images, difference }) => [title, name, images, difference.models,
          difference.mean, difference.low, difference.high]),
      },
    };
  }

  return { differences, domain, content };
}());
