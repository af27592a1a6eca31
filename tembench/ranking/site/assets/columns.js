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

  /* A column that is no metric; its texts are those of the page of definitions. */
  function other(table, id, more) {
    const known = table.definitions[id];
    return { id, title: known.title, summary: known.summary, group: known.group, definition: definition(id), ...more };
  }

  function ofInterval(table, id, main, interval) {
    return other(table, id, {
      direction: main.direction,
      decimals: main.decimals,
      signed: id.startsWith("difference"),
      interval,
      value: (row) => (interval(row) ? text.number(interval(row)[0]) : null),
      text: (row) => text.decimal((interval(row) || [null])[0], main.decimals),
    });
  }

  function inWords(table, id, value) {
    return other(table, id, {
      words: true, value: (row) => value(row) || null, text: (row) => value(row) || text.UNKNOWN,
    });
  }

  function worst(table) {
    const main = table.metrics[table.rankedBy];
    const found = [];
    if (table.drawn) {
      found.push(ofInterval(table, "tenth", main, (row) => row.tenth));
      found.push(ofInterval(table, "group", main, (row) => row.worstGroup && row.worstGroup.value));
      found.push(inWords(table, "group-name", (row) => row.worstGroup && row.worstGroup.name));
    }
    if (table.drawn && table.reference) {
      found.push(ofInterval(table, "difference", main, (row) => row.difference));
      found.push(ofInterval(table, "difference-group", main, (row) => row.worstDifference && row.worstDifference.value));
    }
    if (table.rows.some((row) => row.audit)) {
      const loss = { direction: "lower", decimals: 2 };
      found.push(ofInterval(table, "audit", loss, (row) => row.audit && row.audit.loss));
      found.push(inWords(table, "audit-case", (row) => row.audit && row.audit.case));
    }
    return found;
  }

  function cost(table, id, show) {
    return other(table, id, { direction: "lower", cost: true, value: (row) => row[id], text: (row) => show(row[id]) });
  }

  const SUPERVISED = new Map([[true, "supervised"], [false, "unsupervised"]]);

  function words(table) {
    return [
      inWords(table, "kind", (row) => row.kind),
      inWords(table, "input", (row) => row.input),
      inWords(table, "trained", (row) => row.trainedOn),
      inWords(table, "supervision", (row) => SUPERVISED.get(row.supervised)),
      inWords(table, "licence", (row) => row.licence),
      inWords(table, "device", (row) => row.device),
      inWords(table, "training_device", (row) => row.training_device),
    ];
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
