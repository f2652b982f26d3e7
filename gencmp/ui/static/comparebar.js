// The row above: columns as chips, the view, the order, and one clock for all models.

import { el } from "./base.js";
import { REAL, split } from "./compare.js";

const VIEWS = [["grid", "Side by side", "Equal grids"], ["evolution", "Evolution", "Epochs down, the same pictures across"], ["swipe", "Swipe", "The first two columns over each other, with a knife between"]];
const ORDERS = [
  ["seed", "By seed", "Each place keeps its random numbers"], ["digit", "By digit", "Ten columns, one a digit, as the judge names it"],
  ["confidence", "By confidence", "The pictures that the judge is surest of first"], ["d", "By D", "The pictures that a discriminator takes for real first"],
];

export class Bar {
  constructor(app) {
    this.app = app;
    this.chips = el("div", { class: "gm-chips", role: "group", "aria-label": "Columns" });
    this.view = new Choice("View", VIEWS, (view) => app.change({ view }));
    this.order = new Choice("Order of the pictures", ORDERS, (order) => app.change({ order }));
    this.slider = el("input", { type: "range", min: "1", step: "1", "aria-label": "Epoch of all models", title: "Both models at the same epoch" });
    this.slider.addEventListener("input", () => app.goTo(Number(this.slider.value)));
    this.said = el("output", {});
    this.scrub = el("label", { class: "gm-scrub" }, "Epoch", this.slider, this.said);
    this.root = el("div", { class: "gm-bar" }, this.chips, this.view.root, this.order.root, this.scrub);
  }

  show() {
    const { state, models } = this.app, shown = state.columns.map(split);
    if (!this.chips.contains(document.activeElement) || this.drawn !== state.columns.join()) this.#drawChips();
    this.view.show(state.view);
    this.order.show(state.order);
    this.order.root.hidden = state.view === "evolution";
    const own = shown.filter(({ name }) => models.has(name)), epochs = own.map(({ name, epoch }) => epoch ?? models.get(name).pictured.at(-1));
    this.scrub.hidden = !own.length;
    if (!own.length) return;
    this.slider.max = String(Math.max(...own.map(({ name }) => models.get(name).pictured.at(-1))));
    if (document.activeElement !== this.slider) this.slider.value = String(Math.max(...epochs));
    const [low, high] = [Math.min(...epochs), Math.max(...epochs)];
    this.said.textContent = low === high ? `${high} of ${this.slider.max}` : `${low} and ${high}`;
  }

  #drawChips() {
    const { state } = this.app;
    const focused = [...this.chips.querySelectorAll("select, button")].indexOf(document.activeElement);
    this.drawn = state.columns.join();
    const chips = state.columns.map((address, i) => this.#chip(address, i));
    const add = el("button", { type: "button", title: "One more column", onclick: () => this.#add() }, "+ column");
    this.chips.replaceChildren(...chips, ...(state.columns.length < 4 ? [add] : []));
    if (focused >= 0) this.chips.querySelectorAll("select, button")[focused]?.focus();
  }

  #chip(address, i) {
    const { name, epoch } = split(address), { models, state } = this.app, model = models.get(name);
    const put = (text) => this.app.change({ columns: state.columns.map((each, k) => (k === i ? text : each)) });
    const which = el("select", { "aria-label": `Column ${i + 1}`, title: "A shipped model, a run of yours, or real digits" });
    which.append(...[...models.values()].map((each) => option(each.id, each.name, each.id === name)), option(REAL, "real digits", name === REAL));
    if (!model && name !== REAL) which.append(option(name, "not here", true));
    which.addEventListener("change", () => put(which.value === REAL ? REAL : this.app.at(which.value, epoch ?? Infinity)));
    const when = el("select", { "aria-label": `Epoch of column ${i + 1}`, title: "Any epoch that has pictures" });
    if (model) when.append(...model.pictured.map((each) => option(each, `epoch ${each}`, each === (epoch ?? model.pictured.at(-1)))));
    when.addEventListener("change", () => put(`${name}@${when.value}`));
    const drop = () => this.app.change({ columns: state.columns.filter((_, k) => k !== i) });
    const close = el("button", { type: "button", title: "Take this column away", "aria-label": `Take column ${i + 1} away`, disabled: state.columns.length < 3, onclick: drop }, "×");
    return el("span", { class: `gm-chip gc-${model?.kind ?? "real"}` }, which, model ? when : null, close);
  }

  // What is not there yet: real digits first, then the next model, then an early epoch of the first.
  #add() {
    const { state, models } = this.app, there = state.columns.map((address) => split(address).name);
    const next = there.includes(REAL) ? [...models.keys()].find((id) => !there.includes(id)) : REAL;
    const early = this.app.at(split(state.columns[0]).name, 5);
    this.app.change({ columns: [...state.columns, next === REAL ? REAL : next ? this.app.at(next, 1e9) : early] });
  }
}

const option = (value, words, selected) => el("option", { value: String(value), selected }, words);

// One of a few words, as radio buttons that look like one bar.
class Choice {
  constructor(label, options, chosen) {
    this.buttons = options.map(([value, words, title]) => {
      const each = el("button", { type: "button", role: "radio", title, onclick: () => chosen(value) }, words);
      each.dataset.value = value;
      return each;
    });
    this.root = el("div", { class: "gm-choice", role: "radiogroup", "aria-label": label }, ...this.buttons);
    this.root.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!step) return;
      const next = this.buttons[(this.buttons.indexOf(document.activeElement) + step + this.buttons.length) % this.buttons.length];
      next.focus();
      next.click();
      event.preventDefault();
    });
  }

  show(value) {
    for (const each of this.buttons) {
      const on = each.dataset.value === value;
      each.setAttribute("aria-checked", String(on));
      each.tabIndex = on ? 0 : -1;
    }
  }
}
