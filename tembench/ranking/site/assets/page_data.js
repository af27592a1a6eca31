"use strict";
/* Data of a page: its own block, and data scripts that are loaded when they are needed. */
window.tembench = window.tembench || {};
(function () {
  const waiting = new Map(), arrived = new Map();

  tembench.page = JSON.parse(document.getElementById("page-data").textContent);
  tembench.root = document.body.dataset.root;

  /* Called by data scripts. */
  tembench.deliver = (key, value) => { arrived.set(key, value); };

  /* Value of a data script of a track, such as "data/images"; each is loaded once. */
  tembench.load = function (track, key) {
    const path = `${track}/${key}`;
    if (!waiting.has(path)) {
      waiting.set(path, new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = `${tembench.root}${path}.js`;
        script.onload = () => { resolve(arrived.get(key)); arrived.delete(key); };
        script.onerror = () => {
          waiting.delete(path);
          reject(new Error(`${path}.js is not in the folder of this site`));
        };
        document.head.append(script);
      }));
    }
    return waiting.get(path);
  };

  /* Array of `packed` values: { shape, data }. */
  tembench.unpack = async function (packed) {
    const bytes = Uint8Array.from(atob(packed.deflated), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    const buffer = await new Response(stream).arrayBuffer();
    const Kind = packed.type === "uint8" ? Uint8Array : Float32Array;
    return { shape: packed.shape, data: new Kind(buffer) };
  };

  /* An element with attributes and children; text is never read as HTML. */
  tembench.element = function (name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith("on")) { made.addEventListener(key.slice(2), value); }
      else if (value === true) { made.setAttribute(key, ""); }
      else if (value !== false && value != null) { made.setAttribute(key, value); }
    }
    made.append(...children.filter((child) => child != null));
    return made;
  };

  /* Offer a text as a file. */
  tembench.offer = function (name, text, type) {
    const link = tembench.element("a", {
      href: URL.createObjectURL(new Blob([text], { type })), download: name,
    });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };
}());
