// The loss chart of a column, and a cursor shared by all charts.

import { el, fetchJson } from "../shared/base.js";
import { Chart } from "../shared/chart.js";

const SMOOTHING = 0.9;

export class Curves {
  /** @type {Chart | undefined} undefined until it is drawn */
  chart;
  /** @type {() => Promise<any>} fetches new data */
  news;
  /** @type {(() => void) | undefined} called once it is drawn */
  linked;

  // specification: of the chart, from ui/charts.py.
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
    await new Promise(requestAnimationFrame); // wait for the layout: Plotly measures its container
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

  // Adds what the run has recorded since.
  grow() {
    const more = async () => this.chart && this.#feed(this.chart, await this.news());
    this.ready = this.ready.then(more).catch(() => undefined);
  }

  // epoch: position of the line. end: last epoch of the axis.
  show(epoch, end) {
    const moved = epoch !== this.epoch || end !== this.end;
    this.epoch = epoch;
    this.end = end;
    if (!this.chart || !moved) return;
    this.spec.layout.xaxis.range = [0, end]; // otherwise a change of theme would restore the old range
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
 * Hovering over one chart shows the values of all charts at that epoch; a click selects the epoch.
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
        if (!(event instanceof Event)) return; // triggered by Plotly.Fx.hover below
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
