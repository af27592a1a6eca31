"use strict";
/* Light or dark: the reader's choice, kept where the browser keeps anything for the page. */
(function () {
  const root = document.documentElement, key = "tembench-theme";
  const kept = () => { try { return localStorage.getItem(key); } catch (problem) { return null; } };
  const keep = (theme) => { try { localStorage.setItem(key, theme); } catch (problem) { /* not kept */ } };
  const before = kept();
  if (before === "dark" || before === "light") { root.dataset.theme = before; }
  const isDark = () => root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  document.addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    const label = () => { button.textContent = isDark() ? "Light" : "Dark"; };
    label();
    button.addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      keep(root.dataset.theme);
      label();
      document.dispatchEvent(new Event("tembench-theme"));
    });
  });
}());
