"use strict";
/* Figure of what a method loses in the cases of its audit, beyond what the dose takes. */
document.addEventListener("DOMContentLoaded", () => {
  const { text, page } = tembench;
  const place = document.querySelector("#audit figure");
  if (!place || !page.audit.length) { return; }
  const cases = page.audit.map(({ case: name, loss }) => {
    const [mean, low, high] = loss.map(text.number);
    return { name, mean, low, high };
  });
  const known = cases.filter((one) => Number.isFinite(one.mean));
  const bars = known.filter((one) => Number.isFinite(one.low) && Number.isFinite(one.high));
  const worst = d3.greatest(known, (one) => one.mean);
  tembench.figures.create(place).show({
    file: `${page.track}-${page.name}-audit`,
    label: `PSNR that ${page.title} loses in each case of the audit.${worst ? ` Most when ${worst.name}: ${text.decimal(worst.mean, 2)} dB.` : ""}`,
    note: "Filled: the 95 % interval excludes 0.",
    plot: (colours, width) => {
      const colour = colours[page.kind];
      return Plot.plot({
        width: Math.min(width, 760), height: cases.length * 24 + 60, marginTop: 8, marginBottom: 44, marginRight: 14,
        marginLeft: 16 + d3.max(cases, (one) => tembench.figures.widthOf(one.name, 12)),
        style: tembench.figures.text(colours),
        x: tembench.figures.bottom("PSNR lost beyond the dose's own, dB", { nice: true, ticks: 6 }),
        y: { type: "band", domain: cases.map((one) => one.name), label: null, tickSize: 0 },
        marks: [
          Plot.ruleX([0], { stroke: colours.soft }),
          Plot.link(bars, { x1: "low", x2: "high", y1: "name", y2: "name", stroke: colour, strokeWidth: 1.6, strokeOpacity: 0.6 }),
          Plot.dot(known, { x: "mean", y: "name", r: 4.5, stroke: colour, strokeWidth: 1.5,
            fill: (one) => (one.low > 0 || one.high < 0 ? colour : colours.card) }),
        ],
      });
    },
    data: { heads: ["case", "lost_beyond_db", "low", "high"], rows: cases.map((one) => [one.name, one.mean, one.low, one.high]) },
  });
});
