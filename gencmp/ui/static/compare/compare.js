// The Compare page: two to four columns of pictures in the same order, with one epoch slider and a shared chart cursor.
// The view is stored in the address; the facts about columns come from routes/compare.py, as they do for panels.

import { el, fetchJson, ground } from "../shared/base.js";
import { Classes } from "../shared/classes.js";
import { enlarged } from "../shared/presenter.js";
import { Bar } from "./bar.js";
import { newestNote } from "../shared/newest.js";
import { REAL, split } from "./columns.js";
import { Curves, linkCursors } from "./curves.js";
import { PictureColumn, Swipe } from "./grid.js";
import { blockOf } from "./sheet.js";
import { Differences, Downloads } from "./side.js";
import { Watch } from "./watch.js";

const PER_ROW = [8, 6, 5, 4]; // pictures; fewer where eight would be too small
const LEAST = 1.3; // minimum screen pixels per picture pixel; below it, a row holds fewer pictures
const GAP = 18,
  LABELS = 34,
  RAIL = 222,
  NARROW = 700,
  PAIR = 560,
  BESIDE = 880,
  ABOVE = 200; // screen pixels; below NARROW columns stand one above the other, two of them only below PAIR; the last: from the window's top to a swipe

export function mount({ parentElement, data }) {
  const before = parentElement.gcCompare;
  if (before && JSON.stringify(before.data) === JSON.stringify(data)) before.retheme();
  else {
    before?.remove();
    parentElement.gcCompare = new Compare(parentElement, data);
  }
  return () => {
    parentElement.gcCompare?.remove();
    delete parentElement.gcCompare;
  };
}

class Compare {
  /** @type {string[]} what the address asks for and is not known, in sentences */
  unknown = [];

  constructor(parent, data) {
    this.data = data;
    this.parts = [];
    this.curves = new Map();
    this.asked = 0;
    this.models = new Map(data.models.map((model) => [model.id, model]));
    this.state = this.fromAddress();
    this.watch = new Watch(this);
    this.bar = new Bar(this);
    this.downloads = new Downloads(this);
    this.differences = new Differences();
    this.fault = el("p", { class: "gm-fault", hidden: true });
    this.opening = el("div", {});
    this.columns = el("div", { class: "gm-columns" });
    this.body = el("div", { class: "gm-body" }, this.columns, this.downloads.root);
    this.root = el(
      "section",
      { class: "gc gm" },
      this.opening,
      this.bar.root,
      this.fault,
      this.body,
      this.differences.root,
    );
    parent.append(this.root);
    ground(this.root);
    this.watcher = new ResizeObserver(() => this.#resized());
    this.watcher.observe(this.root);
    this.load();
  }

  remove() {
    this.gone = true;
    clearTimeout(this.saving);
    this.watch.stop();
    this.watcher.disconnect();
    this.curves.forEach((each) => each.remove());
    this.root.remove();
  }

  retheme() {
    ground(this.root);
    this.curves.forEach((each) => each.retheme());
  }

  // The state and the address

  fromAddress() {
    const query = new URLSearchParams(location.search);
    this.unknown = [];
    const one = (name, ...words) => {
      const asked = query.get(name) ?? words[0];
      if (words.includes(asked)) return asked;
      this.unknown.push(`The address asks for the ${name} “${asked.slice(0, 40)}”. Known are: ${words.join(", ")}.`);
      return words[0];
    };
    const at = Number(query.get("at") ?? 50),
      asked = (query.get("columns") ?? "").split(",").filter(Boolean).slice(0, 4);
    return {
      columns: asked.length ? asked.map((address) => this.byId(address)) : this.usual(),
      order: one("order", "seed", "digit", "confidence", "d"),
      view: one("view", "grid", "evolution", "swipe"),
      at: at >= 0 && at <= 100 ? Math.round(10 * at) / 10 : 50,
      title: (query.get("title") ?? "").slice(0, 400),
      caption: (query.get("caption") ?? "").slice(0, 400),
    };
  }

  // A run may be given by its name, as on the command line.
  byId(address) {
    const { name, epoch } = split(address),
      named = [...this.models.values()].find((model) => model.name === name);
    return this.models.has(name) || !named ? address : `${named.id}${epoch === null ? "" : `@${epoch}`}`;
  }

  // The newest pair of this store; where there is none, the shipped models.
  usual({ gan, vae } = this.data.pair ?? {}) {
    const first = Object.entries({ gan, vae })
      .map(([kind, id]) => this.models.get(id) ?? this.data.models.find((model) => model.kind === kind))
      .filter(Boolean);
    const names = first.map((model) => `${model.id}@${model.pictured.at(-1)}`);
    return names.length > 1 ? names : [...names, REAL];
  }

  #sayNewest() {
    const names = this.chosen(),
      [gan, vae] = ["gan", "vae"].map((kind) => names.find((name) => this.models.get(name)?.kind === kind) ?? "");
    const note =
      names.length === 2 && newestNote(this.data, { gan, vae }, (ids) => this.change({ columns: this.usual(ids) }));
    const unknown = this.unknown.map((words) => el("p", { class: "gm-fault", role: "status" }, words));
    this.opening.replaceChildren(...(note ? [note] : []), ...unknown);
  }

  // The query for the address, or for a download, which pins the epochs on the screen.
  query(columns = this.state.columns) {
    const { order, view, at, title, caption } = this.state;
    const pieces = Object.entries({
      columns: columns.join(","),
      order,
      view,
      at: view === "swipe" ? at : "",
      title,
      caption,
    }).filter(([, value]) => value !== "");
    return pieces
      .map(([key, value]) => `${key}=${encodeURIComponent(value).replaceAll("%2C", ",").replaceAll("%40", "@")}`)
      .join("&");
  }

  // The columns' names, with "latest" replaced by the epochs that are shown.
  pinned() {
    return this.state.columns.map((address, i) => {
      const { name, epoch } = split(address),
        shown = this.facts?.columns[i];
      return epoch === null && name !== REAL && shown?.name === name ? `${name}@${shown.epoch}` : address;
    });
  }

  chosen() {
    return [...new Set(this.state.columns.map((address) => split(address).name))];
  }

  change(part) {
    Object.assign(this.state, part);
    if (this.unknown.length && ("view" in part || "order" in part)) {
      this.unknown = [];
      this.#sayNewest();
    }
    clearTimeout(this.saving);
    this.saving = setTimeout(
      () => history.replaceState(history.state, "", `${location.pathname}?${this.query()}`),
      120,
    );
    this.downloads.show();
    if ("columns" in part) this.load();
    else if ("view" in part || "order" in part) this.draw();
  }

  // Moves all models to the epoch with pictures that is nearest to this one.
  goTo(epoch) {
    this.change({ columns: this.state.columns.map((address) => this.at(split(address).name, epoch)) });
  }

  // Follows a run that is still training; for any other model, the epoch nearest to this one.
  newest(name, epoch = Infinity) {
    return this.models.get(name)?.open ? name : this.at(name, epoch);
  }

  at(name, epoch) {
    const model = this.models.get(name);
    if (!model) return name;
    const nearest = model.pictured.reduce((best, each) =>
      Math.abs(each - epoch) < Math.abs(best - epoch) ? each : best,
    );
    return `${name}@${nearest}`;
  }

  // Called for models with new epochs: updates columns that show "latest", and extends the curves of all.
  grow(names) {
    this.bar.grow();
    for (const [key, curves] of this.curves) {
      if (names.includes(key.slice(2))) curves.grow();
      curves.show(curves.epoch, this.#end());
    }
    if (this.state.columns.some((address) => names.includes(address))) this.load();
  }

  // In a long list, only the last epoch of a run is known until it is chosen.
  async know(...names) {
    const unknown = names.filter((name) => this.models.has(name) && !this.models.get(name).whole);
    if (unknown.length) await this.watch.refresh(unknown);
  }

  // One request at a time; the newest state is requested last.
  async load() {
    this.#sayNewest();
    this.bar.show();
    this.watch.plan();
    this.downloads.show();
    const job = ++this.asked;
    if (this.busy) return;
    this.busy = true;
    this.root.dataset.waits = "";
    try {
      await this.know(...this.chosen());
      const facts = await fetchJson(
        `${this.data.api}/compare/columns?columns=${encodeURIComponent(this.state.columns.join(","))}`,
      );
      for (const column of facts.columns) column.classes = new Classes(column.classes);
      this.facts = facts;
      this.#say("");
    } catch (error) {
      this.#say(error.message);
    }
    this.busy = false;
    if (this.gone) return;
    if (job !== this.asked) return void this.load();
    delete this.root.dataset.waits;
    if (this.facts) this.draw();
  }

  #say(words) {
    this.fault.hidden = !words;
    const reset = el(
      "button",
      { type: "button", onclick: () => this.change({ columns: this.usual() }) },
      "Show the default columns",
    );
    this.fault.replaceChildren(...(words ? [`${words} `, reset] : []));
  }

  // Drawing

  #resized() {
    const width = this.root.clientWidth;
    if (width === this.width) return;
    this.width = width;
    if (this.facts) this.draw();
  }

  #form() {
    const { length } = this.state.columns;
    if (this.width < (length > 2 ? NARROW : PAIR)) return "narrow";
    const crowded = this.width < BESIDE || length > 2;
    return crowded && this.state.view !== "swipe" ? "wide" : "beside";
  }

  // Pictures per row, and screen pixels per picture pixel: a whole number, or digits would look uneven. If only one fits
  // and rows cannot be shorter, 1.5 is used, with averaged pixels.
  measure() {
    const form = this.#form(),
      { view, order } = this.state,
      count = form === "narrow" || view === "swipe" ? 1 : this.facts.columns.length;
    const wide = this.width - (form === "beside" ? RAIL * enlarged() : 0) - GAP * (count - 1),
      sharp = devicePixelRatio || 1;
    const room = wide / count - 2 - (view === "evolution" ? LABELS : 0),
      whole = (x) => Math.max(1, Math.floor(x * sharp)) / sharp;
    const scale = (across) => whole(room / (28 * across)),
      fixed =
        view === "evolution" ? 8 : this.byClass(order) ? this.facts.shown.length * blockOf(this.facts.shown.length) : 0;
    if (fixed && sharp * scale(fixed) === 1 && (room * sharp) / (28 * fixed) >= 1.5)
      return { across: fixed, scale: 1.5 / sharp, mean: true };
    const across = fixed || (PER_ROW.find((each) => scale(each) >= LEAST) ?? 8);
    return {
      across,
      scale: Math.min(
        scale(across),
        view === "swipe" ? Math.max(2, whole((innerHeight - ABOVE) / (28 * Math.max(8, across)))) : 3,
      ),
    };
  }

  // Whether pictures are in columns by class; not possible if the judge cannot classify the data of all columns.
  byClass(order = this.state.order) {
    return order === "digit" && !this.facts.unordered.includes("digit");
  }

  // The nouns for the pictures, taken from the first column.
  get classes() {
    return this.facts?.columns[0].classes ?? new Classes();
  }

  draw() {
    if (!this.width || !this.facts) return;
    const { columns, critic, unordered } = this.facts,
      { view, order } = this.state;
    Object.assign(this.root.dataset, { form: this.#form(), view });
    const size = this.measure();
    this.columns.style.setProperty("--count", view === "swipe" ? 1 : columns.length);
    this.parts =
      view === "swipe" && columns.length > 1
        ? [new Swipe(this, columns.slice(0, 2), size)]
        : columns.map((each) => new PictureColumn(this, each, size, columns));
    const charts = view === "swipe" ? [] : this.#charts(columns);
    this.parts.forEach((part, i) => charts[i] && part.root.append(charts[i]));
    this.columns.replaceChildren(...this.parts.map((part) => part.root));
    this.parts.forEach((part) => part.show());
    this.bar.show();
    this.differences.show(this.facts);
    const fallback =
      view !== "evolution" && unordered.includes(order)
        ? `Ordered by seed: this order is not available for all columns. ${order === "d" ? "" : this.facts.unjudged} `
        : "";
    const few = view !== "evolution" && this.byClass() ? this.#fewWords() : "";
    this.downloads.show(fallback || few || (order === "d" && critic ? `D is from ${critic}. ` : ""));
  }

  #fewWords() {
    const { names, nouns } = this.classes,
      { length } = this.facts.shown;
    return names.length > 10 && length === 10
      ? `These are the ${length} most frequent of ${names.length} ${nouns.classes}, according to the judge.`
      : "";
  }

  #end() {
    return Math.max(...this.chosen().map((name) => this.models.get(name)?.pictured.at(-1) ?? 0));
  }

  #charts(columns) {
    const end = this.#end();
    const keys = columns.map(({ name }, i) => `${i}/${name}`);
    for (const [key, each] of this.curves)
      if (!keys.includes(key)) {
        each.remove();
        this.curves.delete(key);
      }
    const places = columns.map(({ name, epoch, chart }, i) => {
      if (name === REAL) return el("p", { class: "gm-none" }, `Real ${this.classes.nouns.pictures} have no loss.`);
      if (!this.curves.has(keys[i])) this.curves.set(keys[i], new Curves(this, chart, name));
      const curves = this.curves.get(keys[i]);
      curves.show(epoch, end);
      return curves.place;
    });
    linkCursors([...this.curves.values()], (epoch) => this.goTo(epoch));
    return places;
  }
}
