// A race: up to four runs on one clock and one chart, with a table and their samples side by side.

import { Sheet, clock, el, ground, themeOf, thousands, wordTone, tone } from "../shared/base.js";
import { Chart } from "../shared/chart.js";
import { Choice } from "../shared/choice.js";
import { Classes } from "../shared/classes.js";
import { recall, remember } from "../shared/memory.js";
import { say, sayPlainly } from "../shared/terms.js";
import { clockAt } from "./clock.js";
import { Follower } from "./follower.js";

const OPEN = ["queued", "starting", "running", "paused"];
const SMOOTHING = 0.9;
const AXES = {
  seconds: ["Seconds of training", "Without waiting and pauses"],
  epochs: ["Epoch", "How often each model has seen its pictures"],
};
const COLUMNS = [
  "[Nats|negative ELBO]",
  "[Fréchet|Fréchet distance]",
  "[Epoch|epoch]",
  "Trained",
  "[Parameters|parameters]",
];
const DASHES = { solid: "", dash: "9 5", dot: "2 4", dashdot: "9 4 2 4" };
const WORDS = {
  frechet:
    "[Fréchet distance] of 2,000 samples, after the epochs whose weights are kept and every fifth. Lower is better.",
  test: "[Negative ELBO|negative ELBO] on the test set after each [epoch], in [nats] per image. Lower is better.",
  "loss vae":
    "[Negative ELBO|negative ELBO] of the pictures that were trained on, in [nats] per image. Lower is better.",
  "loss gan": "[Generator loss|generator loss] in [nats]: it shows who is ahead of whom, not who draws better.",
};

// Entry point of the component; Streamlit calls it again when the data or the theme changes.
export function mount({ parentElement, data, setTriggerValue }) {
  const named = (of) => of.variants.map(({ model }) => model).join();
  const same = parentElement.gcRace && named(parentElement.gcRace.data) === named(data);
  if (!same) {
    parentElement.gcRace?.remove();
    parentElement.gcRace = new Race(parentElement, data);
  }
  const race = parentElement.gcRace;
  race.data = data;
  race.onChange = (states) => setTriggerValue("changed", states);
  if (same) race.retheme();
  return () => {
    race.remove();
    delete parentElement.gcRace;
  };
}

// A link to the race then opens with the same chart.
function keepInAddress(choices) {
  const parts = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(choices)) parts.set(name, value);
  history.replaceState(history.state, "", `${location.pathname}?${parts}`);
}

// One run of a race, or of a lesson: what has been fetched of it, its row of the table, its pictures.
export class Variant {
  /** @type {{ step: number, epoch: number, checkup: number }} */
  seen;
  /** @type {Record<string, any[]>} */
  steps;
  /** @type {any[]} */
  epochs;
  /** @type {any[]} */
  checkups;
  /** @type {any} null until it has been fetched */
  run;

  /** @param {any} facts  of ui/race/view.py */
  constructor(facts) {
    this.facts = facts;
    this.#forget();
    this.sheet = new Sheet(8, 8, `64 samples of ${facts.name}`);
    this.when = el("span");
    this.figure = el(
      "figure",
      { class: `gc-${facts.kind}` },
      el("figcaption", { title: `${facts.name}: ${facts.about}` }, line(facts), el("strong", {}, facts.name)),
      el("div", { class: "gc-frame" }, this.sheet.canvas),
      this.when,
    );
    this.cells = Array.from({ length: COLUMNS.length }, () => el("td"));
    this.state = el("small");
    const name = el(
      "th",
      { scope: "row", title: facts.about, class: `gc-${facts.kind}` },
      line(facts),
      facts.name,
      this.state,
    );
    this.row = el("tr", {}, name, ...this.cells);
  }

  #forget() {
    this.seen = { step: 0, epoch: 0, checkup: 0 };
    this.run = null;
    this.steps = { step: [] };
    this.epochs = [];
    this.checkups = [];
    this.pace = 0;
  }

  get isOpen() {
    return !this.run || OPEN.includes(this.run.state) || this.run.state === "lost";
  }

  take({ run, pace, steps, epochs, checkups, preview }) {
    if (run.step < this.seen.step) this.#forget(); // resumed from an earlier epoch
    this.run = run;
    this.pace = pace;
    this.preview = preview;
    if (!steps.step.length || steps.step[0] > this.seen.step)
      for (const [name, values] of Object.entries(steps)) (this.steps[name] ??= []).push(...values);
    this.epochs.push(...epochs.filter(({ epoch }) => epoch > this.seen.epoch));
    this.checkups.push(...checkups.filter(({ epoch }) => epoch > this.seen.checkup));
    this.seen = {
      step: this.steps.step.at(-1) ?? 0,
      epoch: this.epochs.at(-1)?.epoch ?? 0,
      checkup: this.checkups.at(-1)?.epoch ?? 0,
    };
  }

  /** Seconds of training until now. */
  get seconds() {
    return clockAt([Math.max(this.run?.step ?? 0, this.seen.step)], this.epochs, this.pace)[0];
  }

  // The points of a measure. axis: a key of AXES.
  points(measure, axis) {
    const { steps, ys } = this.#measured(measure);
    const anEpoch = this.run?.steps / this.run?.epochs || 1;
    return {
      x: axis === "epochs" ? steps.map((step) => step / anEpoch) : clockAt(steps, this.epochs, this.pace),
      y: ys,
    };
  }

  #measured(measure) {
    if (measure === "test")
      return {
        steps: this.epochs.map(({ step }) => step),
        ys: this.epochs.map(({ test }) => test.negative_elbo ?? null),
      };
    if (measure === "frechet") {
      const stepOf = Object.fromEntries(this.epochs.map(({ epoch, step }) => [epoch, step]));
      const found = this.checkups.filter(({ epoch }) => epoch in stepOf);
      return { steps: found.map(({ epoch }) => stepOf[epoch]), ys: found.map(({ frechet }) => frechet) };
    }
    const { step, generator_loss: generator, reconstruction, kl } = this.steps;
    return {
      steps: step,
      ys: generator ?? reconstruction?.map((each, i) => (each === null ? null : each + kl[i])) ?? [],
    };
  }

  get distance() {
    return this.checkups.at(-1)?.frechet;
  }

  get nats() {
    return this.epochs.at(-1)?.test.negative_elbo;
  }
}

export class Race extends Follower {
  /** @type {Choice} */
  measures;
  /** @type {Choice} */
  axes;

  constructor(parent, data) {
    super();
    this.data = data;
    this.nouns = new Classes(data.classes).nouns;
    this.variants = data.variants.map((each) => new Variant(each));
    const known = data.measures.map(({ key }) => key);
    const address = new URLSearchParams(location.search);
    this.measure =
      [address.get("measure"), recall("gencmp-race-measure")].find((key) => known.includes(key)) ?? known[0];
    this.axis = [address.get("axis"), recall("gencmp-race-axis")].find((key) => key && key in AXES) ?? "seconds";
    this.#build(parent);
    this.#choose();
    this.follow();
  }

  remove() {
    this.leave();
    this.chart?.remove();
    this.root.remove();
  }

  retheme() {
    ground(this.root);
    this.#paint();
    this.chart?.retheme();
  }

  #build(parent) {
    this.measures = new Choice(
      "What the chart shows",
      this.data.measures.map(({ key, name }) => [key, name, ""]),
      (key) => this.#choose({ measure: key }),
      "gc-choice",
    );
    this.axes = new Choice(
      "Horizontal axis",
      Object.entries(AXES).map(([key, [, title]]) => [key, key[0].toUpperCase() + key.slice(1), title]),
      (key) => this.#choose({ axis: key }),
      "gc-choice",
    );
    this.place = el("div", { class: "gc-chart" });
    this.caption = el("p", { class: "gc-said" });
    this.waits = el("p", { class: "gc-said", role: "status" });
    this.root = el(
      "section",
      { class: "gc gc-race", "aria-label": "Race" },
      el("div", { class: "gc-choices" }, this.measures.root, this.axes.root),
      el(
        "div",
        { class: "gc-course" },
        el("div", {}, this.place, this.caption),
        el("div", {}, this.#table(), this.waits),
      ),
      el("div", { class: "gc-grids" }, ...this.variants.map(({ figure }) => figure)),
    );
    this.root.style.setProperty("--variants", String(this.variants.length));
    parent.append(this.root);
    ground(this.root);
    this.#paint();
  }

  #table() {
    const cells = COLUMNS.map((words) => {
      const cell = el("th", { scope: "col" });
      say(cell, words, this.nouns);
      return cell;
    });
    return el(
      "div",
      { class: "gc-scroll", tabindex: "0", role: "region", "aria-label": "Figures of the race" },
      el(
        "table",
        {},
        el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Run"), ...cells)),
        el("tbody", {}, ...this.variants.map(({ row }) => row)),
      ),
    );
  }

  // The lines beside the names have the curves' colours.
  #paint() {
    const { dark } = themeOf(this.root);
    for (const { facts, row, figure } of this.variants)
      for (const each of [row, figure]) {
        each.style.setProperty("--line", tone(facts.tone, dark));
        each.style.setProperty("--name", wordTone(facts.tone, dark));
      }
  }

  #choose({ measure = this.measure, axis = this.axis } = {}) {
    if (measure !== this.measure) remember("gencmp-race-measure", measure);
    if (axis !== this.axis) remember("gencmp-race-axis", axis);
    if (measure !== this.measure || axis !== this.axis) keepInAddress({ measure, axis });
    Object.assign(this, { measure, axis });
    this.measures.show(measure);
    this.axes.show(axis);
    const kinds = measure === "loss" ? ` ${this.variants[0].facts.kind}` : "";
    say(this.caption, WORDS[measure + kinds], this.nouns);
    this.#newChart();
  }

  async #newChart() {
    this.chart?.remove();
    const place = el("div", { class: "gc-chart" });
    this.place.replaceWith(place);
    this.place = place;
    const spec = structuredClone(this.data.measures.find(({ key }) => key === this.measure).chart);
    const [title] = AXES[this.axis];
    spec.layout.xaxis.title.text = title;
    spec.layout.xaxis.unifiedhovertitle = {
      text: this.axis === "epochs" ? "Epoch %{x:.2f}" : "%{x:.1f} s of training",
    };
    const chart = new Chart(place, spec, this.data.statics, SMOOTHING);
    this.chart = chart;
    await chart.draw();
    if (this.gone || chart !== this.chart) return chart.remove();
    this.#curves();
  }

  show() {
    this.#rows();
    this.#curves();
    for (const variant of this.variants) this.#pictures(variant);
    sayPlainly(this.waits, waitingWords(this.variants, this.data.at_once));
  }

  #curves() {
    this.chart?.show(
      Object.fromEntries(this.variants.map((each) => [each.facts.model, each.points(this.measure, this.axis)])),
    );
  }

  #rows() {
    const best = (name) => Math.min(...this.variants.map((each) => each[name] ?? Infinity));
    const [nats, distance] = [best("nats"), best("distance")];
    for (const variant of this.variants) {
      const { run, facts, cells } = variant;
      if (!run) continue;
      const place = run.state === "queued" && run.place > 1 ? `, number ${run.place}` : "";
      const words = [
        variant.nats?.toFixed(1) ?? "–",
        variant.distance?.toFixed(1) ?? "–",
        `${run.epoch_now} of ${run.epochs}`,
        clockWords(variant.seconds),
        thousands(facts.parameters),
      ];
      words.forEach((each, i) => (cells[i].textContent = each));
      variant.state.textContent = `${run.word}${place}`;
      variant.state.title = run.reason;
      cells[0].classList.toggle("gc-best", variant.nats === nats);
      cells[1].classList.toggle("gc-best", variant.distance === distance);
    }
  }

  #pictures({ run, sheet, when, epochs, preview, facts }) {
    const last = epochs.at(-1);
    const { api } = this.data;
    if (!run) return;
    if (preview !== null && preview >= (last?.step ?? 0) && run.state !== "finished") {
      sheet.show(`${api}/preview/${facts.model}/${preview}/samples.png`);
      say(when, preview ? `in [epoch] ${run.epoch_now}` : "before training", this.nouns);
    } else if (last) {
      sheet.show(`${api}/pictures/${facts.model}/${last.epoch}/samples.png`);
      say(when, `after [epoch] ${last.epoch}`, this.nouns);
    } else say(when, waitsFor(run), this.nouns);
  }
}

const clockWords = (seconds) => (seconds < 60 ? `${seconds.toFixed(1)} s` : clock(seconds));
export const waitsFor = ({ state }) =>
  ({ queued: "waits for its turn", starting: "starting the worker, about 5 s" })[state] ?? "no picture";

// A piece of the variant's curve, beside its name.
export function line({ dash }) {
  const picture = el("i", { class: "gc-swatch", "aria-hidden": "true" });
  picture.innerHTML = `<svg viewBox="0 0 28 8"><line x1="1" x2="27" y1="4" y2="4" stroke-dasharray="${DASHES[dash]}"/></svg>`;
  return picture;
}

/**
 * Who waits for whom; empty if nobody does.
 * @param {any[]} variants
 * @param {Record<string, number>} atOnce  how many of a kind may train at once
 */
export function waitingWords(variants, atOnce) {
  const live = variants.filter(({ run }) => ["starting", "running"].includes(run?.state));
  const waiting = variants.filter(({ run }) => run?.state === "queued");
  const kinds = [...new Set(waiting.map(({ run }) => run.kind))];
  const turns = kinds.map(
    (kind) => `${atOnce[kind]} ${kind.toUpperCase()}${atOnce[kind] > 1 ? "s train" : " trains"} at a time`,
  );
  return [
    waiting.length
      ? `${waiting.map(({ run }) => run.name).join(", ")}: waiting. Here ${turns.join(" and ")} (Queue on the Runs page).`
      : "",
    waiting.length ? "The clock counts seconds of training, not of waiting." : "",
    live.length > 1 ? "Runs that train at the same time share the processor, which makes their seconds longer." : "",
  ]
    .filter(Boolean)
    .join(" ");
}
