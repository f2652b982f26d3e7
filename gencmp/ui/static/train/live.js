// A live card of a run: state, progress, curves and pictures. It polls the server for news three times a second while
// the run is open, and stops when it has ended.

import { Sheet, el, fetchJson, ground, thousands } from "../shared/base.js";
import { Chart } from "../shared/chart.js";
import { Classes } from "../shared/classes.js";
import { recall, remember } from "../shared/memory.js";
import { explained, say, sayPlainly } from "../shared/terms.js";
import { Diagnosis, beginning } from "./diagnosis.js";
import { showGhosts } from "./ghosts.js";
import { Histogram } from "./histogram.js";
import { PlaneFigure } from "./planefigure.js";
import { BEFORE, OPEN, STATES, factsOf, testWords, waitingWords, wordsOf } from "./statewords.js";

const EVERY = 330; // ms
const HIDDEN = 2000; // ms, in a hidden tab

// Entry point of the component; Streamlit calls it again when the data or the theme changes.
export function mount({ parentElement, data, setTriggerValue }) {
  const same = parentElement.gcCard?.data.model === data.model;
  if (!same) {
    parentElement.gcCard?.remove();
    parentElement.gcCard = new LiveCard(parentElement, data);
  }
  const card = parentElement.gcCard;
  card.renew(data);
  card.onChange = (state) => setTriggerValue("changed", state);
  card.onCure = () => setTriggerValue("cure", true);
  if (same) card.retheme();
  if (same && data.state !== card.run?.state) card.wake();
  return () => {
    card.remove();
    delete parentElement.gcCard;
  };
}

export class LiveCard {
  /** @type {any[]} containers of the charts */
  chartPlaces;
  /** @type {Diagnosis} */
  diagnosis;
  /** @type {Histogram} */
  histogram;
  /** @type {Sheet} */
  samples;
  /** @type {PlaneFigure} VAE only */
  plane;
  /** @type {((state: string) => void) | undefined} called when the run's state has changed since the page was drawn */
  onChange;
  /** @type {(() => void) | undefined} called when the user wants what the diagnosis advises */
  onCure;

  constructor(parent, data) {
    this.data = data;
    this.seen = { step: 0, epoch: 0 };
    this.epochs = [];
    this.follow = true;
    /** @type {any[]} the words in empty boxes, each with its picture */
    this.waiting = [];
    this.goesOn = 0; // the epoch that a resumed run continues from
    this.classes = new Classes(data.classes);
    this.#build(parent);
    this.charts = data.charts.map((spec, i) => new Chart(this.chartPlaces[i], spec, data.statics, smoothing()));
    this.ready = Promise.all(this.charts.map((chart) => chart.draw()));
    addEventListener("gencmp-look", (this.onLook = (event) => event.detail === data.model && this.wake()));
    showGhosts(this.charts, data.ghosts, data.api);
    addEventListener("gencmp-smoothing", (this.onSmoothing = (event) => this.#smooth(event.detail)));
    this.#tick();
  }

  remove() {
    this.gone = true;
    clearTimeout(this.timer);
    removeEventListener("gencmp-look", this.onLook);
    removeEventListener("gencmp-smoothing", this.onSmoothing);
    this.charts.forEach((chart) => chart.remove());
    this.root.remove();
  }

  // Takes the page's new data about the same run.
  renew(data) {
    this.data = data;
    this.#aboutWords();
  }

  // Poll immediately: the run may have been resumed.
  wake() {
    clearTimeout(this.timer);
    this.#tick();
  }

  retheme() {
    ground(this.root);
    this.charts.forEach((chart) => chart.retheme());
    this.plane?.draw();
  }

  // Elements

  #build(parent) {
    const { kind } = this.data;
    this.badge = el("span", { class: "gc-badge", role: "status" });
    this.facts = el("span", { class: "gc-facts" });
    this.bar = el("div", { class: "gc-bar" }, el("i"));
    this.bar.setAttribute("role", "progressbar");
    this.bar.setAttribute("aria-label", `Progress of the ${kind.toUpperCase()}`);
    this.words = el("p", { class: "gc-words" });
    this.chartPlaces = [0, 1].map((i) => el("div", { class: `gc-chart gc-chart-${i}` }));
    this.samples = new Sheet(8, 8, "64 samples, always from the same noise");
    this.scrub = el("input", {
      type: "range",
      min: "1",
      max: "1",
      value: "1",
      class: "gc-scrub",
      title: "Show the samples of an earlier epoch",
      "aria-label": "Epoch shown",
    });
    this.scrub.addEventListener("input", () => this.#goTo(Number(this.scrub.value)));
    this.when = el("span");
    const { nouns } = this.classes;
    this.caption = el("figcaption", {}, ...explained("64 samples from the same [noise]", nouns), this.when);
    this.histogram = new Histogram();
    const samples = el(
      "figure",
      { class: "gc-samples" },
      this.#waits(framed(this.samples)),
      this.caption,
      this.scrub,
      this.histogram.root,
    );
    this.name = el("span", { class: "gc-name" });
    this.about = el("p", { class: "gc-about" });
    this.changes = el("p", { class: "gc-changes" });
    this.diagnosis = new Diagnosis(() => this.onCure?.());
    this.changed = 0;
    const isVae = kind === "vae";
    if (isVae) {
      this.plane = new PlaneFigure(this.classes);
      this.#waits(this.plane.box);
    }
    this.root = el(
      "section",
      { class: `gc gc-card gc-${kind}`, "aria-label": `${kind.toUpperCase()}, live` },
      el("header", {}, el("strong", {}, kind.toUpperCase()), this.name, this.badge, this.facts),
      this.bar,
      el("div", { class: "gc-line" }, this.about, this.#smoothingSlider()),
      this.words,
      this.diagnosis.root,
      this.changes,
      el("div", { class: "gc-charts" }, this.chartPlaces[0], isVae ? this.chartPlaces[1] : null),
      el(
        "div",
        { class: "gc-pair" },
        samples,
        isVae ? el("div", {}, this.plane.root, this.#reconstructionFigure()) : this.chartPlaces[1],
      ),
    );
    this.#aboutWords();
    parent.append(this.root);
    ground(this.root);
    this.plane?.draw(); // on this ground
  }

  // A box with words in it until its canvas has something to show, which live.css sees.
  #waits(box) {
    const words = el("p", { class: "gc-waits" });
    this.waiting.push(words);
    box.classList.add("gc-box");
    box.append(words);
    return box;
  }

  // Which run this is: a class looks at several, and at some that are here only for comparison.
  #aboutWords() {
    const { about, role } = this.data;
    this.about.textContent = [role, about].filter(Boolean).join(" · ");
    this.root.classList.toggle("gc-aside", Boolean(role));
  }

  // What was changed while it trained, in words; the charts mark where.
  #changedWords(changes) {
    if (changes.length === this.changed) return;
    this.changed = changes.length;
    this.changes.textContent = changes.map(({ words }) => `${words}. `).join("");
  }

  #smoothingSlider() {
    const slider = el("input", {
      type: "range",
      min: "0",
      max: "0.99",
      step: "0.01",
      value: String(smoothing()),
      "aria-label": "Smoothing of the curves",
    });
    slider.addEventListener("input", () => {
      remember("gencmp-smoothing", slider.value);
      dispatchEvent(new CustomEvent("gencmp-smoothing", { detail: Number(slider.value) }));
    });
    this.slider = slider;
    return el(
      "label",
      {
        class: "gc-smooth",
        title:
          "Exponential moving average over the previous steps, with bias correction. The faint line is not smoothed.",
      },
      "Smoothing",
      slider,
    );
  }

  #reconstructionFigure() {
    this.originals = new Sheet(10, 1, "Test pictures");
    this.copies = new Sheet(10, 1, "Their reconstructions");
    this.originalsWords = el("span", {}, `test ${this.classes.nouns.pictures}`);
    return el(
      "figure",
      { class: "gc-copies" },
      this.originalsWords,
      framed(this.originals),
      el("span", {}, "reconstructed"),
      framed(this.copies),
    );
  }

  // News

  async #tick() {
    try {
      const { step, epoch } = this.seen;
      const news = await fetchJson(`${this.data.api}/news/${this.data.model}?step=${step}&epoch=${epoch}`);
      await this.ready;
      if (this.gone) return;
      this.#take(news);
      dispatchEvent(new CustomEvent("gencmp-news", { detail: { model: this.data.model, news } })); // machine.js hears it
      this.quiet = false;
    } catch {
      if (this.gone) return;
      if (this.quiet) sayPlainly(this.words, "The dashboard does not respond. Retrying …");
      this.quiet = true;
    }
    clearTimeout(this.timer);
    const unreported = this.run && this.run.state !== this.data.state;
    const open = !this.run || unreported || OPEN.includes(this.run.state) || this.run.state === "lost" || this.quiet;
    if (open)
      this.timer = setTimeout(() => this.#tick(), document.hidden || this.run?.state === "lost" ? HIDDEN : EVERY);
  }

  #take({ run, steps, epochs, preview, checkup, changes, diagnosis }) {
    if (run.step < this.seen.step) this.#forget(); // resumed from an earlier epoch
    if (BEFORE.includes(run.state)) this.goesOn = run.epoch;
    this.run = run;
    this.#names(run.classes);
    this.#curves(steps, epochs);
    this.charts.forEach((chart) => chart.mark([...changes, ...beginning(diagnosis)]));
    this.diagnosis.show(diagnosis, this.classes.nouns);
    this.#changedWords(changes);
    this.#head();
    this.preview = preview;
    this.histogram.show(checkup, this.classes);
    if (this.follow) this.#pictures();
    // reported repeatedly until the page reacts, because a report during a rerun of the page is lost
    if (run.state !== this.data.state && performance.now() - (this.reported ?? -Infinity) > 1500) {
      this.reported = performance.now();
      this.onChange?.(run.state);
    }
  }

  // The class names are known once the run has read its data.
  #names(names) {
    if (names.join() === this.classes.names.join()) return;
    this.classes = new Classes(names);
    this.histogram.epoch = null; // of other names
    this.charts.forEach((chart) => chart.explain(this.classes.nouns));
    if (!this.plane) return;
    this.plane.name(this.classes);
    this.originalsWords.textContent = `test ${this.classes.nouns.pictures}`;
  }

  #forget() {
    this.seen = { step: 0, epoch: 0 };
    this.epochs = [];
    this.charts.forEach((chart) => chart.clear());
  }

  #curves(steps, epochs) {
    const anEpoch = this.run.steps / this.run.epochs || 1;
    const { step, epoch, ...columns } = steps;
    const news = epochs.filter((row) => row.epoch > this.seen.epoch);
    if (step.length && step[0] > this.seen.step) {
      this.charts.forEach((chart) =>
        chart.feed(
          "steps",
          step.map((s) => s / anEpoch),
          columns,
        ),
      );
      this.seen.step = step.at(-1);
    }
    if (news.length) {
      const names = Object.keys(news[0].test);
      const test = Object.fromEntries(names.map((name) => [name, news.map((row) => row.test[name])]));
      this.charts.forEach((chart) =>
        chart.feed(
          "test",
          news.map((row) => row.epoch),
          test,
        ),
      );
      this.epochs.push(...news);
      this.seen.epoch = news.at(-1).epoch;
    }
  }

  #head() {
    const { run } = this;
    this.root.dataset.state = run.state;
    this.name.textContent = run.name.replace(new RegExp(`^${run.kind} `, "i"), ""); // the kind stands before it
    this.name.title = run.name;
    this.badge.textContent = STATES[run.state];
    const share = run.steps ? run.step / run.steps : 0;
    this.bar.firstChild.style.width = `${100 * share}%`;
    this.bar.setAttribute("aria-valuenow", Math.round(100 * share));
    this.facts.textContent = factsOf(run);
    this.facts.title = run.where ? `Trains ${run.where}` : "";
    const wentOn =
      this.goesOn && run.epoch === this.goesOn && OPEN.includes(run.state)
        ? `Continues from epoch ${this.goesOn}.`
        : "";
    const words = wordsOf(run) || wentOn;
    if (words) sayPlainly(this.words, words);
    else say(this.words, testWords(this.epochs.at(-1)?.test), this.classes.nouns);
    for (const place of this.waiting) place.textContent = waitingWords(run);
  }

  // Pictures

  #pictures() {
    const last = this.epochs.at(-1);
    this.scrub.max = String(Math.max(1, last?.epoch ?? 1));
    this.scrub.disabled = !last;
    this.scrub.value = this.scrub.max;
    const fresh = this.preview !== null && this.preview >= (last?.step ?? 0) && this.run.state !== "finished";
    if (fresh)
      this.#show(
        `${this.data.api}/preview/${this.data.model}/${this.preview}`,
        this.preview ? `step ${thousands(this.preview)}` : "before training",
      );
    else if (last)
      this.#show(`${this.data.api}/pictures/${this.data.model}/${last.epoch}`, `after [epoch] ${last.epoch}`);
    if (last) this.#copies(last.epoch);
    if (fresh) this.plane?.show(`${this.data.api}/preview/${this.data.model}/${this.preview}/plane`, true);
    else if (last) this.#planeOf(last.epoch);
  }

  #goTo(epoch) {
    this.follow = epoch === Number(this.scrub.max);
    this.charts.forEach((chart) => chart.cursor(this.follow ? null : epoch));
    if (this.follow) return this.#pictures();
    epoch = this.#pictured(epoch);
    this.#show(`${this.data.api}/pictures/${this.data.model}/${epoch}`, `after [epoch] ${epoch}`);
    this.#copies(epoch);
    this.#planeOf(epoch);
  }

  #planeOf(epoch) {
    this.plane?.show(`${this.data.api}/plane/${this.data.model}/${epoch}`, OPEN.includes(this.run.state));
  }

  // The nearest epoch with saved pictures: long runs save every nth epoch, and always the first and the last.
  #pictured(epoch) {
    const every = this.run.pictured_every;
    return Math.min(Math.max(1, Math.round(epoch / every) * every), this.epochs.at(-1).epoch);
  }

  #show(url, when) {
    this.samples.show(`${url}/samples.png`);
    say(this.when, `, ${when}`, this.classes.nouns);
  }

  #copies(epoch) {
    this.originals?.show(`${this.data.api}/pictures/${this.data.model}/${epoch}/originals.png`);
    this.copies?.show(`${this.data.api}/pictures/${this.data.model}/${epoch}/reconstructions.png`);
  }

  #smooth(weight) {
    this.slider.value = String(weight);
    this.charts.forEach((chart) => chart.smooth(weight));
  }
}

const framed = (sheet) => el("div", { class: "gc-frame" }, sheet.canvas);

const smoothing = () => Number(recall("gencmp-smoothing") ?? 0.9);
