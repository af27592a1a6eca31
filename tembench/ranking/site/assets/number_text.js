"use strict";
/* Numbers as text, as in the tables of the other formats. */
window.tembench = window.tembench || {};
tembench.text = (function () {
  const UNKNOWN = "–";
  const number = (value) => (value === "inf" ? Infinity : value === "-inf" ? -Infinity : value);

  function decimal(value, decimals) {
    const given = number(value);
    if (given == null || Number.isNaN(given)) { return UNKNOWN; }
    if (!Number.isFinite(given)) { return given > 0 ? "∞" : "−∞"; }
    const size = Math.abs(given);
    const text = size >= 1e5 ? given.toExponential(1) : given.toFixed(size < 100 ? decimals : 0);
    return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", "−");
  }

  function interval(low, high, decimals) {
    const ends = [number(low), number(high)];
    if (!ends.every((end) => end != null && Number.isFinite(end))) { return UNKNOWN; }
    return `${decimal(low, decimals)} to ${decimal(high, decimals)}`;
  }

  function figures(value, count) {
    if (value == null) { return UNKNOWN; }
    return value === 0 ? "0" : Number(value.toPrecision(count)).toString();
  }

  function duration(seconds) {
    if (seconds == null) { return UNKNOWN; }
    for (const [name, length] of [["d", 86400], ["h", 3600], ["min", 60]]) {
      if (seconds >= 1.5 * length) { return `${figures(seconds / length, 2)} ${name}`; }
    }
    return `${figures(seconds, 2)} s`;
  }

  function amount(value) {
    if (value == null) { return UNKNOWN; }
    for (const [sign, size] of [["G", 1e9], ["M", 1e6], ["k", 1e3]]) {
      if (value >= size) { return `${figures(value / size, 3)} ${sign}`; }
    }
    return String(value);
  }

  return { UNKNOWN, number, decimal, interval, duration, amount, figures };
}());
