"use strict";
/* Zoom and pan that all panes of a page share: by wheel, drag and pinch (d3-zoom), keys and buttons. The panes read it
   from three CSS variables: --k, the magnification, and --x, --y, the shift in parts of a pane. */
window.tembench = window.tembench || {};
tembench.imageZoom = (function () {
  const LARGEST = 16, STEP = 1.5, PAN = 0.12;
  const clamp = (value, low, high) => Math.max(low, Math.min(high, value));

  function create(root, onChange) {
    let view = { k: 1, x: 0, y: 0 };

    function apply(next, silent = false) {
      const k = clamp(next.k, 1, LARGEST);
      view = { k, x: clamp(next.x, 1 - k, 0), y: clamp(next.y, 1 - k, 0) };
      for (const [name, value] of Object.entries(view)) { root.style.setProperty(`--${name}`, value); }
      root.classList.toggle("zoomed", k > 1);
      if (!silent) { onChange(view); }
    }

    /* Magnify about a point, in parts of a pane. */
    function by(factor, at = [0.5, 0.5]) {
      const k = clamp(view.k * factor, 1, LARGEST), ratio = k / view.k;
      apply({ k, x: at[0] - (at[0] - view.x) * ratio, y: at[1] - (at[1] - view.y) * ratio });
    }

    const pan = (right, down) => apply({ k: view.k, x: view.x - right * PAN, y: view.y - down * PAN });
    const whole = () => apply({ k: 1, x: 0, y: 0 });
    const sizeOf = (pane) => [pane.clientWidth, pane.clientHeight];

    /* Let a pane zoom. In the main pane a wheel alone does; over others, which fill the page, it scrolls the page
       unless Ctrl is held, as it is for the pinch of a touchpad. One finger pans only what is magnified. */
    function attach(pane, isMain) {
      const zoom = d3.zoom().scaleExtent([1, LARGEST]).clickDistance(4)
        .extent(() => [[0, 0], sizeOf(pane)])
        .constrain((transform, extent) => {
          const [width, height] = extent[1];
          return d3.zoomIdentity.translate(
            clamp(transform.x, width * (1 - transform.k), 0), clamp(transform.y, height * (1 - transform.k), 0),
          ).scale(transform.k);
        })
        .filter((event) => {
          if (event.target.closest("[data-handle]") || event.button) { return false; }
          // Another pane may have moved meanwhile.
          const [width, height] = sizeOf(pane);
          pane.__zoom = d3.zoomIdentity.translate(view.x * width, view.y * height).scale(view.k);
          if (event.type === "wheel") { return isMain || event.ctrlKey; }
          if (event.type === "dblclick") { return false; }
          return event.touches && event.touches.length > 1 ? true : view.k > 1;
        })
        .on("zoom", ({ transform }) => {
          const [width, height] = sizeOf(pane);
          apply({ k: transform.k, x: transform.x / width, y: transform.y / height });
        });
      d3.select(pane).call(zoom);
    }

    const KEYS = {
      "+": () => by(STEP), "=": () => by(STEP), "-": () => by(1 / STEP), 0: whole,
      ArrowLeft: () => pan(-1, 0), ArrowRight: () => pan(1, 0), ArrowUp: () => pan(0, -1), ArrowDown: () => pan(0, 1),
    };
    function onKey(event) {
      const act = event.ctrlKey || event.metaKey || event.altKey ? null : KEYS[event.key];
      if (act) { act(); event.preventDefault(); }
    }

    /* The view as text of the address: magnification, and the middle of what is seen, in parts of the crop. */
    const text = () => (view.k === 1 ? "" : [view.k, (0.5 - view.x) / view.k, (0.5 - view.y) / view.k]
      .map((value) => Number(value.toFixed(3))).join(","));
    function read(given) {
      const [k, x, y] = (given || "").split(",").map(Number);
      if (!(k >= 1) || !Number.isFinite(x) || !Number.isFinite(y)) { apply({ k: 1, x: 0, y: 0 }, true); return; }
      apply({ k, x: 0.5 - x * k, y: 0.5 - y * k }, true);
    }

    /* Position in a pane, in parts of the crop, of a point of the screen. */
    function place(pane, event) {
      const box = pane.getBoundingClientRect();
      return [((event.clientX - box.left) / box.width - view.x) / view.k,
        ((event.clientY - box.top) / box.height - view.y) / view.k];
    }

    apply(view, true);
    return { attach, by, pan, whole, onKey, text, read, place, view: () => view, STEP };
  }
  return { create };
}());
