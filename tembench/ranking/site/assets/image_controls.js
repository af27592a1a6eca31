"use strict";
/* Controls of the image viewer: images to choose, two layers, the slider between them, zoom, and overlays. Each
   writes the address; `show` makes them agree with it. */
window.tembench = window.tembench || {};
tembench.imageControls = (function () {
  const { element, text, state } = tembench;
  const KINDS = Object.keys(tembench.columnOverlay.KINDS);
  const button = (label, onclick, more = {}) => element("button", { type: "button", onclick, ...more }, label);

  const decibels = (value) => (value == null ? text.UNKNOWN : `${text.decimal(value, 2)} dB`);

  /* Radio buttons with a small picture of each image. */
  function chooser(images, drawSmall) {
    const inputs = images.map((image) => element("input", {
      type: "radio", name: "image", value: image.image, onchange: () => state.set({ image: image.image, zoom: "", line: "" }),
    }));
    const box = element("fieldset", { class: "images" }, element("legend", {}, "Image"), ...images.map((image, at) => {
      const canvas = element("canvas", { "aria-hidden": true });
      drawSmall(canvas, image);
      return element("label", {}, inputs[at], canvas, element("span", {}, String(image.image)), element("small", {}, image.words.join(", ")));
    }));
    return { element: box, show: (image) => inputs.forEach((input) => { input.checked = Number(input.value) === image.image; }) };
  }

  /* The choice of a layer: controls first, then methods in the order of their ranks. */
  function layer(name, label, rows) {
    const options = rows.map((row) => element("option", { value: row.name }, row.title));
    const group = (title, isInside) => element("optgroup", { label: title }, ...options.filter((_, at) => isInside(rows[at])));
    const input = element("select", { name, onchange: () => state.set({ [name]: input.value }) },
      group("Controls", (row) => row.kind === "control"), group("Methods, by rank", (row) => row.kind !== "control"));
    const score = element("output", { class: "soft" });
    return {
      element: element("label", { class: "layer-choice" }, element("span", {}, label), input, score),
      show: (chosen, at) => {
        rows.forEach((row, number) => {
          const has = row.shown[at] || at === 0;
          options[number].textContent = `${row.rank ? `${row.rank}. ` : ""}${row.title}${row.shown[at] ? "" : has ? " (panel)" : " (not shown)"}`;
        });
        input.value = chosen.name;
        score.textContent = `PSNR ${decibels(chosen.psnr[at])}`;
      },
    };
  }

  function overlays() {
    const boxes = KINDS.map((kind) => {
      const input = element("input", { type: "checkbox", name: "marks", value: kind, onchange: () => tell() });
      return { kind, input, label: element("label", { class: "check" }, input, tembench.columnOverlay.symbol(kind), element("span", {}, element("b", {}, kind), ` ${tembench.columnOverlay.KINDS[kind]}`)) };
    });
    const tell = () => state.set({ marks: boxes.filter(({ input }) => input.checked).map(({ kind }) => kind).join(",") });
    const ratios = element("input", { type: "checkbox", name: "ratios", onchange: () => state.set({ ratios: ratios.checked ? 1 : "" }) });
    const scale = element("p", { class: "ratio-legend" });
    const all = button("All", () => state.set({ marks: KINDS.join(",") }));
    const none = button("None", () => state.set({ marks: "" }));
    const box = element("fieldset", { class: "overlays" }, element("legend", {}, "Columns"),
      ...boxes.map(({ label }) => label), element("div", { class: "row" }, all, none),
      element("label", { class: "check" }, ratios, element("span", {}, element("b", {}, "likelihood map"), " what the counts say of each column")), scale);
    const grey = element("input", { type: "checkbox", name: "grey", onchange: () => state.set({ grey: grey.checked ? "own" : "" }) });
    return {
      element: element("div", {}, box, element("label", { class: "check" }, grey,
        element("span", {}, element("b", {}, "Own grey scale"), " of each layer, instead of the clean image's"))),
      show: (shown, image) => {
        grey.checked = shown.isOwn;
        boxes.forEach(({ kind, input }) => { input.checked = shown.kinds.has(kind); });
        ratios.checked = shown.ratios;
        scale.hidden = !shown.ratios;
        scale.replaceChildren(tembench.columnOverlay.scale(image.ratios),
          " Red: the counts are likelier as the denoised image has it than as vacuum; blue: less likely. Ringed: significant, above what one in a hundred places without a column exceeds.");
      },
    };
  }

  /* Numbers of columns of the two layers. */
  function counts() {
    const body = element("tbody");
    const heads = [element("th", { scope: "col" }, "Kind"), element("th", { scope: "col" }), element("th", { scope: "col" })];
    const place = element("table", { class: "plain counts" }, element("caption", {}, "Columns in this crop"),
      element("thead", {}, element("tr", {}, ...heads)), body);
    return {
      element: place,
      show: (layers) => {
        place.hidden = layers.every(({ crop }) => !crop || !crop.columns.length);
        layers.forEach(({ row }, at) => { heads[at + 1].textContent = row.title; });
        const line = (label, count) => element("tr", {}, element("th", { scope: "row" }, label),
          ...layers.map(({ crop }) => element("td", { class: "number" }, crop && !crop.isPanel ? count(crop.columns) : text.UNKNOWN)));
        const tested = (columns, isTrue) => columns.filter(({ kind }) => (isTrue ? kind === "matched" || kind === "missed" : kind === "invented"));
        const called = (isTrue) => (columns) => {
          const those = tested(columns, isTrue);
          return `${those.filter((one) => one.called).length} of ${those.length}`;
        };
        body.replaceChildren(
          ...KINDS.map((kind) => line(kind, (columns) => columns.filter((one) => one.kind === kind).length)),
          line("true, and significant", called(true)), line("invented, and significant", called(false)));
      },
    };
  }

  function zoomButtons(zoom) {
    return element("div", { class: "row zoom-buttons", role: "group", "aria-label": "Zoom of all images" },
      button("+", () => zoom.by(zoom.STEP), { "aria-label": "Magnify" }),
      button("−", () => zoom.by(1 / zoom.STEP), { "aria-label": "Reduce" }),
      button("Whole", zoom.whole),
      ...[["←", -1, 0, "left"], ["→", 1, 0, "right"], ["↑", 0, -1, "up"], ["↓", 0, 1, "down"]]
        .map(([arrow, right, down, name]) => button(arrow, () => zoom.pan(right, down), { "aria-label": `Move ${name}` })));
  }

  return { chooser, layer, overlays, counts, zoomButtons, button, decibels, KINDS };
}());
