"use strict";
/* Overlay of a crop: marks of its columns by kind, and discs coloured by their likelihood ratio. */
window.tembench = window.tembench || {};
tembench.columnOverlay = (function () {
  const KINDS = {
    matched: "found where the clean image shows it",
    missed: "shown by the clean image, not found",
    invented: "found where there is none",
    removed: "taken away by a defect",
  };
  const LEVELS = 9;
  /* Shapes around the origin: circle, cross, square, plus, as in `tembench inspect`. */
  const SHAPES = {
    matched: (r) => `m${-r},0a${r},${r} 0 1,0 ${2 * r},0a${r},${r} 0 1,0 ${-2 * r},0`,
    missed: (r) => `m${-r},${-r}l${2 * r},${2 * r}m0,${-2 * r}l${-2 * r},${2 * r}`,
    invented: (r) => `m${-r},${-r}h${2 * r}v${2 * r}h${-2 * r}z`,
    removed: (r) => `m${-1.2 * r},0h${2.4 * r}m${-1.2 * r},${-1.2 * r}v${2.4 * r}`,
  };
  const ROUNDED = 100;
  const rounded = (value) => Math.round(value * ROUNDED) / ROUNDED;

  const svg = (name, attributes = {}) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) { made.setAttribute(key, value); }
    return made;
  };
  const path = (columns, shape, radius) => columns
    .map(({ x, y }) => `M${x},${y}${shape(rounded(radius))}`).join("");

  /* Colour of a level from -1 to 1: blue where the counts speak against the image, red where for it. */
  const colour = (level) => d3.interpolateRdBu(0.5 - level / 2);
  const levelOf = (ratio, reach) => Math.max(-1, Math.min(1, Math.round(ratio / reach * LEVELS) / LEVELS));

  function discs(columns, image) {
    const tested = columns.filter((column) => !Number.isNaN(column.ratio));
    const found = d3.groups(tested, (column) => levelOf(column.ratio, image.ratios || 1)).map(([level, those]) =>
      svg("path", { class: "disc", d: path(those, SHAPES.matched, image.reach * 1.14), style: `fill: ${colour(level)}` }));
    const called = tested.filter((column) => column.called);
    return [...found, svg("path", { class: "ring", d: path(called, SHAPES.matched, image.reach * 1.14) })];
  }

  /* Draw into an <svg> that lies over a crop. `shown` is { kinds: set of names, ratios: boolean }. */
  function draw(place, columns, image, shown) {
    place.setAttribute("viewBox", `-0.5 -0.5 ${image.width} ${image.height}`);
    const marks = Object.keys(KINDS).filter((kind) => shown.kinds.has(kind)).flatMap((kind) => {
      const d = path(columns.filter((column) => column.kind === kind), SHAPES[kind], image.reach * 0.8);
      // A dark line beneath the bright one: visible on any grey.
      return d ? [svg("path", { class: "halo", d }), svg("path", { class: kind, d })] : [];
    });
    place.replaceChildren(...(shown.ratios ? discs(columns, image) : []), ...marks);
  }

  /* The mark of a kind, for a legend. */
  function symbol(kind) {
    const place = svg("svg", { class: "symbol", viewBox: "-8 -8 16 16", width: 20, height: 20, "aria-hidden": true });
    const d = `M0,0${SHAPES[kind](5)}`;
    place.append(svg("path", { class: "halo", d }), svg("path", { class: kind, d }));
    return place;
  }

  /* Discs of the colours of ratios, from -reach to reach, for a legend. */
  function scale(reach) {
    const place = svg("svg", { class: "scale", viewBox: "-8 -8 112 16", width: 140, height: 20, "aria-hidden": true });
    for (const [at, level] of [-1, -0.66, -0.33, 0, 0.33, 0.66, 1].entries()) {
      place.append(svg("circle", { class: "disc", cx: 16 * at, r: 6.5, style: `fill: ${colour(level)}` }));
    }
    return tembench.element("span", { class: "ratio-scale" }, tembench.text.decimal(-reach, 3), place,
      `${tembench.text.decimal(reach, 3)} nat/px`);
  }

  return { KINDS, draw, symbol, scale };
}());
