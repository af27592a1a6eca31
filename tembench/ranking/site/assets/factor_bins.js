"use strict";
/* Images of a track in bins of a factor, and means of scores in each with intervals over specimens. */
window.tembench = window.tembench || {};
tembench.factorBins = (function () {
  const MOST_VALUES = 24, QUANTILES = 8;
  const LOGARITHMIC = new Set(["dose_e_per_A2"]);

  const isNumber = (values) => values.every((value) => value == null || typeof value === "number");

  /* Bins { name, at, images }: of each value, or of equal numbers of images where there are many values. Numbers
     have their mean factor as `at`. */
  function of(values) {
    const numbers = isNumber(values);
    const known = d3.range(values.length).filter((image) => values[image] != null && values[image] !== "");
    const distinct = d3.sort(new Set(known.map((image) => values[image])));
    if (!numbers || distinct.length <= MOST_VALUES) {
      return distinct.map((value) => ({
        name: String(value), at: value, images: known.filter((image) => values[image] === value),
      }));
    }
    const sorted = d3.sort(known, (image) => values[image]);
    return d3.range(QUANTILES).map((bin) => {
      const images = sorted.slice(Math.round(bin * sorted.length / QUANTILES), Math.round((bin + 1) * sorted.length / QUANTILES));
      const [low, high] = d3.extent(images, (image) => values[image]);
      const { figures } = tembench.text;
      return { name: `${figures(low, 3)} to ${figures(high, 3)}`, at: d3.mean(images, (image) => values[image]), images };
    });
  }

  /* Mean of scores in each bin with its interval; bins without a finite mean are left out. */
  function means(bins, scores, sample) {
    return bins.flatMap((bin) => {
      const own = new Float64Array(scores.length).fill(NaN);
      bin.images.forEach((image) => { own[image] = scores[image]; });
      const interval = tembench.statistics.interval(own, sample);
      return interval && Number.isFinite(interval.mean) ? [{ ...bin, ...interval }] : [];
    });
  }

  /* Axis over the scores of images, without a few that are far from all others, and over all `means`; its ends. */
  function domain(scores, means = []) {
    const known = d3.sort(scores.filter(Number.isFinite));
    if (!known.length) { return [0, 1]; }
    const [low, high] = [0.01, 0.99].map((share) => d3.quantileSorted(known, share));
    const reach = (high - low) / 4 || Math.abs(high) / 10 || 1;
    const ends = d3.extent([Math.max(known[0], low - reach), Math.min(known.at(-1), high + reach), ...means]);
    const margin = 0.03 * (ends[1] - ends[0]) || reach;
    return [ends[0] - margin, ends[1] + margin];
  }

  /* Says how many images are not drawn on such an axis. */
  function beyond(scores, [low, high]) {
    const known = scores.filter((score) => !Number.isNaN(score));
    const outside = known.filter((score) => Number.isFinite(score) && (score < low || score > high)).length;
    const infinite = known.filter((score) => !Number.isFinite(score)).length;
    return [
      outside ? `${outside} image${outside > 1 ? "s are" : " is"} beyond the axis.` : "",
      infinite ? `${infinite} infinite score${infinite > 1 ? "s are" : " is"} left out.` : "",
    ].filter(Boolean).join(" ");
  }

  return { of, means, domain, beyond, isNumber, isLog: (factor) => LOGARITHMIC.has(factor) };
}());
