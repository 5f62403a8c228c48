// The plot in words, for people who do not see it.

/** @param {import("./panels.js").Panel[]} panels */
export function summaryOf(panels) {
  return panels.map(panelText).join(" ");
}

/** @param {import("./panels.js").Panel} panel */
function panelText(panel) {
  if (!panel.lines.length) return `${panel.title}: ${panel.missing}.`;
  return `${panel.title} in ${panel.unit}: ${panel.lines.map((line) => lineText(panel, line)).join("; ")}.`;
}

/**
 * @param {import("./panels.js").Panel} panel
 * @param {import("./panels.js").Line} line
 */
function lineText({ per, digits }, { label, series }) {
  let low = Infinity;
  let high = -Infinity;
  for (let index = 0; index < series.ring.length; index++) {
    const value = series.ring.valueAt(index);
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return `${label} no reading`;
  const [lowest, highest, last] = [low, high, series.last].map((value) => (value / per).toFixed(digits));
  return `${label} lowest ${lowest}, highest ${highest}, last ${last}`;
}
