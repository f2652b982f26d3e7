// A live Plotly chart: drawn once and then extended, so that it keeps its zoom and does not flicker.
// Its specification comes from ui/charts.py; the `meta` of a trace names the column it shows.

import { loadPlotly, themeOf, tone, withAlpha } from "./base.js";

const SETTINGS = {
  displaylogo: false,
  responsive: true,
  displayModeBar: "hover",
  modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"],
};

// An exponential moving average with bias correction: each value is divided by the total weight so far.
export class Smoother {
  /** @param {number} weight  of what was, 0 to 1 */
  constructor(weight) {
    this.weight = weight;
    this.sum = 0;
    this.seen = 0;
  }

  next(y) {
    if (y === null || !Number.isFinite(y)) return null;
    this.sum = this.weight * this.sum + (1 - this.weight) * y;
    this.seen = this.weight * this.seen + (1 - this.weight);
    return this.sum / this.seen;
  }
}

export class Chart {
  /**
   * @param {HTMLElement} element
   * @param {any} spec
   * @param {string} base  address of the scripts
   * @param {number} smoothing  0 to 1
   */
  constructor(element, spec, base, smoothing) {
    this.element = element;
    this.spec = spec;
    this.base = base;
    this.smoothing = smoothing;
    this.rows = { steps: { x: [] }, test: { x: [] } }; // all data received, by source and column
    this.drawn = false;
  }

  async draw() {
    this.plotly = await loadPlotly(this.base);
    this.#restart();
    await this.plotly.newPlot(this.element, this.#traces(), this.#layout(), SETTINGS);
    this.drawn = true;
  }

  // source "steps" or "test"; x in epochs; columns: {name: [values]}
  feed(source, x, columns) {
    const rows = this.rows[source];
    rows.x.push(...x);
    for (const [name, values] of Object.entries(columns)) (rows[name] ??= []).push(...values);
    if (!this.drawn || !x.length) return;
    const grown = this.spec.data.flatMap((trace, i) =>
      trace.meta.of === source && columns[trace.meta.column] ? [i] : [],
    );
    const ys = grown.map((i) => this.#shown(i, columns[this.spec.data[i].meta.column]));
    this.plotly.extendTraces(this.element, { x: grown.map(() => x), y: ys }, grown);
  }

  clear() {
    this.rows = { steps: { x: [] }, test: { x: [] } };
    if (this.drawn) this.#redraw();
  }

  smooth(weight) {
    this.smoothing = weight;
    if (this.drawn) this.#redraw();
  }

  retheme() {
    if (this.drawn) this.plotly.react(this.element, this.#traces(), this.#layout());
  }

  // A vertical line at x (in epochs); null removes it.
  cursor(x) {
    this.at = x;
    if (this.drawn) this.plotly.relayout(this.element, { shapes: this.#shapes() });
  }

  remove() {
    if (this.drawn) this.plotly.purge(this.element);
  }

  #restart() {
    this.smoothers = this.spec.data.map((trace) => (trace.meta.smooth ? new Smoother(this.smoothing) : null));
  }

  #shown(i, values) {
    const smoother = this.smoothers[i];
    return smoother ? values.map((y) => smoother.next(y)) : values;
  }

  #redraw() {
    this.plotly.react(this.element, this.#traces(), this.#layout());
  }

  #traces() {
    this.#restart();
    const { dark } = themeOf(this.element);
    return this.spec.data.map((trace, i) => {
      const rows = this.rows[trace.meta.of];
      const colour = tone(trace.meta.tone, dark);
      return {
        ...trace,
        x: [...rows.x],
        y: this.#shown(i, [...(rows[trace.meta.column] ?? [])]),
        line: { ...trace.line, color: colour },
        marker: { ...trace.marker, color: colour },
      };
    });
  }

  #shapes() {
    const { dark, text } = themeOf(this.element);
    const lines = this.spec.layout.shapes.map(({ tone: name, ...shape }) => {
      const colour = tone(name, dark);
      return {
        ...shape,
        line: { ...shape.line, color: colour },
        label: { ...shape.label, font: { ...shape.label.font, color: colour } },
      };
    });
    if (this.at === null || this.at === undefined) return lines;
    return [
      ...lines,
      {
        type: "line",
        xref: "x",
        yref: "paper",
        x0: this.at,
        x1: this.at,
        y0: 0,
        y1: 1,
        line: { width: 1.5, color: text },
      },
    ];
  }

  #layout() {
    const { text, border, background, font, dark } = themeOf(this.element);
    const axis = { gridcolor: withAlphaSafe(border, 0.7), linecolor: border, color: text, tickfont: { size: 12 } };
    const { xaxis, yaxis, annotations = [], ...rest } = this.spec.layout;
    const box = this.element.getBoundingClientRect();
    return {
      ...rest,
      autosize: true,
      height: box.height || 230,
      shapes: this.#shapes(),
      annotations: annotations.map(({ tone: name, ...note }) => ({
        ...note,
        font: { ...note.font, color: tone(name, dark) },
      })),
      font: { family: font, size: 13, color: text },
      legend: { ...rest.legend, font: { size: 12 } },
      hoverlabel: { bgcolor: background, bordercolor: border, font: { family: font, size: 12, color: text } },
      xaxis: { ...axis, ...xaxis },
      yaxis: { ...axis, ...yaxis },
    };
  }
}

const withAlphaSafe = (colour, alpha) => (/^#......$/.test(colour) ? withAlpha(colour, alpha) : colour);
