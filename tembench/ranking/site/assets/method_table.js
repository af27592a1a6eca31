"use strict";
/* Table of methods: ranks, names and chosen columns, by Tabulator. Controls come last in any order. */
window.tembench = window.tembench || {};
tembench.methodTable = (function () {
  const { element, text } = tembench;
  const BAR = { width: 128, height: 18 };

  /* Common axis of a column's intervals: that of the rows that compete, and no control beyond them. */
  function axis(rows, column) {
    const known = rows.filter((row) => !row.control).map(column.interval).filter(Boolean)
      .map((values) => values.slice(0, 3).map(text.number));
    const ends = known.flat().filter((value) => value != null && Number.isFinite(value));
    if (!ends.length) { return null; }
    const means = known.map((values) => values[0]).filter(Number.isFinite);
    const [lowest, highest] = d3.extent(means);
    const reach = Math.max(highest - lowest, 10 ** -column.decimals) * 0.6;
    let [low, high] = d3.extent(ends.filter((end) => end >= lowest - reach && end <= highest + reach));
    if (column.signed) { low = Math.min(low, 0); high = Math.max(high, 0); }
    return d3.scaleLinear([low, high], [6, BAR.width - 6]).clamp(true);
  }

  function bar(values, scale, column, kind) {
    const [mean, low, high] = values.slice(0, 3).map(text.number);
    const svg = d3.create("svg").attr("width", BAR.width).attr("height", BAR.height)
      .attr("class", `bar ${kind}`).attr("aria-hidden", "true");
    const middle = BAR.height / 2;
    if (column.signed) {
      svg.append("line").attr("class", "zero").attr("x1", scale(0)).attr("x2", scale(0))
        .attr("y1", 0).attr("y2", BAR.height);
    }
    if (Number.isFinite(low) && Number.isFinite(high)) {
      svg.append("line").attr("class", "interval").attr("x1", scale(low)).attr("x2", scale(high))
        .attr("y1", middle).attr("y2", middle);
      for (const end of [low, high]) {
        svg.append("line").attr("class", "end").attr("x1", scale(end)).attr("x2", scale(end))
          .attr("y1", middle - 4).attr("y2", middle + 4);
      }
    }
    if (Number.isFinite(mean)) {
      svg.append("circle").attr("cx", scale(mean)).attr("cy", middle).attr("r", 3.5);
    }
    return svg.node();
  }

  function heading(column) {
    return () => element("span", { class: "head" },
      element("button", { type: "button", class: "sort", title: column.summary }, column.title),
      " ",
      element("a", {
        class: "definition", href: column.definition, title: column.summary,
        "aria-label": `Definition of ${column.title}`, onclick: (event) => event.stopPropagation(),
      }, "?"));
  }

  /* Order that keeps controls, and then unknown values, below all others whatever the direction. */
  function order(value) {
    return (a, b, first, second, column, direction) => {
      const down = direction === "asc" ? 1 : -1;
      const [one, two] = [first.getData(), second.getData()];
      if (one.control !== two.control) { return one.control ? down : -down; }
      const [x, y] = [value(one), value(two)];
      if (x == null || y == null) { return x == null && y == null ? 0 : x == null ? down : -down; }
      return typeof x === "string" ? x.localeCompare(y) : x - y;
    };
  }

  function definition(column, rows, isBar) {
    const scale = isBar && column.interval ? axis(rows, column) : null;
    return {
      title: column.title,
      field: column.id,
      titleFormatter: heading(column),
      hozAlign: column.words ? "left" : "right",
      headerHozAlign: column.words ? "left" : "right",
      sorter: order(column.value),
      headerSortStartingDir: column.words || column.direction === "lower" ? "asc" : "desc",
      cssClass: `${column.words ? "words" : "number"}${isBar ? " main" : ""}`,
      formatter: (cell) => {
        const row = cell.getData();
        const values = column.interval && column.interval(row);
        const shown = element("span", { class: "value" }, column.text(row));
        if (!values) { return shown; }
        const bounds = text.interval(values[1], values[2], column.decimals);
        const hint = bounds === text.UNKNOWN ? null : element("span", { class: "bounds" }, bounds);
        return scale
          ? element("span", { class: "with-bar" }, shown, bar(values, scale, column, row.kind), hint)
          : element("span", { title: bounds }, shown);
      },
    };
  }

  /* Metric that the page's ranks are by. */
  function ranking(table, state) { return table.metrics[state.rank] ? state.rank : table.rankedBy; }

  const isPhone = () => matchMedia("(max-width: 700px)").matches;

  /* Fixed columns: the rank by the chosen metric, the method, and whether it is compared. */
  function fixed(table, rows, state, link) {
    const metric = ranking(table, state);
    const rankOf = (row) => (row.ranks[metric] == null ? null : row.ranks[metric]);
    const shared = (rank) => rows.filter((row) => rankOf(row) === rank && !row.series).length > 1;
    const compared = new Set(tembench.state.names(state.compare));
    const phone = isPhone();
    const rank = { id: "rank", title: "Rank", definition: `${tembench.root}metrics.html#rank`, value: rankOf,
      summary: `Rank by ${table.metrics[metric].title}; methods that cannot be told apart share one.` };
    const method = { id: "method", title: "Method", definition: `${tembench.root}metrics.html#method`,
      summary: "The method; its page has all scores.", value: (row) => row.title.toLowerCase() };
    return [
      {
        title: "Rank", field: "rank", frozen: true, width: phone ? 50 : 88, hozAlign: "right", headerHozAlign: "right",
        titleFormatter: heading(rank), sorter: order(rankOf), cssClass: "rank",
        formatter: (cell) => {
          const row = cell.getData(), own = rankOf(row);
          if (own == null) { return text.UNKNOWN; }
          const range = metric === table.rankedBy && row.rankRange;
          return element("span", range ? { title: `Rank ${range[0]} to ${range[1]} cannot be ruled out` } : {},
            `${row.series ? "‡" : ""}${shared(own) ? "=" : ""}${own}`);
        },
      },
      {
        title: "Method", field: "title", frozen: true, ...(phone ? { width: 132 } : { minWidth: 190, widthGrow: 2 }), titleFormatter: heading(method),
        sorter: order(method.value), cssClass: "method",
        formatter: (cell) => {
          const row = cell.getData();
          return element("span", { class: `name ${row.kind}` },
            element("span", { class: "dot", "aria-hidden": "true" }),
            element("a", { href: link(row) }, row.title),
            row.marks ? element("sup", {}, row.marks) : null);
        },
      },
      {
        title: "Compare", field: "name", width: 84, hozAlign: "center", headerSort: false, cssClass: "pick",
        formatter: (cell) => {
          const row = cell.getData();
          return element("input", {
            type: "checkbox", "aria-label": `Compare ${row.title}`, checked: compared.has(row.name),
            onchange: () => {
              const now = new Set(tembench.state.names(tembench.state.read().compare));
              if (now.has(row.name)) { now.delete(row.name); } else { now.add(row.name); }
              tembench.state.set({ compare: [...now].join(",") });
            },
          });
        },
      },
    ];
  }

  /* Boxes to compare stand beside the names, on a telephone behind all columns. */
  function arranged([rank, method, pick], columns) {
    return isPhone() ? [rank, method, ...columns, pick] : [rank, method, pick, ...columns];
  }

  /* Rows with their scores in a group of images in place of those in all, best first. */
  function rowsOf(table, group) {
    const inGroup = (row) => {
      const own = group.values[row.name] || [];
      const values = Object.fromEntries(Object.keys(table.metrics).map((name, index) => [name, own[index] || null]));
      return {
        ...row, values, ranks: group.ranks[row.name] || {}, rankRange: null,
        tenth: null, difference: group.differences[row.name] || null, worstDifference: null,
      };
    };
    const place = new Map(group ? group.order.map((name, number) => [name, number]) : []);
    const rows = group ? d3.sort(table.rows, (row) => place.get(row.name)).map(inGroup) : table.rows;
    return [...rows.filter((row) => !row.control), ...rows.filter((row) => row.control)];
  }

  /* A table in an element. `show(state, rows, group, isShown)` draws it again for a state of
     the page, with the rows that `rowsOf` gives. */
  function create(place, table, link) {
    const columns = tembench.columns.all(table);
    const caption = `Methods on ${table.recipe} ${table.version}`;
    let grid = null, drawn = "";

    function show(state, rows, group, isShown) {
      const chosen = tembench.state.names(state.columns).filter((id) => columns.has(id));
      const ids = chosen.length ? chosen : tembench.columns.initial(table, columns);
      const bars = new Set([table.rankedBy, "difference"]);
      const key = JSON.stringify([ids, state.rank, state.compare, group && group.name, group && group.factor]);
      const sort = state.sort && (columns.has(state.sort) || state.sort === "rank" || state.sort === "title")
        ? [{ column: state.sort, dir: state.dir === "asc" ? "asc" : "desc" }] : [];
      if (key !== drawn) {
        drawn = key;
        if (grid) { grid.destroy(); }
        grid = new Tabulator(place, {
          data: rows.filter(isShown),
          index: "name",
          layout: "fitDataFill",
          maxHeight: rows.length > 60 ? "80vh" : false,
          renderVertical: rows.length > 200 ? "virtual" : "basic",
          columns: arranged(fixed(table, rows, state, link), ids.map((id) => definition(columns.get(id), rows, bars.has(id)))),
          initialSort: sort,
          columnDefaults: { resizable: false, vertAlign: "middle" },
          headerSortElement: '<span class="arrow" aria-hidden="true"></span>',
          placeholder: "No method fits these filters.",
          rowFormatter: (row) => {
            const data = row.getData();
            row.getElement().classList.toggle("control", data.control);
          },
        });
        grid.on("dataSorted", (sorters) => {
          if (!sorters.length || grid.tembenchQuiet) { return; }
          tembench.state.set({ sort: sorters[0].field, dir: sorters[0].dir });
        });
        grid.on("tableBuilt", () => {
          place.setAttribute("aria-label", caption);
          // A grid may own rows alone; its links and boxes take the focus themselves.
          place.querySelector(".tabulator-tableholder").removeAttribute("tabindex");
        });
      } else {
        grid.tembenchQuiet = true;
        grid.replaceData(rows.filter(isShown)).then(() => {
          if (sort.length) { grid.setSort(sort); }
          grid.tembenchQuiet = false;
        });
      }
      return ids.map((id) => columns.get(id));
    }
    return { show, columns };
  }

  return { create, rowsOf, ranking };
}());
