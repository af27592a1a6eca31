"use strict";
/* Crops of a row's images: their electrons per pixel, and the columns in them, from its data script. */
window.tembench = window.tembench || {};
tembench.crops = (function () {
  const PANEL_TILES = 4, DENOISED = 1, WHITE = 255;
  const rows = new Map();

  /* Grey values of a picture; pictures of data addresses may be read, those of files may not. */
  async function greyOf(address) {
    const picture = new Image();
    picture.src = address;
    await picture.decode();
    const canvas = new OffscreenCanvas(picture.width, picture.height);
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    pen.drawImage(picture, 0, 0);
    const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
    const grey = new Uint8Array(canvas.width * canvas.height);
    for (let at = 0; at < grey.length; at++) { grey[at] = data[4 * at]; }
    return { width: canvas.width, height: canvas.height, grey };
  }

  /* Columns by image: { kind, x, y, ratio, called }; the ratio of a removed column is NaN. */
  function columnsOf(text) {
    const found = new Map();
    for (const line of text.split("\n").slice(1, -1)) {
      const [image, kind, x, y, ratio, called] = line.split(",");
      if (!found.has(Number(image))) { found.set(Number(image), []); }
      found.get(Number(image)).push({
        kind, x: Number(x), y: Number(y), ratio: ratio === "" ? NaN : Number(ratio), called: called === "1",
      });
    }
    return found;
  }

  function tile({ width, height, grey }) {
    const side = width / PANEL_TILES, found = new Uint8Array(side * height);
    for (let y = 0; y < height; y++) {
      found.set(grey.subarray(y * width + DENOISED * side, y * width + (DENOISED + 1) * side), y * side);
    }
    return { width: side, height, grey: found, columns: [], isPanel: true };
  }

  async function readRow(track, name) {
    const data = await tembench.load(track, `data/shown/${name}`);
    if (!data.picture) { return { panel: data.panel ? tile(await greyOf(data.panel)) : null }; }
    const { grey } = await greyOf(data.picture);
    return { ...data, grey, columns: columnsOf(data.columns) };
  }

  /* Crop of one of the page's images as a row has it: { width, height, grey, low, high, columns, isCounts }. Of a
     row without crops, the tile of its panel, for the first image; else null, as for a crop from another place. */
  async function load({ track, images }, row, image) {
    if (!rows.has(row.name)) {
      rows.set(row.name, readRow(track, row.name));
      // A file that could not be loaded is asked for again.
      rows.get(row.name).catch(() => rows.delete(row.name));
    }
    const read = await rows.get(row.name);
    if (!read.picture) { return image === images[0] ? read.panel : null; }
    if (!row.shown[images.indexOf(image)]) { return null; }
    const at = read.images.indexOf(image.image);
    const { width, height } = image, size = width * height;
    return {
      width, height, grey: read.grey.subarray(at * size, (at + 1) * size),
      low: read.low[at], high: read.high[at],
      isCounts: read.low[at] !== image.scale[0] || read.high[at] !== image.scale[1],
      columns: read.columns.get(image.image) || [],
    };
  }

  /* Electrons per pixel at a position between pixel centres; NaN outside. */
  function electrons(crop, x, y) {
    const { width, height, grey, low, high } = crop;
    if (!(x >= 0 && y >= 0 && x <= width - 1 && y <= height - 1)) { return NaN; }
    const left = Math.min(Math.floor(x), width - 2), top = Math.min(Math.floor(y), height - 2);
    const at = top * width + left, right = x - left, down = y - top;
    const value = (1 - down) * ((1 - right) * grey[at] + right * grey[at + 1])
      + down * ((1 - right) * grey[at + width] + right * grey[at + width + 1]);
    return low + value / WHITE * (high - low);
  }

  /* Grey values that all but one of a hundred pixels lie between. */
  function ownRange(crop) {
    const sorted = Uint8Array.from(crop.grey).sort(), off = Math.floor(sorted.length / 200);
    const [black, white] = [sorted[off], sorted[sorted.length - 1 - off]];
    return white > black ? [black, white] : [black - 1, white + 1];
  }

  /* Grey values that are drawn black and white: of the clean image's range, to which counts do not keep; or of the
     crop's own. A panel's tile has been drawn already. */
  function rangeOf(crop, image, isOwn) {
    if (isOwn) { return ownRange(crop); }
    if (crop.isPanel) { return [0, WHITE]; }
    return (crop.isCounts ? image.countsWindow : image.window)
      .map((electron) => (electron - crop.low) / (crop.high - crop.low) * WHITE);
  }

  function draw(canvas, crop, image, isOwn = false) {
    canvas.width = crop.width;
    canvas.height = crop.height;
    const [black, white] = rangeOf(crop, image, isOwn);
    const shade = new Uint8ClampedArray(WHITE + 1).map((_, grey) => Math.round((grey - black) / (white - black) * WHITE));
    const picture = new ImageData(crop.width, crop.height);
    for (let at = 0; at < crop.grey.length; at++) {
      const value = shade[crop.grey[at]];
      picture.data.set([value, value, value, WHITE], 4 * at);
    }
    canvas.getContext("2d").putImageData(picture, 0, 0);
  }

  return { load, electrons, draw };
}());
