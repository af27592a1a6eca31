"use strict";
/* CSV of rows of cells, safe to open in a spreadsheet. */
window.tembench = window.tembench || {};
tembench.csvText = (function () {
  /* Cells that a spreadsheet would take for a formula get an apostrophe. */
  function quoted(value) {
    if (value == null || Number.isNaN(value)) { return ""; }
    const text = typeof value === "string" && /^[=+\-@\t＝＋－＠]/.test(value) ? `'${value}` : String(value);
    return /[",\n\r]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
  }

  return (heads, rows) => `${[heads, ...rows].map((line) => line.map(quoted).join(",")).join("\r\n")}\r\n`;
}());
