// The Home page's comparison: GAN, real and VAE digits in three equal grids, with loss curves below. Every now and then
// the browser replaces a generated digit with a new one from fresh noise.

import { Sheet, calm, el, fetchJson, ground } from "../shared/base.js";
import { Chart } from "../shared/chart.js";
import { Classes } from "../shared/classes.js";
import { drawNoise } from "../latent/latent.js";
import { Library, lastKept } from "../shared/library.js";
import { explained } from "../shared/terms.js";
import { PIXELS, SIDE, paint } from "../latent/nets.js";

const EVERY = 900; // ms between new digits in a grid
const CELLS = 64;
const PATIENCE = 1200; // ms before the weights are loaded, so that a user who moves on to another page at once does not wait for them
const NEXT = ["explore/explore", "train/live", "compare/compare"]; // scripts of other pages to prefetch; saves half a second of the first visit to Explore

export function mount({ parentElement, data }) {
  if (parentElement.gcHome) {
    parentElement.gcHome.retheme();
  } else {
    parentElement.gcHome = new Home(parentElement, data);
  }
  return () => {
    parentElement.gcHome?.remove();
    delete parentElement.gcHome;
  };
}

class Home {
  constructor(parent, data) {
    const { nouns } = new Classes();
    this.data = data;
    this.sheets = Object.fromEntries(["gan", "real", "vae"].map((kind) => [kind, new Sheet(8, 8, LABELS[kind])]));
    this.places = { gan: el("div", { class: "gc-chart" }), vae: el("div", { class: "gc-chart" }) };
    const grids = Object.entries(this.sheets).map(([kind, sheet]) => this.#grid(kind, sheet));
    const charts = ["gan", "vae"].map((kind) =>
      el(
        "figure",
        { class: `gc-${kind}` },
        el("figcaption", { class: "gc-title" }, ...explained(data.titles[kind], nouns)),
        this.places[kind],
      ),
    );
    this.root = el(
      "section",
      { class: "gc gc-home" },
      el("div", { class: "gc-grids" }, ...grids),
      el("p", { class: "gc-verdict" }, ...explained(data.verdict, nouns)),
      el("div", { class: "gc-curves" }, ...charts),
    );
    parent.append(this.root);
    ground(this.root);
    this.charts = {};
    this.timers = [];
    this.#show();
  }

  remove() {
    this.gone = true;
    this.timers.forEach(clearInterval);
    Object.values(this.charts).forEach((chart) => chart.remove());
    this.root.remove();
  }

  retheme() {
    ground(this.root);
    Object.values(this.charts).forEach((chart) => chart.retheme());
  }

  #grid(kind, sheet) {
    const { title, facts, distance, link } = this.data.captions[kind],
      { nouns } = new Classes();
    const caption = el(
      "figcaption",
      {},
      el("strong", {}, title),
      " ",
      ...explained(facts, nouns),
      el("div", {}, ...explained(distance, nouns)),
    );
    return el("figure", { class: `gc-${kind}`, title: link }, el("div", { class: "gc-frame" }, sheet.canvas), caption);
  }

  async #show() {
    const { api, models } = this.data;
    for (const kind of ["gan", "vae"])
      this.sheets[kind].show(`${api}/pictures/${models[kind].id}/${models[kind].epoch}/samples.png`);
    this.sheets.real.show(`${api}/real.png`);
    await Promise.all(["gan", "vae"].map((kind) => this.#curve(kind)));
    for (const name of NEXT) import(`${this.data.statics}/${name}.js`).catch(() => {});
    await new Promise((later) => setTimeout(later, PATIENCE));
    if (!calm() && !this.gone) await this.#enliven();
  }

  async #curve(kind) {
    const chart = new Chart(this.places[kind], this.data.charts[kind], this.data.statics, 0.9);
    const { run, steps, epochs } = await fetchJson(`${this.data.api}/news/${this.data.models[kind].id}?step=0&epoch=0`);
    await chart.draw();
    if (this.gone) return chart.remove();
    this.charts[kind] = chart;
    const { step, epoch, ...columns } = steps;
    chart.feed(
      "steps",
      step.map((s) => (s * run.epochs) / run.steps),
      columns,
    );
    const names = Object.keys(epochs[0]?.test ?? {});
    chart.feed(
      "test",
      epochs.map((row) => row.epoch),
      Object.fromEntries(names.map((name) => [name, epochs.map((row) => row.test[name])])),
    );
  }

  async #enliven() {
    const library = new Library(this.data.api);
    const facts = await Promise.all(["gan", "vae"].map((kind) => library.kept(this.data.models[kind].id)));
    const [gan, vae] = await Promise.all(facts.map((each) => library.model(each, lastKept(each))));
    const digits = await library.digits(facts[0]);
    if (this.gone) return;
    const out = new Float64Array(PIXELS);
    const fresh = {
      gan: () => paint(gan, drawNoise(seed(), gan.size, gan.config.noise), out).map((x) => 255 * x),
      vae: () => paint(vae, drawNoise(seed(), vae.size, "normal"), out).map((x) => 255 * x),
      real: () => {
        const i = Math.floor(Math.random() * digits.count);
        return digits.pixels.subarray(i * PIXELS, (i + 1) * PIXELS);
      },
    };
    Object.entries(fresh).forEach(([kind, draw], i) => {
      this.timers.push(
        setTimeout(
          () => this.timers.push(setInterval(() => document.hidden || renew(this.sheets[kind].canvas, draw()), EVERY)),
          (i * EVERY) / 3,
        ),
      );
    });
  }
}

const LABELS = { gan: "64 digits drawn by the GAN", real: "64 real test digits", vae: "64 digits drawn by the VAE" };
const seed = () => Math.floor(Math.random() * 2 ** 31);

// Fades a randomly chosen cell into a new digit.
function renew(canvas, grey) {
  const cell = Math.floor(Math.random() * CELLS);
  const context = canvas.getContext("2d");
  const [x, y] = [(cell % 8) * SIDE, Math.floor(cell / 8) * SIDE];
  const before = context.getImageData(x, y, SIDE, SIDE);
  const after = Array.from(grey);
  const started = performance.now();
  const step = (now) => {
    const done = Math.min(1, (now - started) / 350);
    const picture = context.createImageData(SIDE, SIDE);
    for (let i = 0; i < PIXELS; i++) {
      picture.data.fill(before.data[4 * i] * (1 - done) + after[i] * done, 4 * i, 4 * i + 3);
      picture.data[4 * i + 3] = 255;
    }
    context.putImageData(picture, x, y);
    if (done < 1) requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}
