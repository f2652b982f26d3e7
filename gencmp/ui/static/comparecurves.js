// The loss chart of one column, and one cursor through all of them.

import { el, fetchJson } from "./base.js";
import { Chart } from "./chart.js";

const SMOOTHING = 0.9;

export class Curves {
  constructor(app, model, name) {
    this.place = el("div", { class: "gm-chart gc" });
    if (model) this.ready = this.#load(app, model, name);
  }

  async #load(app, model, name) {
    const spec = structuredClone(model.chart);
    const chart = new Chart(this.place, spec, app.data.statics, SMOOTHING);
    const { run, steps, epochs } = await fetchJson(`${app.data.api}/news/${encodeURIComponent(name)}?step=0&epoch=0`);
    await new Promise(requestAnimationFrame); // laid out by then: Plotly measures its place
    Object.assign(spec.layout.xaxis, { range: [0, this.end], hoverformat: ".1f" });
    await chart.draw();
    if (this.gone) return chart.remove();
    const { step, epoch, ...columns } = steps;
    chart.feed("steps", step.map((each) => (each * run.epochs) / run.steps), columns);
    const names = Object.keys(epochs[0]?.test ?? {});
    chart.feed("test", epochs.map((row) => row.epoch), Object.fromEntries(names.map((each) => [each, epochs.map((row) => row.test[each])])));
    this.chart = chart;
    this.place.dataset.drawn = "";
    chart.cursor(this.epoch);
    this.linked?.();
  }

  show(epoch, end) {
    const moved = epoch !== this.epoch || end !== this.end;
    Object.assign(this, { epoch, end });
    if (!this.chart || !moved) return;
    this.chart.plotly.relayout(this.place, { "xaxis.range": [0, end] });
    this.chart.cursor(epoch);
  }

  retheme() { this.chart?.retheme(); }

  remove() {
    this.gone = true;
    this.chart?.remove();
  }
}

// A pointer over one chart reads all of them off at the same epoch; a click goes there.
export function linkCursors(all, goTo) {
  for (const each of all) {
    each.linked = () => {
      each.place.removeAllListeners?.("plotly_hover");
      each.place.removeAllListeners?.("plotly_unhover");
      each.place.removeAllListeners?.("plotly_click");
      each.place.on("plotly_hover", ({ event, xvals }) => {
        if (!(event instanceof Event)) return; // made by the line below
        for (const other of all) if (other !== each && other.chart) other.chart.plotly.Fx.hover(other.place, { xval: xvals[0] }, "xy");
      });
      each.place.on("plotly_unhover", () => {
        for (const other of all) if (other !== each && other.chart) other.chart.plotly.Fx.unhover(other.place);
      });
      each.place.on("plotly_click", ({ points }) => points.length && goTo(Math.max(1, Math.round(points[0].x))));
    };
    if (each.chart) each.linked();
  }
}
