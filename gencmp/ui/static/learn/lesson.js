// The runs of a lesson while they train: how far each is, the charts that matter, and 64 samples of each.

import { clock, el, ground, themeOf, tone, wordTone } from "../shared/base.js";
import { Chart } from "../shared/chart.js";
import { Classes } from "../shared/classes.js";
import { say, sayPlainly } from "../shared/terms.js";
import { Follower } from "../race/follower.js";
import { Variant, line, waitsFor } from "../race/race.js";

const SMOOTHING = 0.9;

// Entry point of the component; Streamlit calls it again when the data or the theme changes.
export function mount({ parentElement, data, setTriggerValue }) {
  const named = (of) => of.variants.map(({ model }) => model).join();
  const same = parentElement.gcLesson && named(parentElement.gcLesson.data) === named(data);
  if (!same) {
    parentElement.gcLesson?.remove();
    parentElement.gcLesson = new LessonRuns(parentElement, data);
  }
  const lesson = parentElement.gcLesson;
  lesson.data = data;
  lesson.onChange = (states) => setTriggerValue("changed", states);
  if (same) lesson.retheme();
  return () => {
    lesson.remove();
    delete parentElement.gcLesson;
  };
}

/**
 * The curve of a lesson's measure: places in steps, and values.
 * @param {string} measure
 * @param {{ steps: Record<string, any[]>, epochs: any[], checkups: any[] }} run  what has been fetched of it
 */
export function curve(measure, { steps, epochs, checkups }) {
  if (measure === "apart")
    return { steps: steps.step, ys: (steps.d_real ?? []).map((real, i) => minus(real, steps.d_fake[i])) };
  if (measure === "loss") return shares(steps, epochs);
  if (measure === "reconstruction" || measure === "spread" || measure.startsWith("silent_"))
    return { steps: epochs.map(({ step }) => step), ys: epochs.map(({ test }) => test[measure] ?? null) };
  const stepOf = Object.fromEntries(epochs.map(({ epoch, step }) => [epoch, step]));
  const found = checkups.filter(({ epoch }) => epoch in stepOf);
  const value = measure === "by_heart" ? ({ d_train, d_test }) => minus(d_train, d_test) : ({ frechet }) => frechet;
  return { steps: found.map(({ epoch }) => stepOf[epoch]), ys: found.map(value) };
}

const minus = (a, b) => (a === null || b === null ? null : a - b);

// After each epoch, a loss as a share of what it was after the first: the test set's, or the generator's mean over the epoch.
function shares(steps, epochs) {
  const generator = steps.generator_loss;
  let from = 0;
  const ys = epochs.map(({ step, test }) => {
    if (!generator) return test.negative_elbo;
    const to = steps.step.findLastIndex((each) => each <= step) + 1;
    const values = generator.slice(from, to).filter(Number.isFinite);
    from = to;
    return values.length ? values.reduce((sum, each) => sum + each, 0) / values.length : null;
  });
  return { steps: epochs.map(({ step }) => step), ys: ys.map((y) => (y === null ? null : y / ys[0])) };
}

/**
 * Why some do not train yet; empty if none waits.
 * @param {any[]} variants
 * @param {Record<string, number>} atOnce  how many of a kind may train at once
 */
export function queueWords(variants, atOnce) {
  const waiting = variants.filter(({ run }) => run?.state === "queued").map(({ run }) => run);
  if (!waiting.length) return "";
  const kinds = [...new Set(waiting.map(({ kind }) => kind))];
  const turns = kinds.map((kind) => `${atOnce[kind]} ${kind.toUpperCase()}${atOnce[kind] > 1 ? "s train" : " trains"}`);
  const before = Math.min(...waiting.map(({ place }) => place)) - 1;
  const others = before > 0 ? ` ${before} other run${before > 1 ? "s" : ""} came before.` : "";
  return `The runs take turns: ${turns.join(" and ")} at a time.${others} You can leave this page; they go on.`;
}

// One chart of a lesson, with what to look at.
class LessonChart {
  constructor(facts, statics, nouns) {
    this.measure = facts.measure;
    this.place = el("div", { class: "gc-chart" });
    this.chart = new Chart(this.place, facts.chart, statics, SMOOTHING);
    const look = el("p", { class: "gc-look" });
    say(look, facts.look, nouns);
    this.root = el("figure", {}, el("h3", {}, facts.title), this.place, look);
  }

  show(variants) {
    const rows = variants.map((each) => {
      const { steps, ys } = curve(this.measure, each);
      const anEpoch = each.run ? each.run.steps / each.run.epochs || 1 : 1;
      return [each.facts.model, { x: steps.map((step) => step / anEpoch), y: ys }];
    });
    this.chart.show(Object.fromEntries(rows));
  }
}

class LessonRuns extends Follower {
  constructor(parent, data) {
    super();
    this.data = data;
    this.nouns = new Classes(data.classes).nouns;
    this.variants = data.variants.map((each) => new Variant(each));
    this.charts = data.charts.map((each) => new LessonChart(each, data.statics, this.nouns));
    this.#build(parent);
    this.follow();
    for (const each of this.charts) this.#draw(each);
  }

  remove() {
    this.leave();
    for (const { chart } of this.charts) chart.remove();
    this.root.remove();
  }

  retheme() {
    ground(this.root);
    this.#paint();
    for (const { chart } of this.charts) chart.retheme();
  }

  async #draw(each) {
    await each.chart.draw();
    if (this.gone) each.chart.remove();
    else each.show(this.variants);
  }

  #build(parent) {
    this.waits = el("p", { class: "gc-said", role: "status" });
    this.cards = this.variants.map((variant) => this.#card(variant));
    this.root = el(
      "section",
      { class: "gc gc-lesson", "aria-label": "The runs of this lesson" },
      el("div", { class: "gc-grids" }, ...this.cards.map(({ root }) => root)),
      this.waits,
      el("div", { class: "gc-charts" }, ...this.charts.map(({ root }) => root)),
    );
    this.root.style.setProperty("--variants", String(this.variants.length));
    parent.append(this.root);
    ground(this.root);
    this.#paint();
  }

  // A run: its name with its line, what differs, how far it is, its newest samples.
  #card({ facts, sheet, when }) {
    const bar = el("progress", { max: 1, value: 0, "aria-label": `Progress: ${facts.label}` });
    const state = el("span", { class: "gc-state" });
    const about = el("small");
    say(about, facts.about, this.nouns);
    const root = el(
      "figure",
      { class: `gc-${facts.kind}` },
      el("figcaption", {}, line(facts), el("strong", {}, facts.label), about),
      el("div", { class: "gc-far" }, bar, state),
      el("div", { class: "gc-frame" }, sheet.canvas),
      when,
    );
    return { root, bar, state };
  }

  // The lines beside the names have the curves' colours.
  #paint() {
    const { dark } = themeOf(this.root);
    this.variants.forEach(({ facts }, i) => {
      this.cards[i].root.style.setProperty("--line", tone(facts.tone, dark));
      this.cards[i].root.style.setProperty("--name", wordTone(facts.tone, dark));
    });
  }

  show() {
    this.variants.forEach((variant, i) => {
      this.#progress(variant, this.cards[i]);
      this.#pictures(variant);
    });
    for (const each of this.charts) each.show(this.variants);
    sayPlainly(this.waits, queueWords(this.variants, this.data.at_once));
  }

  #progress({ run }, { bar, state }) {
    if (!run) return;
    bar.value = run.steps ? run.step / run.steps : 0;
    const left = run.state === "running" && run.left !== null ? `, ${clock(run.left)} left` : "";
    state.textContent = `${run.word}, epoch ${run.epoch_now} of ${run.epochs}${left}`;
    state.title = run.reason;
  }

  #pictures({ run, sheet, when, epochs, preview, facts }) {
    const last = epochs.at(-1);
    const { api } = this.data;
    if (!run) return;
    if (preview !== null && preview >= (last?.step ?? 0) && run.state !== "finished") {
      sheet.show(`${api}/preview/${facts.model}/${preview}/samples.png`);
      say(when, preview ? "samples, while it learns" : "samples before training", this.nouns);
    } else if (last) {
      sheet.show(`${api}/pictures/${facts.model}/${last.epoch}/samples.png`);
      say(when, `samples after [epoch] ${last.epoch}`, this.nouns);
    } else say(when, waitsFor(run), this.nouns);
  }
}
