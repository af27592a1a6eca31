"use strict";
/* Image viewer: two layers of one image with a slider between them, and the same image by all methods below. What
   is seen is in the address: image, layers a and b, split, zoom, marks, ratios, grey, line, find, order. */
document.addEventListener("DOMContentLoaded", () => {
  const { page, element, state } = tembench, controls = tembench.imageControls;
  const rows = page.rows, place = document.getElementById("viewer");
  const load = (row, image) => tembench.crops.load(page, row, image);
  const named = (name, otherwise) => rows.find((row) => row.name === name) || otherwise;
  const ranked = rows.filter((row) => row.kind !== "control" && row.shown[0]).sort((one, other) => one.rank - other.rank);
  const usual = { a: named("noisy", rows[0]), b: ranked[0] || rows[0] };
  const reference = named("clean", usual.b);

  const notice = element("p", { class: "notice", role: "status", hidden: true });
  const later = (act) => { let waiting = 0; return () => { clearTimeout(waiting); waiting = setTimeout(act, 200); }; };
  const keepZoom = later(() => state.set({ zoom: zoom.text() }));
  const zoom = tembench.imageZoom.create(document.documentElement, (view) => { drawScale(view); keepZoom(); });

  const chooser = controls.chooser(page.images, async (canvas, image) => {
    try {
      const crop = await load(reference, image);
      if (crop) { tembench.crops.draw(canvas, crop, image); }
    } catch (problem) { notice.hidden = false; notice.textContent = problem.message; }
  });
  const facts = element("p", { class: "soft facts-line" });
  const choices = { a: controls.layer("a", "Layer A, left", rows), b: controls.layer("b", "Layer B, right", rows) };
  const swap = controls.button("Swap", () => state.set({ a: shownNow.b.name, b: shownNow.a.name }));

  const panes = { a: tembench.imagePane.create(), b: tembench.imagePane.create() };
  const tags = { a: element("span", { class: "tag a" }), b: element("span", { class: "tag b" }) };
  const bar = element("span", { class: "bar" }), barText = element("span");
  const pane = element("div", {
    class: "pane main", tabindex: 0, role: "group",
    "aria-label": "Image: plus and minus magnify, arrow keys move, 0 shows the whole crop", onkeydown: zoom.onKey,
  }, panes.a.element, panes.b.element, element("div", { class: "split", "aria-hidden": true }), tags.a, tags.b,
  element("div", { class: "scale-bar", "aria-hidden": true }, bar, barText));
  panes.a.element.classList.add("left");
  panes.b.element.classList.add("right");
  const slider = element("input", {
    type: "range", name: "split", min: 0, max: 100, step: 0.5, "aria-label": "Border between layer A and layer B, percent",
    oninput: () => { setSplit(slider.value); keepSplit(); },
  });
  const keepSplit = later(() => state.set({ split: slider.value === "50" ? "" : slider.value }));
  const setSplit = (percent) => { pane.style.setProperty("--split", percent / 100); };
  const readout = element("output", { class: "soft readout" });

  const profile = tembench.lineProfile.create(pane, zoom, (line) => state.set({ line }));
  const hasLine = element("input", {
    type: "checkbox", name: "line", onchange: () => state.set({ line: hasLine.checked ? tembench.lineProfile.text(tembench.lineProfile.usual(shownNow.image)) : "" }),
  });
  const overlays = controls.overlays(), counts = controls.counts();
  const copy = controls.button("Copy link", async () => {
    try { await navigator.clipboard.writeText(location.href); copy.textContent = "Copied"; } catch (problem) { copy.textContent = "Copy it from the address bar"; }
    setTimeout(() => { copy.textContent = "Copy link"; }, 2000);
  });

  place.append(notice, chooser.element, element("div", { class: "viewer" },
    element("div", { class: "stack" },
      element("div", { class: "controls layers" }, choices.a.element, element("div", { class: "row" }, swap), choices.b.element), pane, slider, readout, controls.zoomButtons(zoom),
      element("label", { class: "check line-choice" }, hasLine, element("span", {}, element("b", {}, "Profile"), " along a line; drag its ends")), profile.element),
    element("div", { class: "side" }, facts, overlays.element, counts.element, copy)));
  const grid = tembench.imageGrid.create(document.getElementById("all-methods"), page, zoom, load);
  zoom.attach(pane, true);

  let shownNow = { image: page.images[0], ...usual, at: 0, clean: null };
  const key = (now) => `${now.image.image} ${now.a.name} ${now.b.name}`;
  let drawn = "", latest = 0;

  /* A length of 1, 2 or 5 times a power of ten, about a fifth of what is seen. */
  function drawScale(view) {
    const { image } = shownNow, seen = image.width * image.pixel / view.k;
    const power = 10 ** Math.floor(Math.log10(seen / 5));
    const length = power * [1, 2, 5].filter((one) => one * power <= seen / 3.5).pop();
    bar.style.width = `${length / seen * 100}%`;
    barText.textContent = `${Number(length.toPrecision(1))} Å`;
  }

  pane.addEventListener("pointermove", (event) => {
    const [right, down] = zoom.place(pane, event), { image } = shownNow;
    const [x, y] = [right * image.width - 0.5, down * image.height - 0.5];
    const layers = [["A", panes.a.crop()], ["B", panes.b.crop()], ["clean", shownNow.clean]];
    const values = layers.filter(([, crop]) => crop && !crop.isPanel).map(([name, crop]) => {
      const value = tembench.crops.electrons(crop, Math.round(x), Math.round(y));
      return Number.isNaN(value) ? null : `${name} ${tembench.text.figures(value, 3)}`;
    });
    readout.textContent = values.length && values[0] ? `x ${Math.round(x)}, y ${Math.round(y)} px: ${values.join(", ")} e/px` : "";
  });
  pane.addEventListener("pointerleave", () => { readout.textContent = ""; });

  async function drawLayers(now, shown) {
    const mine = ++latest;
    const crops = await Promise.all([now.a, now.b, reference].map((row) => load(row, now.image).catch((problem) => problem)));
    if (mine !== latest) { return; }
    drawn = key(now);
    [panes.a, panes.b].forEach((one, at) => {
      if (crops[at] instanceof Error) { one.fail(crops[at]); } else { one.show(crops[at], [now.a, now.b][at], now.image, shown); }
    });
    shownNow.clean = reference.name === "clean" && !(crops[2] instanceof Error) ? crops[2] : null;
  }

  function drawProfile(given) {
    const layers = [[shownNow.a, panes.a.crop()], [shownNow.b, panes.b.crop()]].map(([row, crop]) => ({ title: row.title, crop }));
    const isClean = [shownNow.a, shownNow.b].includes(reference);
    const line = tembench.lineProfile.read(given.line, shownNow.image);
    hasLine.checked = Boolean(line);
    profile.show(line, shownNow.image, shownNow.clean && !isClean ? [...layers, { title: reference.title, crop: shownNow.clean }] : layers);
  }

  state.onChange(async (given) => {
    const image = page.images.find((one) => String(one.image) === given.image) || page.images[0];
    const now = { image, a: named(given.a, usual.a), b: named(given.b, usual.b), at: page.images.indexOf(image), clean: shownNow.clean };
    const wrong = [
      ...(given.image && String(image.image) !== given.image ? [`image ${given.image} is not among those shown`] : []),
      ...["a", "b"].filter((name) => given[name] && now[name].name !== given[name]).map((name) => `no row ${given[name]}`),
    ];
    notice.hidden = !wrong.length;
    notice.textContent = wrong.length ? `${wrong.join("; ")}: the usual one is shown.` : "";
    shownNow = now;
    const kinds = new Set(state.names(given.marks).filter((kind) => controls.KINDS.includes(kind)));
    const shown = { kinds, ratios: given.ratios === "1", isOwn: given.grey === "own" };
    chooser.show(image);
    facts.replaceChildren(element("b", {}, `Image ${image.image}`), `: ${image.facts.map(([title, value]) => `${title} ${value}`).join(", ")}; ${
      tembench.text.figures(image.pixel, 3)} Å/px, ${tembench.text.figures(image.dose, 3)} e/px in vacuum. Grey: ${
      image.window.map((end) => tembench.text.figures(end, 2)).join(" to ")} e/px; of counts: 0 to ${tembench.text.figures(image.countsWindow[1], 2)}.`);
    for (const name of ["a", "b"]) {
      choices[name].show(now[name], now.at);
      tags[name].textContent = now[name].title;
    }
    overlays.show(shown, image);
    const split = Number(given.split);
    const percent = given.split && split >= 0 && split <= 100 ? split : 50;
    if (Number(slider.value) !== percent) { slider.value = percent; }
    setSplit(percent);
    if ((given.zoom || "") !== zoom.text()) { zoom.read(given.zoom); }
    drawScale(zoom.view());
    grid.show(given, image, now.at, shown);
    if (drawn === key(now)) { [panes.a, panes.b].forEach((one) => one.mark(image, shown)); } else { await drawLayers(now, shown); }
    counts.show([{ row: shownNow.a, crop: panes.a.crop() }, { row: shownNow.b, crop: panes.b.crop() }]);
    drawProfile(state.read());
  });
});
