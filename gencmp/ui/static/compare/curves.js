// The loss chart of one column, and one cursor through all of them.

import { el, fetchJson } from "../shared/base.js";
import { Chart } from "../shared/chart.js";

const SMOOTHING = 0.9;

export class Curves {
  /** @type {Chart | undefined} from when it is drawn */
  chart;
  /** @type {() => Promise<any>} fetches what is not here yet */
  news;
  /** @type {(() => void) | undefined} called when it is drawn */
  linked;

  // specification: of the chart, from gencmp/charts.py.
  constructor(app, specification, name) {
    this.place = el("div", { class: "gm-chart gc" });
    this.ready = this.#load(app, structuredClone(specification), name).catch((error) => {
      this.place.textContent = error.message;
    });
  }

  async #load(app, spec, name) {
    this.spec = spec;
    this.seen = { step: 0, epoch: 0 };
    this.news = () => fetchJson(`${app.data.api}/news/${encodeURIComponent(name)}?${new URLSearchParams(this.seen)}`);
    const chart = new Chart(this.place, spec, app.data.statics, SMOOTHING);
    const first = await this.news();
    await new Promise(requestAnimationFrame); // laid out by then: Plotly measures its place
    Object.assign(spec.layout.xaxis, { range: [0, this.end], hoverformat: ".1f" });
    await chart.draw();
    if (this.gone) return chart.remove();
    this.chart = chart;
    this.#feed(chart, first);
    this.place.dataset.drawn = "";
    chart.cursor(this.epoch);
    this.linked?.();
  }

  #feed(chart, { run, steps: { step, epoch, ...columns }, epochs }) {
    this.seen = { step: step.at(-1) ?? this.seen.step, epoch: epochs.at(-1)?.epoch ?? this.seen.epoch };
    chart.feed(
      "steps",
      step.map((each) => (each * run.epochs) / run.steps),
      columns,
    );
    const names = Object.keys(epochs[0]?.test ?? {});
    chart.feed(
      "test",
      epochs.map((row) => row.epoch),
      Object.fromEntries(names.map((each) => [each, epochs.map((row) => row.test[each])])),
    );
  }

  // What the run has recorded since.
  grow() {
    const more = async () => this.chart && this.#feed(this.chart, await this.news());
    this.ready = this.ready.then(more).catch(() => undefined);
  }

  // epoch: where the line is. end: of the axis.
  show(epoch, end) {
    const moved = epoch !== this.epoch || end !== this.end;
    this.epoch = epoch;
    this.end = end;
    if (!this.chart || !moved) return;
    this.spec.layout.xaxis.range = [0, end]; // else a new theme would bring the old one back
    this.chart.plotly.relayout(this.place, { "xaxis.range": [0, end] });
    this.chart.cursor(epoch);
  }

  retheme() {
    this.chart?.retheme();
  }

  remove() {
    this.gone = true;
    this.chart?.remove();
  }
}

/**
 * A pointer over one chart reads all of them off at the same epoch; a click goes there.
 * @param {Curves[]} all
 * @param {(epoch: number) => void} goTo
 */
export function linkCursors(all, goTo) {
  for (const each of all) {
    each.linked = () => {
      each.place.removeAllListeners?.("plotly_hover");
      each.place.removeAllListeners?.("plotly_unhover");
      each.place.removeAllListeners?.("plotly_click");
      each.place.on("plotly_hover", ({ event, xvals }) => {
        if (!(event instanceof Event)) return; // made by the line below
        for (const other of all)
          if (other !== each && other.chart) other.chart.plotly.Fx.hover(other.place, { xval: xvals[0] }, "xy");
      });
      each.place.on("plotly_unhover", () => {
        for (const other of all) if (other !== each && other.chart) other.chart.plotly.Fx.unhover(other.place);
      });
      each.place.on("plotly_click", ({ points }) => points.length && goTo(Math.max(1, Math.round(points[0].x))));
    };
    if (each.chart) each.linked();
  }
}
