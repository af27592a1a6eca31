"use strict";
/* Scores of a method over a factor: its images, their means in bins with intervals, and those of the reference. */
window.tembench = window.tembench || {};
tembench.methodCurves = (function () {
  const BAND = 34;

  const hasBar = (bin) => Number.isFinite(bin.low) && Number.isFinite(bin.high);

  /* Names of the two methods above the frame, marked as their means are. */
  function legend(names, colour, colours) {
    const at = { frameAnchor: "top-left", dy: -14, textAnchor: "start", fontSize: 12 };
    const own = `● ${names.own}`;
    return [
      Plot.text([own], { ...at, text: (d) => d, fill: colour }),
      ...(names.reference ? [Plot.text([`× ${names.reference}`],
        { ...at, dx: tembench.figures.widthOf(own, 12) + 16, text: (d) => d, fill: colours.soft })] : []),
    ];
  }

  function overNumbers({ title, heading, images, own, reference, ends, names, isLog, tip }, colour, colours, width) {
    const sorted = [own, reference].map((bins) => d3.sort(bins, (bin) => bin.at));
    return Plot.plot({
      width, height: 300, marginTop: 30, marginLeft: 52, marginBottom: 42, marginRight: 12, insetLeft: 8, insetRight: 8, style: tembench.figures.text(colours),
      x: tembench.figures.bottom(`${title}${isLog ? ", log scale" : ""}`, { grid: false, ticks: 6, ...(isLog ? { type: "log", tickFormat: "~g" } : {}) }),
      y: tembench.figures.axis(heading, { domain: ends, ticks: 6 }),
      marks: [
        Plot.dot(images, { x: "factor", y: "score", r: 1.8, fill: colour, fillOpacity: 0.28, clip: true }),
        Plot.line(sorted[1], { x: "at", y: "mean", stroke: colours.soft, strokeWidth: 1.3, strokeDasharray: "5,4", clip: true }),
        Plot.dot(sorted[1], { x: "at", y: "mean", symbol: "times", r: 3.5, stroke: colours.soft, strokeWidth: 1.6, clip: true }),
        Plot.line(sorted[0], { x: "at", y: "mean", stroke: colour, strokeWidth: 1.6, clip: true }),
        Plot.link(own.filter(hasBar), { x1: "at", x2: "at", y1: "low", y2: "high", stroke: colour, strokeWidth: 1.6, clip: true }),
        Plot.dot(own, { x: "at", y: "mean", r: 4, fill: colour, stroke: colours.card, clip: true }),
        ...legend(names, colour, colours),
        Plot.tip(images, Plot.pointer({ x: "factor", y: "score", title: tip, maxRadius: 12, fill: colours.card, stroke: colours.soft, fontSize: 12 })),
      ],
    });
  }

  function overWords({ title, heading, images, own, reference, ends, names, tip }, colour, colours, width) {
    const domain = own.map((bin) => bin.name);
    const left = 14 + d3.max(domain, (name) => tembench.figures.widthOf(name, 12));
    return Plot.plot({
      width, height: domain.length * BAND + 76, marginTop: 30, marginLeft: left, marginBottom: 42, marginRight: 12,
      style: tembench.figures.text(colours),
      x: tembench.figures.bottom(heading, { domain: ends, ticks: 6 }),
      y: { type: "band", domain, label: title, labelAnchor: "top", labelArrow: "none", labelOffset: left - 4, tickSize: 0 },
      marks: [
        Plot.tickX(images, { x: "score", y: "factor", stroke: colour, strokeOpacity: 0.25, inset: 7, clip: true }),
        Plot.dot(reference.filter((bin) => domain.includes(bin.name)), { x: "mean", y: "name", symbol: "times", r: 4, stroke: colours.soft, strokeWidth: 1.8, dy: 9, clip: true }),
        Plot.link(own.filter(hasBar), { x1: "low", x2: "high", y1: "name", y2: "name", stroke: colour, strokeWidth: 2.2, clip: true }),
        Plot.dot(own, { x: "mean", y: "name", r: 4.5, fill: colour, stroke: colours.card, clip: true }),
        ...legend(names, colour, colours),
        Plot.tip(images, Plot.pointer({ x: "score", y: "factor", title: tip, maxRadius: 12, fill: colours.card, stroke: colours.soft, fontSize: 12 })),
      ],
    });
  }

  const ends = (bin) => [bin.mean, bin.low, bin.high];

  /* Content of the figure of one factor; null where no image has both. `page` is the page's data, `scores` and `base` the scores by the metric. */
  function content(page, sample, factor, metric, scores, base) {
    const values = sample.factors[factor], title = sample.titles[factor];
    const definition = page.metrics[metric];
    const heading = definition.unit ? `${definition.title}, ${definition.unit}` : definition.title;
    const bins = tembench.factorBins.of(values);
    const own = tembench.factorBins.means(bins, scores, sample);
    if (!own.length) { return null; }
    const reference = base ? tembench.factorBins.means(bins, base, sample) : [];
    const images = d3.range(values.length).filter((image) => values[image] != null && Number.isFinite(scores[image]))
      .map((image) => ({ image: sample.images[image], factor: typeof values[image] === "number" ? values[image] : String(values[image]), score: scores[image] }));
    const axis = tembench.factorBins.domain(scores, [...own, ...reference].map((bin) => bin.mean));
    const tip = ({ image, factor: value, score }) => `image ${image}\n${title}: ${typeof value === "number" ? tembench.text.figures(value, 4) : value}\n${definition.title}: ${tembench.text.decimal(score, definition.decimals)}`;
    const names = { own: page.name, reference: base && page.reference.name };
    const draw = tembench.factorBins.isNumber(values) ? overNumbers : overWords;
    const byName = new Map(reference.map((bin) => [bin.name, bin]));
    const lowest = d3.least(own, (bin) => (definition.direction === "higher" ? bin.mean : -bin.mean));
    return {
      file: `${page.track}-${page.name}-${metric}-${factor}`,
      label: `${definition.title} of ${page.title} over ${title}${base ? `, beside ${page.reference.title}` : ""}.${lowest ? ` Worst in ${lowest.name}.` : ""}`,
      note: tembench.factorBins.beyond(scores, axis),
      plot: (colours, width) => draw(
        { title, heading, images, own, reference, ends: axis, names, isLog: tembench.factorBins.isLog(factor), tip },
        colours[page.kind], colours, width),
      data: {
        heads: [title, "images", "specimens", "mean", "low", "high",
          ...(base ? ["mean", "low", "high"].map((end) => `${page.reference.name} ${end}`) : [])],
        rows: own.map((bin) => [bin.name, bin.images.length, bin.models, ...ends(bin),
          ...(base ? (byName.has(bin.name) ? ends(byName.get(bin.name)) : [null, null, null]) : [])]),
      },
    };
  }

  return { content };
}());
