"use strict";
/* State of the page in its address, after the #: filters, order, compared methods. A link shows
   another person the same view. */
window.tembench = window.tembench || {};
tembench.state = (function () {
  const listeners = [];

  function read() {
    const state = {};
    for (const [key, value] of new URLSearchParams(location.hash.slice(1))) {
      if (value !== "") { state[key] = value; }
    }
    return state;
  }

  function text(state) {
    return Object.keys(state).filter((key) => state[key] !== "" && state[key] != null)
      .map((key) => `${key}=${encodeURIComponent(state[key]).replace(/%2C/g, ",")}`).join("&");
  }

  function tell() { const state = read(); listeners.forEach((listener) => listener(state)); }

  /* Changes of some values; empty ones are removed. */
  function set(changes) {
    const hash = `#${text({ ...read(), ...changes })}`;
    if (hash === (location.hash || "#")) { return; }
    history.replaceState(null, "", hash);
    tell();
  }

  window.addEventListener("hashchange", tell);
  return {
    read,
    set,
    clear: () => { history.replaceState(null, "", "#"); tell(); },
    names: (value) => (value ? value.split(",").filter(Boolean) : []),
    onChange: (listener) => { listeners.push(listener); listener(read()); },
  };
}());
