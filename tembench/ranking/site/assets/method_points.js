"use strict";
/* Methods as points of a figure: coloured and shaped by kind, with intervals, names, and what is under the mouse. */
window.tembench = window.tembench || {};
tembench.methodPoints = (function () {
  const KINDS = ["learned", "classical", "control"];
  const SHAPES = { learned: "circle", classical: "square", control: "circle" };
  const REACH = 0.3;
  const ENDS = Object.fromEntries([["x", "Low"], ["x", "High"], ["y", "Low"], ["y", "High"]].map(
    ([scale, end]) => [scale + end, { value: scale + end, scale, optional: true, filter: null }]));

  /* Axis over the means, and over their intervals as far as they do not compress the means. */
  function domain(points, axis) {
    if (!points.length) { return [0, 1]; }
    const means = points.map((point) => point[axis]);
    const [low, high] = d3.extent(means);
    const reach = REACH * (high - low) || Math.abs(high) / 10 || 1;
    const ends = points.flatMap((point) => [point[axis], point[`${axis}Low`], point[`${axis}High`]])
      .filter((end) => Number.isFinite(end) && end >= low - reach && end <= high + reach);
    const [first, last] = d3.extent(ends);
    const margin = 0.05 * (last - first) || reach;
    return [first - margin, last + margin];
  }

  function logDomain(points, axis) {
    if (!points.length) { return [1, 10]; }
    const [low, high] = d3.extent(points, (point) => point[axis]);
    const margin = Math.max((high / low) ** 0.06, 1.1);
    return [low / margin, high * margin];
  }

  function bars(points, axis, other, colours) {
    const known = points.filter((point) => Number.isFinite(point[`${axis}Low`]) && Number.isFinite(point[`${axis}High`]));
    const ends = axis === "x" ? { x1: "xLow", x2: "xHigh", y1: "y", y2: "y" } : { x1: "x", x2: "x", y1: "yLow", y2: "yHigh" };
    return Plot.link(known, {
      ...ends, stroke: (point) => colours[point.kind], strokeWidth: 1.5, clip: true,
      strokeOpacity: (point) => (point.faint ? 0.15 : 0.5),
    });
  }

  function dots(points, kind, colours) {
    return Plot.dot(points.filter((point) => point.kind === kind), {
      x: "x", y: "y", r: 4.5, symbol: SHAPES[kind], stroke: colours[kind], strokeWidth: 1.5,
      fill: kind === "control" ? colours.card : colours[kind],
      opacity: (point) => (point.faint ? 0.25 : 1),
    });
  }

  /* The kinds that are drawn, in the upper left corner above the frame. */
  function legend(points, colours, top = 16) {
    let left = 4;
    return KINDS.filter((kind) => points.some((point) => point.kind === kind)).flatMap((kind) => {
      const at = { frameAnchor: "top-left", dy: -top };
      const dot = Plot.dot([0], {
        ...at, dx: left, r: 4.5, symbol: SHAPES[kind], stroke: colours[kind], strokeWidth: 1.5,
        fill: kind === "control" ? colours.card : colours[kind],
      });
      const name = Plot.text([kind], {
        ...at, dx: left + 9, text: (d) => d, textAnchor: "start", lineAnchor: "middle", fontSize: 11, fill: colours.soft,
      });
      left += 26 + tembench.figures.widthOf(kind);
      return [dot, name];
    });
  }

  /* Points in the order in which they get names: those at the ends of both axes first, where there are many. */
  function outermost(points) {
    const place = (axis) => new Map(d3.sort(points, (point) => point[axis]).map((point, number) => [point, number]));
    const [x, y] = [place("x"), place("y")], last = points.length - 1;
    return d3.sort(points, (point) => Math.min(x.get(point), last - x.get(point), y.get(point), last - y.get(point)));
  }

  /* Marks of points { name, kind, x, xLow, xHigh, y, yLow, yHigh, faint, tip }; names of faint ones are left out. */
  function marks(points, colours) {
    const clear = points.filter((point) => !point.faint);
    return [
      bars(points, "x", "y", colours), bars(points, "y", "x", colours),
      ...KINDS.map((kind) => dots(points, kind, colours)),
      tembench.figures.labels([...outermost(clear), ...points.filter((point) => point.faint)],
        { x: "x", y: "y", text: (point) => (point.faint ? "" : point.name), ends: ENDS, colours }),
      Plot.tip(points, Plot.pointer({
        x: "x", y: "y", title: "tip", maxRadius: 16, fill: colours.card, stroke: colours.soft, fontSize: 12,
      })),
    ];
  }

  return { domain, logDomain, marks, legend };
}());
