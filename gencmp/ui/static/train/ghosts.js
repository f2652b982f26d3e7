// Faint curves of other runs behind a run's own, on the same charts: of a fork's ancestors up to where it left them and
// beyond, and of an earlier run with another seed. ui/forks/ghosts.py says which; each is fetched once.

import { fetchJson, tone } from "../shared/base.js";
import { Smoother, columnOf } from "../shared/chart.js";

const BEFORE = { opacity: 0.75, dash: undefined }; // what the run shares with it
const BEYOND = { opacity: 0.45, dash: "dot" }; // what became of the other one

/**
 * @typedef {{ model: string, since: number, until: number, beyond: boolean, label: string }} Ghost
 * @param {any[]} charts  of a card
 * @param {Ghost[] | undefined} ghosts  since, until: in epochs
 * @param {string} api
 */
export async function showGhosts(charts, ghosts, api) {
  if (!ghosts?.length) return;
  const fetched = await Promise.all(ghosts.map((ghost) => withRows(ghost, api)));
  const found = fetched.filter((ghost) => ghost !== null);
  charts.forEach((chart, i) => chart.haunt((look) => traces(found, { ...look, isNamed: i === 0 })));
}

// A run that was deleted a moment ago leaves no ghost.
async function withRows(ghost, api) {
  try {
    return { ...ghost, rows: rowsOf(await fetchJson(`${api}/news/${ghost.model}?step=0&epoch=0`)) };
  } catch {
    return null;
  }
}

/**
 * The columns of a run's news, by source, with x in epochs.
 * @param {any} news
 */
export function rowsOf({ run, steps, epochs }) {
  const anEpoch = run.steps / run.epochs || 1;
  const { step, ...columns } = steps;
  const test = Object.keys(epochs[0]?.test ?? {}).map((name) => [name, epochs.map((row) => row.test[name])]);
  return {
    steps: { ...columns, x: step.map((s) => s / anEpoch) },
    test: { ...Object.fromEntries(test), x: epochs.map((row) => row.epoch) },
  };
}

/**
 * Plotly's traces of all ghosts on one chart; on a card's first chart each has one entry in the legend.
 * @param {any[]} ghosts  with rows
 * @param {{ spec: any, smoothing: number, dark: boolean, text: string, wide: (px: number) => number,
 *   isNamed?: boolean }} look
 */
export function traces(ghosts, { spec, smoothing, dark, text, wide, isNamed = true }) {
  const named = new Set();
  const strong = spec.data.filter(({ meta }) => meta.smooth !== false);
  return ghosts.flatMap((ghost) =>
    strong.flatMap(({ meta, name }) => {
      const curve = smoothed(ghost.rows[meta.of], meta, meta.smooth ? smoothing : 0);
      const line = { color: tone(meta.tone, dark) ?? text };
      return parts(ghost, curve).map(({ opacity, dash, points }) => ({
        ...{
          type: "scatter",
          mode: "lines",
          x: points.map(([x]) => x),
          y: points.map(([, y]) => y),
          opacity,
          zorder: -1,
        },
        ...{
          name: ghost.label,
          legendgroup: ghost.label,
          showlegend: isNamed && !named.has(ghost.label) && !!named.add(ghost.label),
        },
        line: { ...line, width: wide(1.5), dash: dash ?? (meta.of === "test" ? "dot" : "solid") },
        hovertemplate: `%{y:.3f}<extra>${name}, ${ghost.label}</extra>`,
        meta: { ghost: ghost.model, beyond: dash !== undefined },
      }));
    }),
  );
}

function smoothed(rows, meta, weight) {
  const smoother = new Smoother(weight);
  return (columnOf({ meta }, rows) ?? []).map((y, i) => [rows.x[i], weight ? smoother.next(y) : y]);
}

function parts({ since, until, beyond }, curve) {
  const before = curve.filter(([x]) => x > since && x <= until);
  const after = beyond ? curve.filter(([x]) => x >= until && x > since) : [];
  return [
    { ...BEFORE, points: before },
    { ...BEYOND, points: after },
  ].filter(({ points }) => points.length);
}
