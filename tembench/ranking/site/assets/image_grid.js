"use strict";
/* Grid of one image by all methods: small panes that are magnified together, each loaded when it comes into view. */
window.tembench = window.tembench || {};
tembench.imageGrid = (function () {
  const { element, state } = tembench;
  const FEW = 60;
  const ORDERS = { rank: "rank", psnr: "PSNR of this image", name: "name" };

  function create(place, page, zoom, load) {
    const count = element("p", { class: "soft", role: "status", "aria-live": "polite" });
    const find = element("input", { type: "search", name: "find", oninput: () => state.set({ find: find.value }) });
    const order = element("select", { name: "order", onchange: () => state.set({ order: order.value === "rank" ? "" : order.value }) },
      ...Object.entries(ORDERS).map(([value, title]) => element("option", { value }, title)));
    const grid = element("div", { class: "grid" });
    place.append(element("form", { class: "controls", onsubmit: (event) => event.preventDefault() },
      element("label", {}, element("span", {}, "Method"), find), element("label", {}, element("span", {}, "Order"), order)), count, grid);

    let current = null;
    const cards = page.rows.map((row) => {
      const pane = tembench.imagePane.create();
      const frame = element("div", { class: "pane" }, pane.element);
      const score = element("span", { class: "score" });
      const put = (layer) => element("button", { type: "button", "aria-label": `${row.title} as layer ${layer.toUpperCase()}`, onclick: () => state.set({ [layer]: row.name }) }, layer.toUpperCase());
      const card = element("figure", { class: row.kind }, frame, element("figcaption", {},
        element("span", { class: "name" }, element("span", { class: "dot", "aria-hidden": true }), element("a", { href: `methods/${row.name}.html` }, row.title)),
        element("span", { class: "row" }, score, put("a"), put("b"))));
      zoom.attach(frame, false);
      return { row, pane, card, score, isNear: false, image: null };
    });

    async function fill(one) {
      const { image, shown } = current;
      if (one.image === image.image) { one.pane.mark(image, shown); return; }
      one.image = image.image;
      try {
        const crop = await load(one.row, image);
        if (one.image === image.image) { one.pane.show(crop, one.row, image, current.shown); }
      } catch (problem) { one.pane.fail(problem); }
    }

    const byCard = new Map(cards.map((one) => [one.card, one]));
    const observer = new IntersectionObserver((entries) => entries.forEach(({ target, isIntersecting }) => {
      const one = byCard.get(target);
      one.isNear = isIntersecting;
      if (isIntersecting && current) { fill(one); }
    }), { rootMargin: "400px" });
    cards.forEach(({ card }) => observer.observe(card));

    const keys = {
      rank: ({ row }) => [row.rank ? 0 : 1, row.rank || 0],
      psnr: ({ row }) => [row.kind === "control" ? 1 : 0, -(tembench.text.number(row.psnr[current.at]) ?? -Infinity)],
      name: ({ row }) => [0, row.title.toLowerCase()],
    };

    function show(given, image, at, shown) {
      current = { image, at, shown };
      const wanted = (given.find || "").trim().toLowerCase();
      if (find.value.trim().toLowerCase() !== wanted) { find.value = given.find || ""; }
      const by = ORDERS[given.order] ? given.order : "rank";
      order.value = by;
      const found = cards.filter(({ row }) => `${row.title} ${row.name}`.toLowerCase().includes(wanted));
      const key = keys[by];
      found.sort((one, other) => {
        const [a, b] = [key(one), key(other)];
        return d3.ascending(a[0], b[0]) || d3.ascending(a[1], b[1]);
      });
      for (const { row, score } of found) { score.textContent = tembench.imageControls.decibels(row.psnr[at]); }
      const shownCards = found.map(({ card }) => card);
      if (shownCards.length !== grid.children.length || shownCards.some((card, number) => grid.children[number] !== card)) {
        grid.replaceChildren(...shownCards);
      }
      count.textContent = `${found.length} of ${cards.length} methods, image ${image.image}`;
      found.filter((one) => one.isNear).forEach(fill);
    }

    /* A few methods are loaded while there is time, so that a printed page has all pictures. */
    const fillAll = () => { if (current) { cards.filter(({ card }) => card.isConnected).forEach(fill); } };
    if (cards.length <= FEW) { setTimeout(fillAll, 600); }
    window.addEventListener("beforeprint", fillAll);
    return { show };
  }
  return { create };
}());
