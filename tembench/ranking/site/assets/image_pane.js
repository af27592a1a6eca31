"use strict";
/* Pane with a crop and the overlay of its columns, magnified as all panes are. */
window.tembench = window.tembench || {};
tembench.imagePane = (function () {
  const { element } = tembench;

  /* `element` is the layer to put somewhere; `show` draws a crop in it, or says why there is none. */
  function create() {
    const canvas = element("canvas");
    const overlay = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    overlay.setAttribute("class", "overlay");
    overlay.setAttribute("aria-hidden", "true");
    const stage = element("div", { class: "stage" }, canvas, overlay);
    const note = element("p", { class: "pane-note", hidden: true });
    const layer = element("div", { class: "layer" }, stage, note);
    let crop = null, isOwn = false;

    function show(found, row, image, shown) {
      crop = found;
      stage.hidden = !crop;
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", `Image ${image.image}, ${row.title}`);
      note.hidden = Boolean(crop) && !crop.isPanel;
      note.textContent = crop ? "From its panel: grey alone" : "Not among its images";
      if (!crop) { overlay.replaceChildren(); return; }
      tembench.crops.draw(canvas, crop, image, shown.isOwn);
      isOwn = shown.isOwn;
      tembench.columnOverlay.draw(overlay, crop.columns, image, shown);
    }

    function fail(problem) {
      crop = null;
      stage.hidden = true;
      note.hidden = false;
      note.textContent = problem.message;
    }

    /* The same crop with other marks or another grey scale. */
    function mark(image, shown) {
      if (!crop) { return; }
      if (shown.isOwn !== isOwn) { tembench.crops.draw(canvas, crop, image, shown.isOwn); }
      isOwn = shown.isOwn;
      tembench.columnOverlay.draw(overlay, crop.columns, image, shown);
    }
    return { element: layer, show, fail, mark, crop: () => crop };
  }
  return { create };
}());
