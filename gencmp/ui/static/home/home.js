// The Home page's comparison: GAN, real and VAE digits in three equal grids, with loss curves below. Every now and then
// a digit is replaced by another one. The server draws them from fresh noise, 64 at a time: that is 60 kB a minute, while
// the weights and pictures to draw them here would be 10 MB.

import { Sheet, calm, contextOf, el, fetchJson, ground, loadPicture } from "../shared/base.js";
import { Chart } from "../shared/chart.js";
import { Classes } from "../shared/classes.js";
import { explained } from "../shared/terms.js";
import { SIDE } from "../latent/nets.js";
import { uncover } from "./still.js";

const EVERY = 900; // ms between new digits in a grid
const CELLS = 64;
const SHEETS = 64; // as in routes/home.py
const PATIENCE = 1200; // ms before more digits are fetched, so that a user who moves on to another page at once does not wait for them
const NEAR = "400px"; // below the screen: charts as near as this are drawn, as a phone without need of them should not fetch Plotly

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
    this.near?.disconnect();
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
    const pictures = ["gan", "vae"].map((kind) =>
      this.sheets[kind].show(`${api}/pictures/${models[kind].id}/${models[kind].epoch}/samples.png`),
    );
    await Promise.all([...pictures, this.sheets.real.show(`${api}/real.png`)]);
    if (this.gone) return;
    uncover();
    this.#drawNearCurves();
    await new Promise((later) => setTimeout(later, PATIENCE));
    if (!calm() && !this.gone) this.#enliven();
  }

  #drawNearCurves() {
    const near = new IntersectionObserver(
      (seen) => {
        for (const { isIntersecting, target } of seen) {
          if (!isIntersecting) continue;
          near.unobserve(target);
          this.#curve(target === this.places.gan ? "gan" : "vae");
        }
      },
      { root: this.root.closest('[data-testid="stMain"]'), rootMargin: `${NEAR} 0px` },
    );
    this.near = near;
    Object.values(this.places).forEach((place) => near.observe(place));
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

  #enliven() {
    const { api, models } = this.data;
    const addresses = {
      gan: `${api}/fresh/${models.gan.id}`,
      real: `${api}/real`,
      vae: `${api}/fresh/${models.vae.id}`,
    };
    Object.entries(addresses).forEach(([kind, address], i) => {
      const digits = new Digits(address);
      const next = async () => {
        const digit = document.hidden ? undefined : await digits.next();
        if (digit && !this.gone) renew(this.sheets[kind].canvas, digit);
      };
      this.timers.push(setTimeout(() => this.timers.push(setInterval(next, EVERY)), (i * EVERY) / 3));
    });
  }
}

/** @typedef {{ picture: ImageBitmap, cell: number }} Digit */

// Digits one after the other, from one sheet after the other; the first is chosen by chance.
class Digits {
  /** @param {string} address  of the sheets */
  constructor(address) {
    this.address = address;
    this.sheet = Math.floor(Math.random() * SHEETS);
    /** @type {Digit[]} */
    this.left = []; // of the sheet
  }

  /** @returns {Promise<Digit | undefined>} undefined while there is none */
  async next() {
    if (!this.left.length && !this.asked) {
      this.asked = true;
      const picture = await loadPicture(`${this.address}/${this.sheet}.png`).catch(() => null);
      this.asked = false;
      if (picture) this.left = Array.from({ length: CELLS }, (_, cell) => ({ picture, cell }));
      this.sheet = (this.sheet + 1) % SHEETS;
    }
    return this.left.pop();
  }
}

const LABELS = { gan: "64 digits drawn by the GAN", real: "64 real test digits", vae: "64 digits drawn by the VAE" };

const place = (cell) => [(cell % 8) * SIDE, Math.floor(cell / 8) * SIDE];

/**
 * Fades a randomly chosen cell into another digit.
 * @param {HTMLCanvasElement} canvas
 * @param {Digit} digit
 */
function renew(canvas, { picture, cell }) {
  const context = contextOf(canvas),
    there = place(Math.floor(Math.random() * CELLS)),
    started = performance.now();
  let before = 0;
  const step = (now) => {
    const done = Math.min(1, (now - started) / 350);
    context.globalAlpha = before < 1 ? Math.max(0, (done - before) / (1 - before)) : 1; // of what is left of the old one
    context.drawImage(picture, ...place(cell), SIDE, SIDE, ...there, SIDE, SIDE);
    context.globalAlpha = 1;
    before = done;
    if (done < 1) requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}
