"use strict";
/* Page of a method: loads the scores of every image, and draws curves, lists and figures for each state. */
document.addEventListener("DOMContentLoaded", () => {
  const { element, page } = tembench;
  const [curves, lists, scatter] = ["#over-images", "#best-and-worst", "#image-scatter"].map((one) => document.querySelector(one));
  const status = curves.querySelector("[role=status]");
  const figures = new Map();
  let scatterFigure = null, drawn = {};

  function option(value, title) { return element("option", { value }, title); }

  function select(form, name, label, groups) {
    const list = element("select", { name }, ...groups.map(([heading, options]) => element("optgroup", { label: heading }, ...options)));
    list.addEventListener("change", () => tembench.state.set({ [name]: list.value }));
    form.append(element("label", {}, element("span", {}, label), list));
    form.addEventListener("submit", (event) => event.preventDefault());
    return list;
  }

  async function load() {
    const sample = await tembench.statistics.sample(page.track);
    const all = await tembench.statistics.scores(page.track, page.name);
    const base = page.reference ? await tembench.statistics.scores(page.track, page.reference.name) : new Map();
    return { sample, all, base };
  }

  function drawCurves(content, metric, scores, base) {
    for (const factor of Object.keys(content.sample.factors)) {
      if (!figures.has(factor)) {
        const place = element("figure");
        curves.querySelector(".figures").append(place);
        figures.set(factor, { place, figure: tembench.figures.create(place) });
      }
      const { place, figure } = figures.get(factor);
      const shown = tembench.methodCurves.content(page, content.sample, factor, metric, scores, base);
      place.hidden = !shown;
      if (shown) { figure.show(shown); }
    }
  }

  /* Draws what the state changes. */
  function show(content, fields, state) {
    const known = (name, other) => (fields.metrics.includes(name) || fields.numbers.includes(name) ? name : other);
    const metric = fields.metrics.includes(state.metric) ? state.metric : fields.first;
    const axes = [known(state.x, fields.firstAxis), known(state.y, metric)];
    fields.metric.value = metric;
    [fields.x.value, fields.y.value] = axes;
    if (metric !== drawn.metric) {
      const scores = content.all.get(metric), base = content.base.get(metric);
      drawCurves(content, metric, scores, base);
      tembench.methodImages.showLists(lists.querySelector(".body"), { page, sample: content.sample, metric, scores, base });
    }
    if (axes.join() !== (drawn.axes || []).join()) {
      scatterFigure.show(tembench.methodImages.scatter(axes, { page, sample: content.sample, all: content.all }));
    }
    drawn = { metric, axes };
  }

  function prepare(content) {
    const metrics = [...content.all.keys()].filter((name) => content.all.get(name).some(Number.isFinite));
    const numbers = Object.keys(content.sample.factors).filter((factor) => tembench.factorBins.isNumber(content.sample.factors[factor]));
    const ofMetrics = () => ["Metrics", metrics.map((name) => option(name, page.metrics[name].title))];
    const both = () => [...(numbers.length ? [["Factors", numbers.map((factor) => option(factor, content.sample.titles[factor]))]] : []), ofMetrics()];
    const first = metrics.includes(page.rankedBy) ? page.rankedBy : metrics[0];
    const form = scatter.querySelector("form");
    scatterFigure = tembench.figures.create(scatter.querySelector("figure"));
    return {
      metrics,
      numbers,
      first,
      firstAxis: numbers[0] || metrics.find((name) => name !== first) || first,
      metric: select(curves.querySelector("form"), "metric", "Metric", [ofMetrics()]),
      x: select(form, "x", "Across", both()),
      y: select(form, "y", "Up", both()),
    };
  }

  async function start() {
    curves.hidden = false;
    status.textContent = "Loading the scores of every image …";
    try {
      const content = await load();
      lists.hidden = scatter.hidden = false;
      const fields = prepare(content);
      tembench.state.onChange((state) => show(content, fields, state));
      status.textContent = `Small marks: images. Large ones: means with 95 % intervals over specimens${page.reference ? `; × and dashed: ${page.reference.title}` : ""}.`;
    } catch (problem) {
      status.textContent = `The scores of the images cannot be shown: ${problem.message}.`;
    }
  }

  start();
});
