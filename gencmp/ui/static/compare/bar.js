// The toolbar: columns as chips, the view, the order, and one epoch slider for all models.

import { el } from "../shared/base.js";
import { reword, worded } from "../shared/classes.js";
import { Choice } from "../shared/choice.js";
import { REAL, split } from "./columns.js";

const VIEWS = [
  ["grid", "Side by side", "Grids of equal size"],
  ["evolution", "Evolution", "One row per epoch, the same samples in each column"],
  ["swipe", "Swipe", "The first two columns on top of each other, with a movable divider"],
];
const ORDERS = [
  ["seed", "By seed", "Each position keeps its seed"],
  ["digit", "By digit", ""],
  ["confidence", "By confidence", "Most confident classifications of the judge first"],
  ["d", "By D", "Highest output of a discriminator first"],
];

const BY_CLASS = { text: "By {class}", title: "{columns} columns, one per {class}, as classified by the judge" };

export class Bar {
  constructor(app) {
    this.app = app;
    this.lists = []; // the model and epoch lists of each column
    this.chips = el("div", { class: "gm-chips", role: "group", "aria-label": "Columns" });
    this.view = new Choice("View", VIEWS, (view) => app.change({ view }), "gm-choice");
    this.order = new Choice("Order of the pictures", ORDERS, (order) => app.change({ order }), "gm-choice");
    worded(this.order.buttons[1], BY_CLASS);
    this.slider = el("input", {
      type: "range",
      min: "1",
      step: "1",
      "aria-label": "Epoch of all models",
      title: "Show all models at the same epoch",
    });
    this.slider.addEventListener("input", () => app.goTo(Number(this.slider.value)));
    this.epochs = el("output", {});
    this.scrub = el("label", { class: "gm-scrub" }, "Epoch", this.slider, this.epochs);
    this.root = el("div", { class: "gm-bar" }, this.chips, this.view.root, this.order.root, this.scrub);
  }

  show() {
    const { state } = this.app;
    if (this.drawn !== state.columns.join()) this.#drawChips();
    this.view.show(state.view);
    this.order.show(state.order);
    reword(this.root, this.#words());
    this.order.root.hidden = state.view === "evolution";
    this.grow();
  }

  #words() {
    const { classes, facts } = this.app,
      columns = facts?.shown.length ?? 10;
    return { ...classes.nouns, columns: columns === 10 ? "Ten" : String(columns) };
  }

  #clock() {
    const { state, models } = this.app,
      own = state.columns.map(split).filter(({ name }) => models.has(name));
    this.scrub.hidden = !own.length;
    if (!own.length) return;
    const epochs = own.map(({ name, epoch }) => epoch ?? models.get(name).pictured.at(-1));
    this.slider.max = String(Math.max(...own.map(({ name }) => models.get(name).pictured.at(-1))));
    if (document.activeElement !== this.slider) this.slider.value = String(Math.max(...epochs));
    const [low, high] = [Math.min(...epochs), Math.max(...epochs)];
    this.epochs.textContent = low === high ? `${high} of ${this.slider.max}` : `${low} and ${high}`;
  }

  #drawChips() {
    const { state } = this.app;
    const focused = [...this.chips.querySelectorAll("select, button")].indexOf(document.activeElement);
    this.drawn = state.columns.join();
    this.lists = [];
    const chips = state.columns.map((address, i) => this.#chip(address, i));
    const add = el("button", { type: "button", title: "Add a column", onclick: () => this.#add() }, "+ column");
    this.chips.replaceChildren(...chips, ...(state.columns.length < 4 ? [add] : []));
    if (focused >= 0) this.chips.querySelectorAll("select, button")[focused]?.focus();
  }

  #chip(address, i) {
    const { name, epoch } = split(address),
      { state } = this.app,
      model = this.app.models.get(name);
    const put = (text) => this.app.change({ columns: state.columns.map((each, k) => (k === i ? text : each)) });
    const which = el("select", { "aria-label": `Column ${i + 1}` });
    worded(which, { title: "A shipped model, one of your runs, or real {pictures}" }, this.app.classes.nouns);
    which.addEventListener("change", async () => {
      await this.app.know(which.value);
      put(which.value === REAL ? REAL : this.app.newest(which.value, epoch ?? Infinity));
    });
    which.addEventListener("focus", () => this.app.watch.refresh());
    const when = model
      ? el("select", {
          "aria-label": `Epoch of column ${i + 1}`,
          title: "Any epoch with pictures. “Latest” follows a run that is still training",
        })
      : null;
    when?.addEventListener("change", () => put(when.value ? `${name}@${when.value}` : name));
    when?.addEventListener("focus", () => this.app.watch.refresh([name]));
    this.lists.push({ name, epoch, which, when });
    const drop = () => this.app.change({ columns: state.columns.filter((_, k) => k !== i) });
    const close = el(
      "button",
      {
        type: "button",
        title: "Remove column",
        "aria-label": `Remove column ${i + 1}`,
        disabled: state.columns.length < 3,
        onclick: drop,
      },
      "×",
    );
    return el("span", { class: `gm-chip gc-${model?.kind ?? "real"}` }, which, when, close);
  }

  // Fills the lists with the options known so far; options are added in place because a list may be open.
  grow() {
    const { models } = this.app;
    for (const { name, epoch, which, when } of this.lists) {
      fill(
        which,
        [
          ...[...models.values()].map((each) => [each.id, each.name]),
          [REAL, `real ${this.app.classes.nouns.pictures}`],
          ...(models.has(name) || name === REAL ? [] : [[name, "not found"]]),
        ],
        name,
      );
      if (!when) continue;
      const { pictured, shipped } = models.get(name),
        latest = shipped ? [] : [["", `latest, ${pictured.at(-1)}`]];
      fill(
        when,
        [...latest, ...pictured.map((each) => [String(each), `epoch ${each}`])],
        epoch === null && !shipped ? "" : String(epoch ?? pictured.at(-1)),
      );
    }
    this.#clock();
  }

  // Adds real digits if they are not shown yet, else the next model, else an early epoch of the first one.
  async #add() {
    const { state, models } = this.app,
      there = state.columns.map((address) => split(address).name);
    const next = there.includes(REAL) ? [...models.keys()].find((id) => !there.includes(id)) : REAL;
    await this.app.know(next);
    const early = this.app.at(split(state.columns[0]).name, 5);
    this.app.change({ columns: [...state.columns, next === REAL ? REAL : next ? this.app.newest(next) : early] });
  }
}

// Updates options in place. rows: [value, text]; a new option is inserted before the one that follows it.
function fill(list, rows, chosen) {
  rows.forEach(([value, words], i) => {
    if (list.options[i]?.value !== value) list.insertBefore(el("option", { value }, words), list.options[i] ?? null);
    else if (list.options[i].text !== words) list.options[i].text = words;
  });
  while (list.options.length > rows.length) list.remove(rows.length);
  if (list.value !== chosen) list.value = chosen;
}
