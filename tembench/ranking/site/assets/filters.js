"use strict";
/* Filters of a table: a form whose values are those of the page's state. */
window.tembench = window.tembench || {};
tembench.filters = (function () {
  const { element } = tembench;
  const UNSTATED = "not stated";
  const WORDS = [
    ["kind", "Kind", (row) => row.kind],
    ["input", "Input", (row) => row.input],
    ["trained", "Trained on", (row) => row.trainedOn || UNSTATED],
    ["licence", "Licence", (row) => row.licence || UNSTATED],
    ["device", "Device", (row) => row.device || UNSTATED],
  ];
  const SIZES = [["100k", "up to 100 k", 1e5], ["1M", "up to 1 M", 1e6], ["10M", "up to 10 M", 1e7]];

  function select(id, label, options) {
    const list = element("select", { name: id },
      ...options.map(([value, title]) => element("option", { value }, title)));
    list.addEventListener("change", () => tembench.state.set({ [id]: list.value }));
    return element("label", {}, element("span", {}, label), list);
  }

  function searching() {
    const field = element("input", { type: "search", name: "text", size: 16, placeholder: "name or words" });
    field.addEventListener("input", () => tembench.state.set({ text: field.value.trim() }));
    return element("label", {}, element("span", {}, "Search"), field);
  }

  function groups(table) {
    const list = element("select", { name: "group" }, element("option", { value: "" }, `all ${table.images} images`));
    const factors = new Map();
    table.groups.forEach((group) => {
      if (!factors.has(group.factor)) {
        factors.set(group.factor, element("optgroup", { label: group.title }));
        list.append(factors.get(group.factor));
      }
      factors.get(group.factor).append(element("option", { value: `${group.factor}:${group.name}` },
        `${group.name} (${group.images})`));
    });
    list.addEventListener("change", () => tembench.state.set({ group: list.value }));
    return element("label", {}, element("span", {}, "Images"), list);
  }

  function chooser(table, columns) {
    const boxes = new Map();
    const sets = new Map();
    for (const column of columns.values()) {
      if (!sets.has(column.group)) {
        sets.set(column.group, element("fieldset", {}, element("legend", {}, column.group)));
      }
      const box = element("input", { type: "checkbox", value: column.id });
      box.addEventListener("change", () => {
        const chosen = [...columns.keys()].filter((id) => boxes.get(id).checked);
        tembench.state.set({ columns: chosen.join(",") });
      });
      boxes.set(column.id, box);
      sets.get(column.group).append(element("label", { title: column.summary }, box, ` ${column.title}`));
    }
    const menu = element("details", { class: "chooser" }, element("summary", {}, "Columns"),
      element("div", {}, ...sets.values()));
    const update = (shown) => boxes.forEach((box, id) => { box.checked = shown.includes(id); });
    return { menu, update };
  }

  /* Fills the form; returns what tells whether a row is shown, and a function that updates the form. */
  function create(form, table, columns, exports) {
    const choices = WORDS.map(([id, label, value]) => {
      const known = [...new Set(table.rows.map(value))].sort();
      return select(id, label, [["", "all"], ...known.map((one) => [one, one])]);
    });
    const size = select("size", "Weights", [["", "any"], ["none", "none"], ...SIZES.map(([id, title]) => [id, title])]);
    const ranked = Object.keys(table.metrics).filter((name) => table.rows.some((row) => row.ranks[name] != null));
    const rank = select("rank", "Rank by", ranked.map((name) => [name === table.rankedBy ? "" : name, table.metrics[name].title]));
    const { menu, update } = chooser(table, columns);
    const button = (title, action) => element("button", { type: "button", onclick: action }, title);
    const filters = element("details", { class: "filters" }, element("summary", {}, "Filters"),
      element("div", {}, ...choices, size));
    // Where there is room the filters are open from the start; on a telephone the table comes first.
    filters.open = matchMedia("(min-width: 701px)").matches;
    form.append(searching(), filters, ...(table.groups ? [groups(table)] : []), rank, menu,
      button("Show all", () => tembench.state.clear()),
      button("CSV", exports.csv), button("JSON", exports.json));
    form.addEventListener("submit", (event) => event.preventDefault());

    function isShown(state) {
      const wanted = (state.text || "").toLowerCase().split(/\s+/).filter(Boolean);
      const limit = (SIZES.find(([id]) => id === state.size) || [])[2];
      return (row) => {
        const words = `${row.name} ${row.title} ${row.trainingData} ${row.licence}`.toLowerCase();
        return wanted.every((word) => words.includes(word))
          && WORDS.every(([id, , value]) => !state[id] || value(row) === state[id])
          && (state.size !== "none" || row.n_parameters == null || row.n_parameters === 0)
          && (!limit || (row.n_parameters != null && row.n_parameters <= limit));
      };
    }

    function show(state, shown) {
      for (const field of form.querySelectorAll("select, input[type=search]")) {
        const value = state[field.name] || "";
        if (field.value !== value && field !== document.activeElement) { field.value = value; }
        if (field.localName === "select" && field.value !== value) { field.value = value; }
      }
      update(shown.map((column) => column.id));
    }
    return { isShown, show };
  }

  return { create };
}());
