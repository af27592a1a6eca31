"use strict";
/* Columns of a table: metrics, differences, worst cases, costs and words, each with its definition. */
window.tembench = window.tembench || {};
tembench.columns = (function () {
  const { text } = tembench;
  const definition = (id) => `${tembench.root}metrics.html#${id}`;

  function ofMetric(table, name) {
    const metric = table.metrics[name];
    return {
      id: name,
      title: metric.unit ? `${metric.title}, ${metric.unit}` : metric.title,
      group: metric.group,
      summary: `${metric.summary} ${metric.direction === "higher" ? "Higher" : "Lower"} is better.`,
      definition: definition(name),
      direction: metric.direction,
      decimals: metric.decimals,
      interval: (row) => row.values[name] || null,
      value: (row) => (row.values[name] ? text.number(row.values[name][0]) : null),
      text: (row) => text.decimal((row.values[name] || [null])[0], metric.decimals),
    };
  }

  function ofInterval(id, title, summary, main, interval, group) {
    return {
      id, title, summary, group,
      definition: definition(id),
      direction: main.direction,
      decimals: main.decimals,
      signed: id.startsWith("difference"),
      interval,
      value: (row) => (interval(row) ? text.number(interval(row)[0]) : null),
      text: (row) => text.decimal((interval(row) || [null])[0], main.decimals),
    };
  }

  function worst(table) {
    const main = table.metrics[table.rankedBy];
    const audit = { direction: "lower", decimals: 2 };
    const unit = main.unit ? `, ${main.unit}` : "";
    const found = [];
    if (table.drawn) {
      found.push(ofInterval("tenth", `Worst tenth${unit}`,
        `Mean ${main.title} over the worst tenth of the row's own images.`,
        main, (row) => row.tenth, "Worst cases"));
      found.push(ofInterval("group", `Worst group${unit}`,
        `Lowest mean ${main.title} of a group of images by material, dose, defocus and orientation.`,
        main, (row) => row.worstGroup && row.worstGroup.value, "Worst cases"));
      found.push(inWords("group-name", "Which group", "What the images of the worst group have in common.",
        (row) => row.worstGroup && row.worstGroup.name, "Worst cases"));
    }
    if (table.drawn && table.reference) {
      found.push(ofInterval("difference", `Minus ${table.reference}${unit}`,
        `Difference to ${table.reference}, paired specimen by specimen.`,
        main, (row) => row.difference, "Worst cases"));
      found.push(ofInterval("difference-group", `Minus ${table.reference}, worst group${unit}`,
        "The same in the group where it is worst.",
        main, (row) => row.worstDifference && row.worstDifference.value, "Worst cases"));
    }
    if (table.rows.some((row) => row.audit)) {
      found.push(ofInterval("audit", "Audit: lost, dB",
        "PSNR lost in the worst case of the audit, beyond what the dose takes.",
        audit, (row) => row.audit && row.audit.loss, "Worst cases"));
      found.push(inWords("audit-case", "Audit: worst case", "Change of the same specimens at which that is lost.",
        (row) => row.audit && row.audit.case, "Worst cases"));
    }
    return found;
  }

  function inWords(id, title, summary, value, group) {
    return { id, title, summary, group, words: true, definition: definition(id),
      value: (row) => value(row) || null, text: (row) => value(row) || text.UNKNOWN };
  }

  function cost(table, id, show) {
    const known = table.costs[id];
    return { id, title: known.title, summary: known.summary, group: "Costs", definition: definition(id),
      direction: "lower", cost: true, value: (row) => row[id], text: (row) => show(row[id]) };
  }

  const SUPERVISED = new Map([[true, "supervised"], [false, "unsupervised"]]);

  function words(table) {
    const known = [
      inWords("kind", "Kind", "Classical, learned, or a control that bounds the table.", (row) => row.kind, "Method"),
      inWords("input", "Input", "What the method sees: one noisy image, or a whole series.", (row) => row.input, "Method"),
      inWords("trained", "Trained on", "What the submitter says it was trained on.", (row) => row.trainedOn, "Method"),
      inWords("supervision", "Supervision", "Whether clean images were used in the training.",
        (row) => SUPERVISED.get(row.supervised), "Method"),
      inWords("licence", "Licence", "Licence of the method's code.", (row) => row.licence, "Method"),
    ];
    const device = ["device", "training_device"].map((id) => inWords(
      id, table.costs[id].title, table.costs[id].summary, (row) => row[id], "Costs"));
    return [...known, ...device];
  }

  /* All columns of a table but rank and method, by id, in the order of the chooser. */
  function all(table) {
    const numbers = [
      ...Object.keys(table.metrics).map((name) => ofMetric(table, name)),
      ...worst(table),
      cost(table, "seconds_per_image", (value) => text.figures(value, 2)),
      cost(table, "peak_memory_MB", (value) => (value == null ? text.UNKNOWN : `${text.amount(1e6 * value)}B`)),
      cost(table, "threads", (value) => (value == null ? text.UNKNOWN : String(value))),
      cost(table, "n_parameters", text.amount),
      cost(table, "training_seconds", text.duration),
    ];
    return new Map([...numbers, ...words(table)].map((column) => [column.id, column]));
  }

  /* Columns shown where the address names none. */
  function initial(table, columns) {
    const [main, ...others] = table.shown;
    const more = ["difference", "tenth", "group", "audit", "seconds_per_image", "n_parameters", "kind", "trained"];
    const wanted = [main, "difference", ...others, ...more];
    return [...new Set(wanted)].filter((id) => columns.has(id));
  }

  return { all, initial };
}());
