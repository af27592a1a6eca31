"use strict";
/* Profile along a line across the crops: two handles in the pane, numbers beside it, and the electrons per pixel. */
window.tembench = window.tembench || {};
tembench.lineProfile = (function () {
  const { element } = tembench;
  const ENDS = [["x1", "y1"], ["x2", "y2"]];
  const DASHES = ["none", "7 4", "2 3"];
  const svg = (name, attributes) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) { made.setAttribute(key, value); }
    return made;
  };

  /* A line across the middle, averaged over the width of a column. */
  const usual = (image) => ({
    x1: Math.round(0.15 * image.width), y1: Math.round(0.5 * image.height),
    x2: Math.round(0.85 * image.width), y2: Math.round(0.5 * image.height),
    width: Math.max(1, Math.round(image.reach)),
  });
  const text = (line) => [line.x1, line.y1, line.x2, line.y2, line.width].map((one) => Number(one.toFixed(1))).join(",");

  function read(given, image) {
    const [x1, y1, x2, y2, width] = (given || "").split(",").map(Number);
    const inside = (value, side) => value >= 0 && value <= side - 1;
    const isLine = inside(x1, image.width) && inside(x2, image.width) && inside(y1, image.height)
      && inside(y2, image.height) && Math.hypot(x2 - x1, y2 - y1) >= 1 && width >= 1 && width <= 64;
    return isLine ? { x1, y1, x2, y2, width } : null;
  }

  /* Distance along the line in pixels and the mean across it, where all of it is inside. */
  function sample(crop, line) {
    const length = Math.hypot(line.x2 - line.x1, line.y2 - line.y1), steps = Math.ceil(length) * 2;
    const along = [(line.x2 - line.x1) / length, (line.y2 - line.y1) / length];
    const across = d3.range(Math.round(line.width)).map((at) => at - (Math.round(line.width) - 1) / 2);
    return d3.range(steps + 1).map((step) => {
      const far = step / steps * length;
      const values = across.map((off) => tembench.crops.electrons(
        crop, line.x1 + along[0] * far - along[1] * off, line.y1 + along[1] * far + along[0] * off));
      return { far, value: d3.mean(values.filter((value) => !Number.isNaN(value))) };
    });
  }

  function create(pane, zoom, set) {
    let line = null, image = null;
    const overlay = svg("svg", { class: "overlay line", "aria-hidden": "true" });
    const halo = svg("line", { class: "halo" }), drawn = svg("line", { class: "profile-line" });
    const handles = ENDS.map((_, at) => svg("circle", { class: "handle", "data-handle": at }));
    overlay.append(halo, drawn, ...handles);
    const stage = element("div", { class: "stage above" }, overlay);
    pane.append(stage);

    const clampTo = (value, side) => Math.round(Math.max(0, Math.min(side - 1, value)) * 10) / 10;
    handles.forEach((handle, at) => {
      const [x, y] = ENDS[at];
      handle.addEventListener("pointerdown", (event) => {
        handle.setPointerCapture(event.pointerId);
        event.preventDefault();
        const move = (moved) => {
          const [right, down] = zoom.place(pane, moved);
          line = { ...line, [x]: clampTo(right * image.width - 0.5, image.width), [y]: clampTo(down * image.height - 0.5, image.height) };
          if (line.x1 !== line.x2 || line.y1 !== line.y2) { set(text(line)); }
        };
        handle.addEventListener("pointermove", move);
        handle.addEventListener("lostpointercapture", () => handle.removeEventListener("pointermove", move), { once: true });
      });
    });

    const numbers = element("div", { class: "controls numbers" });
    const inputs = Object.fromEntries([["x1", "From x, px"], ["y1", "y, px"], ["x2", "To x, px"], ["y2", "y, px"], ["width", "Width, px"]]
      .map(([name, label]) => {
        const input = element("input", { type: "number", name: `line-${name}`, step: name === "width" ? 1 : "any" });
        input.addEventListener("change", () => {
          const changed = { ...line, [name]: Number(input.value) };
          if (read(text(changed), image)) { set(text(changed)); } else { input.value = line[name]; }
        });
        numbers.append(element("label", {}, element("span", {}, label), input));
        return [name, input];
      }));
    const place = element("figure");
    const body = element("div", { class: "profile", hidden: true }, numbers, place);
    const figure = tembench.figures.create(place);

    function fill() {
      overlay.setAttribute("viewBox", `-0.5 -0.5 ${image.width} ${image.height}`);
      for (const one of [halo, drawn]) { for (const end of ENDS.flat()) { one.setAttribute(end, line[end]); } }
      drawn.style.setProperty("--width", line.width);
      handles.forEach((handle, at) => {
        handle.setAttribute("cx", line[ENDS[at][0]]);
        handle.setAttribute("cy", line[ENDS[at][1]]);
      });
      for (const [name, input] of Object.entries(inputs)) {
        input.value = line[name];
        input.min = name === "width" ? 1 : 0;
        input.max = name === "width" ? 64 : image[name.startsWith("x") ? "width" : "height"] - 1;
      }
    }

    /* `layers` is [{ title, crop }]; those without electrons are left out and said. */
    function show(given, chosen, layers) {
      image = chosen;
      line = given;
      stage.hidden = body.hidden = !line;
      if (!line) { return; }
      fill();
      const known = layers.filter(({ crop }) => crop && !crop.isPanel);
      const lines = known.map(({ title, crop }) => ({ title, points: sample(crop, line) }));
      const unknown = layers.filter((layer) => !known.includes(layer)).map(({ title }) => title);
      const nanometre = image.pixel;
      figure.show({
        file: `profile-${image.image}`,
        label: `Electrons per pixel along a line in image ${image.image}: ${lines.map(({ title }) => title).join(", ")}`,
        note: `${lines.map(({ title }, at) => `${["Solid", "dashed", "dotted"][at]}: ${title}`).join("; ")}. Mean over ${line.width} px across the line; the fine line is vacuum.${
          unknown.length ? ` Not known of ${unknown.join(" and ")}, whose image is of its panel.` : ""}`,
        plot: (colours, width) => Plot.plot({
          width, height: Math.max(200, Math.min(300, width * 0.4)), marginLeft: 52, marginBottom: 42, style: tembench.figures.text(colours),
          x: tembench.figures.bottom("Distance, Å", { grid: false }), y: tembench.figures.axis("e/px"),
          marks: [
            Plot.ruleY([image.dose], { stroke: colours.soft, strokeWidth: 0.75 }),
            ...lines.map(({ points }, at) => Plot.lineY(points, {
              x: (one) => one.far * nanometre, y: "value", stroke: [colours.learned, colours.classical, colours.ink][at],
              strokeWidth: 1.6, strokeDasharray: DASHES[at],
            })),
          ],
        }),
        data: {
          heads: ["distance_A", ...lines.map(({ title }) => `${title}, e/px`)],
          rows: (lines.length ? lines[0].points : []).map(({ far }, at) => [far * nanometre, ...lines.map(({ points }) => points[at].value)]),
        },
      });
    }
    return { element: body, show };
  }
  return { create, usual, read, text };
}());
