"use strict";
/* Images of a method: the best and the worst as lists, and any two measures of them as a figure. */
window.tembench = window.tembench || {};
tembench.methodImages = (function () {
  const { element, text } = tembench;
  const LISTED = 10;

  /* Places of the images from the best; equal ones in the order of their numbers, unknown ones nowhere. */
  function order(scores, direction) {
    const sign = direction === "higher" ? -1 : 1;
    return d3.range(scores.length).filter((image) => !Number.isNaN(scores[image]))
      .sort((a, b) => sign * (scores[a] === scores[b] ? 0 : scores[a] - scores[b]) || a - b);
  }

  function factorText(value) {
    return typeof value === "number" ? text.figures(value, 4).replace("-", "−") : value || text.UNKNOWN;
  }

  function list(caption, images, { page, sample, metric, scores, base }) {
    const { decimals } = page.metrics[metric];
    const factors = Object.keys(sample.factors);
    const name = (image) => {
      const number = sample.images[image];
      return page.shown.includes(number)
        ? element("a", { href: `../images.html#image=${number}&a=noisy&b=${page.name}` }, String(number)) : String(number);
    };
    const align = (values) => (tembench.factorBins.isNumber(values) ? "number" : null);
    const heads = [["Image", [""]], [page.metrics[metric].title, []], ...(base ? [[page.reference.name, []]] : []),
      ...factors.map((factor) => [sample.titles[factor], sample.factors[factor]])];
    return element("div", { class: "scroll wide", tabindex: 0, role: "region", "aria-label": caption },
      element("table", { class: "plain" },
        element("caption", {}, caption),
        element("thead", {}, element("tr", {}, ...heads.map(([head, values]) => element("th", { scope: "col", class: align(values) }, head)))),
        element("tbody", {}, ...images.map((image) => element("tr", {},
          element("th", { scope: "row" }, name(image)),
          element("td", { class: "number" }, text.decimal(scores[image], decimals)),
          ...(base ? [element("td", { class: "number" }, text.decimal(base[image], decimals))] : []),
          ...factors.map((factor) => element("td", { class: align(sample.factors[factor]) }, factorText(sample.factors[factor][image]))))))));
  }

  function showLists(place, content) {
    const { page, metric, scores } = content;
    const { title, direction } = page.metrics[metric];
    const known = order(scores, direction);
    const few = known.slice(0, LISTED), last = known.slice(-LISTED).reverse();
    place.replaceChildren(
      list(`The ${few.length} best images by ${title}`, few, content),
      list(`The ${last.length} worst images by ${title}, the worst first`, last, content));
  }

  /* Values of a metric or a factor, image by image, with its title. */
  function measure(name, { page, sample, all }) {
    if (all.has(name)) {
      const { title, unit } = page.metrics[name];
      return { title: unit ? `${title}, ${unit}` : title, values: [...all.get(name)] };
    }
    return { title: sample.titles[name], values: sample.factors[name].map((value) => (value == null ? NaN : value)), isLog: tembench.factorBins.isLog(name) };
  }

  function axis(make, { title, values, isLog }) {
    return isLog
      ? make(`${title}, log scale`, { type: "log", tickFormat: "~g", ticks: 5 })
      : make(title, { domain: tembench.factorBins.domain(values), ticks: 8 });
  }

  /* Content of the figure of two measures; both are numbers. */
  function scatter(names, content) {
    const { page, sample } = content;
    const [x, y] = names.map((name) => measure(name, content));
    const points = d3.range(sample.images.length)
      .map((image) => ({ image: sample.images[image], x: x.values[image], y: y.values[image] }))
      .filter((point) => Number.isFinite(point.x) && Number.isFinite(point.y));
    const rho = tembench.statistics.spearman(points.map((point) => point.x), points.map((point) => point.y));
    const lacking = sample.images.length - points.length;
    const tip = (point) => `image ${point.image}\n${x.title}: ${text.figures(point.x, 4)}\n${y.title}: ${text.figures(point.y, 4)}`;
    return {
      file: `${page.track}-${page.name}-${names.join("-")}`,
      label: `${x.title} across and ${y.title} up, of ${points.length} images denoised by ${page.title}.`,
      note: [
        Number.isNaN(rho) ? "" : `Spearman's correlation over ${points.length} images: ${text.decimal(rho, 2)}.`,
        lacking ? `${lacking} images without a finite value of both are left out.` : "",
        x.isLog ? "" : tembench.factorBins.beyond(x.values, tembench.factorBins.domain(x.values)),
        y.isLog ? "" : tembench.factorBins.beyond(y.values, tembench.factorBins.domain(y.values)),
      ].filter(Boolean).join(" "),
      plot: (colours, width) => Plot.plot({
        width, height: Math.max(320, Math.min(460, 0.5 * width)), marginLeft: 58, marginBottom: 44, marginRight: 14, marginTop: 14,
        style: tembench.figures.text(colours),
        x: axis(tembench.figures.bottom, x), y: axis(tembench.figures.axis, y),
        marks: [
          Plot.dot(points, { x: "x", y: "y", r: 2.6, fill: colours[page.kind], fillOpacity: 0.45, clip: true }),
          Plot.tip(points, Plot.pointer({ x: "x", y: "y", title: tip, maxRadius: 14, fill: colours.card, stroke: colours.soft, fontSize: 12 })),
        ],
      }),
      data: { heads: ["image", ...names], rows: points.map((point) => [point.image, point.x, point.y]) },
    };
  }

  return { order, showLists, scatter };
}());
