"use strict";
/* Figures by Observable Plot: in the page's colours, named for screen readers, with their data as a table, and to
   be saved as SVG and CSV. Drawn again where the theme or the width changes. */
window.tembench = window.tembench || {};
tembench.figures = (function () {
  const { element } = tembench;
  const COLOURS = ["paper", "card", "ink", "soft", "rule", "control", "classical", "learned"];
  const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif";
  const MOST_LABELS = 40;
  const pen = document.createElement("canvas").getContext("2d");
  const drawn = new Set();

  function theme() {
    const style = getComputedStyle(document.documentElement);
    return Object.fromEntries(COLOURS.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
  }

  const redraw = () => drawn.forEach((draw) => draw());
  document.addEventListener("tembench-theme", redraw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);

  function widthOf(text, size = 11) {
    pen.font = `${size}px ${FONT}`;
    return pen.measureText(text).width;
  }

  /* The figure as a file of its own: no colour, font or style comes from the page. */
  function standalone(svg, title, colours) {
    const copy = svg.cloneNode(true);
    copy.querySelectorAll("style, [aria-label=tip]").forEach((part) => part.remove());
    for (const part of [copy, ...copy.querySelectorAll("*")]) {
      for (const { name, value } of [...part.attributes]) {
        if (value === "currentColor") { part.setAttribute(name, colours.ink); }
        if (value === "var(--plot-background)") { part.setAttribute(name, colours.card); }
      }
    }
    copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    copy.setAttribute("font-family", FONT);
    copy.setAttribute("font-size", "12");
    ["style", "class"].forEach((name) => copy.removeAttribute(name));
    const heading = document.createElementNS("http://www.w3.org/2000/svg", "title");
    heading.textContent = title;
    const back = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    for (const [name, value] of Object.entries({ width: "100%", height: "100%", fill: colours.card })) {
      back.setAttribute(name, value);
    }
    copy.prepend(heading, back);
    return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(copy)}\n`;
  }

  const isLink = (cell) => cell !== null && typeof cell === "object";

  /* Cells of a figure's data as a table; a cell with `text` and `link` is a link. */
  function dataTable({ heads, rows }) {
    const shown = (cell) => {
      if (isLink(cell)) { return element("a", { href: cell.link }, cell.text); }
      if (typeof cell !== "number") { return cell == null ? tembench.text.UNKNOWN : cell; }
      return Number.isFinite(cell) ? tembench.text.figures(cell, 5) : tembench.text.decimal(cell, 0);
    };
    return element("table", { class: "plain" },
      element("thead", {}, element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, head)))),
      element("tbody", {}, ...rows.map((row) => element("tr", {}, ...row.map(
        (cell) => element("td", { class: typeof cell === "number" ? "number" : null }, shown(cell)))))));
  }

  const plainCell = (cell) => (isLink(cell) ? cell.text : cell);

  function tools(figure) {
    const button = (text, label, onclick) => element("button", { type: "button", "aria-label": label, onclick }, text);
    const body = element("div", { class: "scroll", tabindex: 0, role: "region" });
    const details = element("details", {}, element("summary", {}, "Data"), body);
    details.addEventListener("toggle", () => figure.fill());
    figure.details = details;
    figure.body = body;
    return element("div", { class: "figure-tools" },
      button("SVG", "Save this figure as SVG", () => tembench.offer(`${figure.content.file}.svg`,
        standalone(figure.svg, figure.content.label, theme()), "image/svg+xml")),
      button("CSV", "Save the data of this figure as CSV", () => tembench.offer(`${figure.content.file}.csv`,
        tembench.csvText(figure.content.data.heads, figure.content.data.rows.map((row) => row.map(plainCell))),
        "text/csv")),
      details);
  }

  /* A figure in a <figure>. `show(content)` draws it: `file` (name of saved files), `label` (what a screen reader
     says), `note` (below it), `plot(colours, width)` (an SVG by Plot), `data` ({ heads, rows }). */
  function create(place) {
    const canvas = element("div", { class: "plot" });
    const note = element("figcaption");
    const figure = { content: null, svg: null };
    place.replaceChildren(canvas, note, tools(figure));
    let width = 0;

    function draw() {
      if (!figure.content || !place.isConnected) { return; }
      width = canvas.clientWidth || 640;
      figure.svg = figure.content.plot(theme(), width);
      // Plot names its groups for screen readers, which see one picture here.
      figure.svg.querySelectorAll("[aria-label]").forEach((part) => {
        part.dataset.mark = part.getAttribute("aria-label");
        part.removeAttribute("aria-label");
      });
      figure.svg.setAttribute("role", "img");
      figure.svg.setAttribute("aria-label", figure.content.label);
      canvas.replaceChildren(figure.svg);
    }
    figure.fill = () => {
      if (!figure.details.open || !figure.content) { return; }
      figure.body.setAttribute("aria-label", `Data: ${figure.content.label}`);
      figure.body.replaceChildren(dataTable(figure.content.data));
    };
    drawn.add(draw);
    const observer = new ResizeObserver(() => requestAnimationFrame(() => {
      if (Math.abs(canvas.clientWidth - width) > 1) { draw(); }
    }));
    observer.observe(canvas);
    return {
      show: (content) => { figure.content = content; note.textContent = content.note || ""; draw(); figure.fill(); },
      remove: () => { observer.disconnect(); drawn.delete(draw); place.remove(); },
    };
  }

  /* Opens the `link` of the point under the mouse. */
  function opening(svg) {
    svg.addEventListener("input", () => { svg.style.cursor = svg.value && svg.value.link ? "pointer" : ""; });
    svg.addEventListener("click", () => { if (svg.value && svg.value.link) { location.href = svg.value.link; } });
    return svg;
  }

  /* Places around a point, the nearest first: shifts of the middle of a label of such a size. */
  function places(width, height) {
    return [5, 11, 19, 29, 41].flatMap((distance) => d3.range(16).map((turn) => {
      const angle = turn * Math.PI / 8;
      return [Math.cos(angle) * (distance + width / 2), Math.sin(angle) * (distance + height / 2), distance + turn / 16];
    }));
  }

  const overlaps = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

  /* Free places for labels, none over a point or another label, and over a bar only where there is no other:
     [x, y, isFar] by point. The first of `order` come first; a label without a free place is left out. */
  function place(points, bars, texts, order, frame) {
    const taken = points.map(([x, y]) => [x - 5, y - 5, x + 5, y + 5]);
    const found = new Map();
    for (const at of order) {
      const [x, y] = points[at], width = widthOf(texts[at]) + 4, height = 13;
      const free = places(width, height)
        .map(([dx, dy, distance]) => ({
          x: x + dx, y: y + dy, distance,
          box: [x + dx - width / 2, y + dy - height / 2, x + dx + width / 2, y + dy + height / 2],
        }))
        .filter(({ box }) => box[0] >= frame[0] && box[1] >= frame[1] && box[2] <= frame[2] && box[3] <= frame[3]
          && !taken.some((other) => overlaps(box, other)));
      const chosen = free.find(({ box }) => !bars.some((bar) => overlaps(box, bar))) || free[0];
      if (chosen) {
        taken.push(chosen.box);
        found.set(at, [chosen.x, chosen.y, chosen.distance >= 19]);
      }
    }
    return found;
  }

  /* Mark of names beside points, with a line to those that are far off; those of the most crowded come first. */
  function labels(data, { x, y, text, ends, colours }) {
    return Plot.text(data, {
      x, y, text, channels: ends,
      render: (index, scales, values, size) => {
        const points = d3.range(values.x.length).map((at) => [values.x[at], values.y[at]]);
        const near = (at) => points.filter(([px, py]) => Math.hypot(px - points[at][0], py - points[at][1]) < 60).length;
        const bars = points.flatMap(([px, py], at) => [
          [values.xLow[at], py - 1, values.xHigh[at], py + 1], [px - 1, values.yHigh[at], px + 1, values.yLow[at]],
        ]);
        const frame = [size.marginLeft, size.marginTop, size.width - size.marginRight, size.height - size.marginBottom];
        const order = d3.sort([...index].slice(0, MOST_LABELS), (at) => -near(at));
        const group = d3.create("svg:g").attr("aria-label", "names").attr("font-size", 11);
        for (const [at, [left, top, isFar]] of place(points, bars, values.text, order, frame)) {
          const side = Math.sign(points[at][0] - left) * Math.min(widthOf(values.text[at]) / 2, Math.abs(points[at][0] - left));
          if (isFar) {
            group.append("line").attr("stroke", colours.soft).attr("stroke-opacity", 0.6)
              .attr("x1", points[at][0]).attr("y1", points[at][1]).attr("x2", left + side).attr("y2", top);
          }
          group.append("text").attr("x", left).attr("y", top).attr("dy", "0.35em").attr("fill", colours.ink)
            .attr("stroke", colours.card).attr("stroke-width", 3).attr("paint-order", "stroke").text(values.text[at]);
        }
        return group.node();
      },
    });
  }

  /* Options of an axis with its name in the middle, and of the text of all figures. */
  const axis = (label, more = {}) => ({ label, labelAnchor: "center", labelArrow: "none", grid: true, ...more });
  const bottom = (label, more = {}) => axis(label, { labelOffset: 36, ...more });
  const text = (colours) => ({ color: colours.ink, fontSize: "12px" });

  return { create, labels, opening, widthOf, axis, bottom, text };
}());
