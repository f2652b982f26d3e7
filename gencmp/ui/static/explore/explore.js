// The Explore page: two squares of latent space with a shared epoch slider. Dragging causes no requests: the weights are
// already in the browser, and the view is stored only in the address.

import { el, ground, themeOf, thousands } from "../shared/base.js";
import { fromSearch, toSearch, wrongParts } from "./address.js";
import { enlarged } from "../shared/presenter.js";
import { Classes, reword } from "../shared/classes.js";
import { GanPanel } from "./ganpanel.js";
import { newestNote } from "../shared/newest.js";
import { Library, lastKept } from "../shared/library.js";
import { GUTTER } from "./layers.js";
import { SIDE } from "../latent/nets.js";
import { Rail } from "./rail.js";
import { Scrubber, nearest } from "./scrubber.js";
import { VaePanel } from "./vaepanel.js";

const RAIL = 246 + 22; // px: the rail of a wide window, and the gap before it
const AROUND = 372; // px above and below a square
const TIGHT = 420; // px: the choices of a narrower panel take a second row
const LIVE = 4000; // ms between checks for new epochs of a live run
const PATIENCE = 120; // ms that an epoch may take to load before the page says so
const ADDRESS = 120; // ms from a change to the update of the address
const round = (x) => Math.round(x * 1e4) / 1e4;

// What to redo after a part of the state has changed.
const EFFECTS = {
  x: "vaePoint",
  g: "ganPoint",
  spacing: "vaeRefresh",
  vdirs: "vaeRefresh",
  vseed: "vaeRefresh",
  centre: "vaeRefresh",
  seed: "ganRefresh",
  to: "ganRefresh",
  t: "ganRefresh",
  amps: "ganRefresh",
  dirs: "ganRefresh",
  dseed: "ganRefresh",
  drop: "ganRefresh",
  mask: "ganRefresh",
  tab: "ganRefresh",
  wall: "ganRefresh",
  order: "ganRefresh",
  lock: "ganRefresh",
  layers: "layers",
  pins: "pins",
  gpins: "pins",
  loop: "pins",
  digit: "digit",
  drawn: "digit",
  draw: "digit",
  epoch: "epoch",
  link: "link",
};

// Entry point of the component; Streamlit calls it again when the data or the theme changes.
export function mount({ parentElement, data }) {
  const before = parentElement.gcExplore;
  if (before && JSON.stringify(before.data) === JSON.stringify(data)) before.resize();
  else {
    before?.remove();
    parentElement.gcExplore = new Explore(parentElement, data);
  }
  return () => {
    parentElement.gcExplore?.remove();
    delete parentElement.gcExplore;
  };
}

class Explore {
  constructor(parent, data) {
    this.data = data;
    this.facts = {};
    this.classes = { vae: new Classes(), gan: new Classes() };
    this.tested = {};
    this.directions = {};
    this.coded = null;
    this.draws = [];
    this.dirty = new Set();
    this.waits = {}; // timers of #loading, by model
    this.meter = newMeter();
    this.state = fromSearch(location.search);
    this.library = new Library(data.api);
    this.vae = new VaePanel(this);
    this.gan = new GanPanel(this);
    this.rail = new Rail(this);
    this.scrubber = new Scrubber({
      scrub: (epoch) => this.change({ epoch }, false),
      settled: () => this.settle(),
      ahead: () => this.#ahead(),
      speed: (speed) => this.change({ speed }),
    });
    this.#build(parent);
    this.#listen();
    this.resize();
    this.ready = this.#start();
  }

  #build(parent) {
    this.link = el("button", {
      class: "gx-link",
      type: "button",
      title: "Link the two squares: dragging in one moves both (key L)",
      "aria-label": "Link the two squares",
      onclick: () => this.change({ link: !this.state.link }),
    });
    this.root = el(
      "div",
      { class: "gc gx" },
      el("header", { class: "gx-title" }, el("h1", {}, "Explore the latent space")),
      el("div", { class: "gx-stage" }, this.vae.root, this.link, this.gan.root),
      this.scrubber.root,
      this.rail.root,
    );
    this.root.gencmp = this; // for tests in a real browser
    parent.append(this.root);
  }

  onPop = () => this.#restore();
  onResize = () => {
    cancelAnimationFrame(this.resizing);
    this.resizing = requestAnimationFrame(() => this.resize());
  };
  resizing = 0;
  after = new MessageChannel(); // its message is handled after the frame has been drawn

  #listen() {
    addEventListener("resize", this.onResize);
    addEventListener("popstate", this.onPop);
    this.root.addEventListener("keydown", (event) => this.#key(event));
    this.after.port1.onmessage = ({ data }) => this.meter.painted.push(performance.now() - data);
  }

  remove() {
    this.gone = true;
    clearTimeout(this.saving);
    clearTimeout(this.watching);
    Object.values(this.waits).forEach(clearTimeout);
    cancelAnimationFrame(this.frame);
    removeEventListener("resize", this.onResize);
    removeEventListener("popstate", this.onPop);
    for (const part of [this.vae, this.gan, this.scrubber, this.rail]) part.remove();
    this.after.port1.close();
    this.root.remove();
  }

  // Models

  async #start() {
    const { pair } = this.data,
      wrong = wrongParts(location.search);
    if (wrong.length)
      this.#tell(`This address has values that mean nothing here: ${wrong.join(", ")}. They are left out.`);
    if (pair && !this.state.vae && !this.state.gan) Object.assign(this.state, { vae: pair.vae, gan: pair.gan });
    for (const kind of ["vae", "gan"]) {
      const rows = this.data.models.filter((each) => each.kind === kind);
      const wanted = rows.find(({ id, name }) => [id, name].includes(this.state[kind])) ?? rows[0];
      const asked = this.state[kind];
      if (asked && ![wanted?.id, wanted?.name].includes(asked)) this.#gone(asked);
      this.state[kind] = wanted?.id ?? "";
      this[kind].picker.options(
        rows.map(({ id, name, shipped }) => [id, shipped ? `${name} (shipped)` : name]),
        wanted?.id,
      );
      this[kind].picker.root.hidden = !wanted;
      this.#notice(
        kind,
        wanted
          ? "Fetching the weights …"
          : `No ${kind.toUpperCase()} yet. Train one on the Train page; you can explore it here after its first epoch.`,
      );
    }
    this.#sayNewest();
    await Promise.all(["vae", "gan"].filter((kind) => this.state[kind]).map((kind) => this.#open(kind)));
    this.#clock();
    this.rail.refresh();
    this.#showLink();
    await Promise.all(["vae", "gan"].map((kind) => this.#showEpoch(kind)));
    if (this.state.digit >= 0 || this.state.drawn) await this.rail.digit.refresh();
    this.#watch();
  }

  // Says so where the newest pair of this store is shown, and offers the shipped models.
  #sayNewest() {
    this.newest?.remove();
    this.newest = newestNote(this.data, this.state, (shipped) => {
      Object.assign(this.state, { ...shipped, epoch: 0 });
      this.ready = this.#start().then(() => this.settle());
    });
    if (this.newest) this.root.querySelector(".gx-title").append(this.newest);
  }

  #gone(name) {
    this.#tell(
      `${name} in this address was not found. It may have been deleted, or trained on another computer. Another model is shown instead.`,
    );
  }

  #tell(words) {
    this.root.prepend(el("p", { class: "gx-gone", role: "status" }, words));
  }

  async #open(kind) {
    try {
      const facts = await this.library.kept(this.state[kind]);
      // directions of the last saved epoch are used for all epochs, so that a point stays the same noise
      const directions = await this.library.directions(facts, lastKept(facts));
      this.facts[kind] = facts;
      this.classes[kind] = new Classes(facts.classes);
      this.tested[kind] = null;
      this.#reword(kind);
      if (kind === "vae") this.#askTested(facts);
      this.directions[kind] = directions;
    } catch (error) {
      this.#notice(kind, `${error.message} Choose another model above.`);
    }
  }

  // The words for a model's data: nouns, and numbers to fill into sentences.
  words(kind) {
    const { nouns, names } = this.classes[kind],
      { count } = this.tested[kind] ?? {};
    return {
      ...nouns,
      count: count ? `${thousands(count)} ` : "",
      coloured: names.length ? `coloured by ${nouns.class}` : "grey, because they have no labels",
    };
  }

  // The layers in the rail use the words of their own model; the rest of the page uses the VAE's.
  #reword(kind) {
    reword(this[kind].root, this.words(kind));
    this.rail.reword(kind);
    if (kind === "vae") this.scrubber.pictures = this.words(kind).pictures;
  }

  async #askTested(facts) {
    const tested = await this.library.tested(facts).catch(() => null);
    if (!tested || this.gone || facts.id !== this.facts.vae?.id) return;
    this.tested.vae = tested;
    this.#reword("vae");
    this.vae.speak();
  }

  #notice(kind, words) {
    this[kind].notice.hidden = !words;
    this[kind].notice.textContent = words;
    this[kind].root.classList.toggle("gx-waits", Boolean(words));
  }

  #clock() {
    this.scrubber.models(this.facts);
    const stops = this.scrubber.stops;
    this.state.epoch = Math.min(this.state.epoch || Infinity, stops.at(-1) ?? Infinity);
    this.scrubber.speed.value = String(this.state.speed);
    this.scrubber.show(this.state.epoch);
  }

  async choose(kind, id) {
    this.state[kind] = id;
    this.#sayNewest();
    await this.#open(kind);
    this.#clock();
    await Promise.all(["vae", "gan"].map((each) => this.#showEpoch(each)));
    this.change(kind === "vae" ? { digit: this.state.digit } : {}); // its data may have different test digits
  }

  // Shows the saved epoch nearest to the epoch slider, at once if its weights are cached, else when they arrive.
  async #showEpoch(kind) {
    const facts = this.facts[kind];
    if (!facts) return;
    const wanted = nearest(facts, this.state.epoch);
    const ready = this.library.ready(facts, wanted);
    if (!ready) this.#loading(kind, `loading epoch ${wanted} …`);
    const model =
      ready ?? (await this.library.model(facts, wanted).catch((error) => this.#notice(kind, error.message)));
    if (!model || this.gone || facts !== this.facts[kind] || nearest(facts, this.state.epoch) !== wanted) return;
    this.#loading(kind, "");
    if (this[kind].model === model) return;
    this.#notice(kind, "");
    this[kind].show(model);
    if (kind === "vae" && this.rail.digit.pixels) this.rail.digit.encode();
  }

  // Says that the square still shows another epoch than the slider, if it takes long enough to be seen.
  #loading(kind, words) {
    clearTimeout(this.waits[kind]);
    const { tag, root, model } = this[kind];
    const say = () => {
      tag.textContent = words || (model ? `epoch ${model.epoch}` : "");
      root.classList.toggle("gx-stale", Boolean(words && model));
    };
    if (words) this.waits[kind] = setTimeout(say, PATIENCE);
    else say();
  }

  // Prefetches other epochs' weights, nearest first, for smooth scrubbing.
  #ahead() {
    if (this.fetching) return;
    this.fetching = true;
    const near = (epochs) =>
      epochs.sort((a, b) => Math.abs(Math.log(a / this.state.epoch)) - Math.abs(Math.log(b / this.state.epoch)));
    for (const facts of Object.values(this.facts))
      this.library.fetchAhead(facts, near(facts.kept.map(([epoch]) => epoch)));
  }

  // A live run saves new epochs; a view of its last epoch follows it.
  #watch() {
    clearTimeout(this.watching);
    this.watching = setTimeout(async () => {
      if (!document.hidden)
        await Promise.all(["vae", "gan"].filter((kind) => this.facts[kind]?.open).map((kind) => this.#reload(kind)));
      if (!this.gone) this.#watch();
    }, LIVE);
  }

  async #reload(kind) {
    const before = this.facts[kind],
      facts = await this.library.kept(before.id).catch(() => null);
    if (!facts || this.gone || before !== this.facts[kind]) return;
    const atEnd = this.state.epoch === this.scrubber.stops.at(-1);
    this.facts[kind] = facts;
    this.scrubber.models(this.facts);
    this.change({ epoch: atEnd ? this.scrubber.stops.at(-1) : this.state.epoch }, atEnd);
  }

  // State

  // settled: false while more changes follow, so the address is not updated yet.
  change(patch, settled = true) {
    Object.assign(this.state, patch);
    for (const key of Object.keys(patch)) if (EFFECTS[key]) this.dirty.add(EFFECTS[key]);
    this.#follow(patch);
    this.frame ??= requestAnimationFrame(() => this.#flush());
    if (settled) this.settle();
  }

  // If linked, mirrors a move to the other square.
  #follow(patch) {
    if (!this.state.link || !this.vae.model || !this.gan.model) return;
    if ("x" in patch === "g" in patch) return; // none or both have moved
    const [from, to, moved, key] = "x" in patch ? [this.vae, this.gan, "x", "g"] : [this.gan, this.vae, "g", "x"];
    const [a, b] = patch[moved].map((each) =>
      round(to.square.spacing.clamp(to.square.spacing.at(from.square.spacing.place(each)))),
    );
    this.state[key] = [a, b];
    this.dirty.add(EFFECTS[key]);
  }

  drag(key, a, b, moment) {
    this.meter.events++;
    this.meter.moment ??= moment;
    this.change({ [key]: [a, b] }, false);
  }

  #flush() {
    this.frame = null;
    const { dirty } = this;
    this.dirty = new Set();
    if (this.gone) return;
    if (dirty.has("epoch")) {
      this.scrubber.show(this.state.epoch);
      this.#showEpoch("vae");
      this.#showEpoch("gan");
    }
    if (dirty.has("link")) this.#showLink();
    if (this.vae.model) this.#flushVae(dirty);
    if (this.gan.model) this.#flushGan(dirty);
    if (dirty.has("digit") && this.facts.vae) this.rail.digit.refresh();
    if (["layers", "pins", "vaeRefresh", "ganRefresh"].some((each) => dirty.has(each))) this.rail.refresh();
    this.meter.frames++;
    if (this.meter.moment) this.after.port2.postMessage(this.meter.moment);
    this.meter.moment = null;
  }

  #flushVae(dirty) {
    if (dirty.has("vaeRefresh") || dirty.has("layers")) this.vae.refresh();
    else if (dirty.has("pins")) this.vae.draw();
    if (dirty.has("vaePoint")) this.vae.point();
  }

  #flushGan(dirty) {
    if (dirty.has("ganRefresh") || dirty.has("layers")) this.gan.refresh();
    else if (dirty.has("pins")) this.gan.redraw();
    if (dirty.has("ganPoint")) this.gan.point();
  }

  // Stores the view in the address, without a request to the server.
  settle() {
    clearTimeout(this.saving);
    this.saving = setTimeout(
      () => history.replaceState(history.state, "", `${location.pathname}${toSearch(this.state)}`),
      ADDRESS,
    );
  }

  #restore() {
    if (!location.pathname.endsWith("/explore")) return;
    this.state = fromSearch(location.search);
    this.ready = this.#start();
  }

  shown(what) {
    this.meter.shown[what] = (this.meter.shown[what] ?? 0) + 1;
  }

  // Noise

  anchor(seed) {
    if (!this.state.lock) this.change({ seed, t: 0, g: [0, 0] });
  }
  reseed() {
    this.anchor(crypto.getRandomValues(new Uint32Array(1))[0] % 1_000_000);
  }

  #key(event) {
    if (event.target.matches("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = {
      r: () => this.reseed(),
      l: () => this.change({ link: !this.state.link }),
      ",": () => this.scrubber.step(-1),
      ".": () => this.scrubber.step(1),
    }[event.key.toLowerCase()];
    if (!act) return;
    act();
    event.preventDefault();
  }

  #showLink() {
    this.link.setAttribute("aria-pressed", String(this.state.link));
    this.link.textContent = this.state.link ? "linked" : "link";
  }

  // Size and colours

  resize() {
    ground(this.root);
    this.theme = themeOf(this.root);
    const side = this.#side();
    this.root.style.setProperty("--side", `${side}px`);
    this.vae.resize(side, this.theme);
    this.gan.resize(side, this.theme);
    this.rail.retheme(this.theme);
    this.scrubber.draw();
  }

  // The largest multiple of 28 pixels at which the whole page fits the window.
  #side() {
    const width = this.root.clientWidth,
      by = enlarged(),
      wide = width >= 1080 * by,
      pair = width >= 680 * by;
    this.root.dataset.form = wide ? "wide" : pair ? "pair" : "narrow";
    this.root.toggleAttribute("data-tight", pair && (width - 52) / 2 < TIGHT * by);
    if (!pair) return Math.max(SIDE * 9, Math.floor((width - GUTTER) / SIDE) * SIDE);
    const across = (width - (wide ? RAIL * by : 0) - 52) / 2;
    const high = innerHeight - AROUND * by;
    return Math.max(SIDE * 11, Math.min(SIDE * 26, Math.floor(Math.min(across, high) / SIDE) * SIDE));
  }
}

const newMeter = () => ({ events: 0, frames: 0, painted: /** @type {number[]} */ ([]), shown: {}, moment: null });
