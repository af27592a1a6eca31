"use strict";
/* Statistics of a track's rows, computed here as tembench/ranking/statistics/bootstrap.py does: means over
   specimens, intervals from the same draws, paired differences. */
window.tembench = window.tembench || {};
tembench.statistics = (function () {
  const TAIL = 0.025;
  const kept = new Map();

  /* What `make` promises, made once; after a failure it is made again. */
  function once(key, make) {
    if (!kept.has(key)) {
      kept.set(key, make().catch((problem) => { kept.delete(key); throw problem; }));
    }
    return kept.get(key);
  }

  /* Images of a track: `images`, `factors` and `groups` of them, the specimen of each (`membership`), and how
     often each draw of the intervals took each specimen. */
  function sample(track) {
    return once(`${track}/`, async () => {
      const [images, draws] = await Promise.all([
        tembench.load(track, "data/images"), tembench.load(track, "data/draws"),
      ]);
      const weights = await tembench.unpack(draws.draws);
      return { ...images, draws: weights.shape[0], weights: weights.data, stretch: draws.stretch };
    });
  }

  /* Scores of a row in the order of the track's images, by metric; NaN where it has none. */
  function scores(track, name) {
    return once(`${track}/${name}`, async () => {
      const content = await tembench.load(track, `data/methods/${name}`);
      const { shape, data } = await tembench.unpack(content.scores);
      return new Map(content.metrics.map((metric, column) => [
        metric, Float64Array.from({ length: shape[0] }, (_, image) => data[image * shape[1] + column]),
      ]));
    });
  }

  /* Mean over the images of each specimen; NaN for a specimen without a value. */
  function ofSpecimens(values, { membership, specimens }) {
    const sums = new Float64Array(specimens.length), counts = new Float64Array(specimens.length);
    values.forEach((value, image) => {
      if (!Number.isNaN(value)) { sums[membership[image]] += value; counts[membership[image]] += 1; }
    });
    return sums.map((sum, specimen) => (counts[specimen] ? sum / counts[specimen] : NaN));
  }

  /* Means over the drawn specimens that have a value, of each draw that has such a specimen. */
  function drawnMeans(own, known, { weights, specimens, draws }) {
    const means = new Float64Array(draws);
    let found = 0;
    for (let draw = 0; draw < draws; draw += 1) {
      const start = draw * specimens.length;
      let count = 0, sum = 0;
      for (const specimen of known) {
        const weight = weights[start + specimen];
        if (weight) { count += weight; sum += weight * own[specimen]; }
      }
      if (count) { means[found] = sum / count; found += 1; }
    }
    return means.subarray(0, found).sort();
  }

  /* Quantile of sorted values by linear interpolation. */
  function quantile(sorted, share) {
    const place = share * (sorted.length - 1), below = Math.floor(place);
    const above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  }

  /* Mean over specimens with its 95 % interval, and how many specimens have a value; null without any. */
  function interval(values, of) {
    const own = ofSpecimens(values, of);
    const known = [...own.keys()].filter((specimen) => !Number.isNaN(own[specimen]));
    const given = values.filter((value) => !Number.isNaN(value));
    if (!given.length) { return null; }
    const mean = known.length ? known.reduce((sum, specimen) => sum + own[specimen], 0) / known.length : NaN;
    const models = known.length;
    if (!given.every(Number.isFinite)) {
      const same = given.every((value) => value === given[0]);
      return { mean, low: same ? mean : -Infinity, high: same ? mean : Infinity, models };
    }
    if (models === 1) { return { mean, low: -Infinity, high: Infinity, models }; }
    const means = drawnMeans(own, known, of);
    const [low, high] = [TAIL, 1 - TAIL].map(
      (share) => mean + of.stretch[models] * (quantile(means, share) - mean));
    return { mean, low, high, models };
  }

  /* First minus second, image by image; equal scores differ by zero, even infinite ones. */
  function gap(first, second) {
    return first.map((value, image) => (value === second[image] ? 0 : value - second[image]));
  }

  const difference = (first, second, of) => interval(gap(first, second), of);

  /* Values of the images for which `isIn(image)`; others are NaN. */
  const within = (values, isIn) => values.map((value, image) => (isIn(image) ? value : NaN));

  /* Ranks from 1, of equal values the mean of theirs. */
  function ranks(values) {
    const order = d3.range(values.length).sort((a, b) => values[a] - values[b]);
    const found = new Float64Array(values.length);
    for (let start = 0; start < order.length;) {
      let end = start;
      while (end < order.length && values[order[end]] === values[order[start]]) { end += 1; }
      for (let place = start; place < end; place += 1) { found[order[place]] = (start + 1 + end) / 2; }
      start = end;
    }
    return found;
  }

  /* Spearman's correlation of two lists; NaN where one of both is constant, or shorter than three. */
  function spearman(first, second) {
    if (first.length < 3) { return NaN; }
    const [a, b] = [ranks(first), ranks(second)];
    const middle = (first.length + 1) / 2;
    const product = (x, y) => x.reduce((sum, value, place) => sum + (value - middle) * (y[place] - middle), 0);
    return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
  }

  return { sample, scores, interval, difference, gap, within, spearman };
}());
