// "The loss by hand": one digit through the shipped VAE, and every number of its loss, computed in the browser.

import { el, ground, patiently, themeOf } from "../../shared/base.js";
import { Classes } from "../../shared/classes.js";
import { Library, lastKept } from "../../shared/library.js";
import { explained } from "../../shared/terms.js";
import { PIXELS } from "../../latent/nets.js";
import { lossOf } from "./elbo.js";
import { Kl } from "./kl.js";
import { button, codeOf } from "../parts.js";
import { Reconstruction, Small } from "./reconstruction.js";
import { behindLines } from "./behind.js";
import { Mistakes, Whole } from "./whole.js";

const SHOWN = 10; // digits to choose from at a time

export function mount({ parentElement, data }) {
  if (parentElement.gwLoss) parentElement.gwLoss.retheme();
  else parentElement.gwLoss = new ByHand(parentElement, data);
  return () => {
    parentElement.gwLoss?.remove();
    delete parentElement.gwLoss;
  };
}

/** @typedef {{ label: number, pixels: Float64Array }} Digit  pixels 0 to 1 */

/**
 * Test pictures as routes/learn.py sends them.
 * @param {ArrayBuffer} buffer
 * @returns {Digit[]}
 */
export function readFew(buffer) {
  const bytes = new Uint8Array(buffer),
    count = new DataView(buffer).getUint32(0, true);
  const pixels = (k) => bytes.subarray(4 + count + PIXELS * k, 4 + count + PIXELS * (k + 1));
  return Array.from({ length: count }, (_, k) => ({
    label: bytes[4 + k],
    pixels: Float64Array.from(pixels(k), (v) => v / 255),
  }));
}

async function fetchFew(api, model) {
  const answer = await patiently(`${api}/learn/digits/${model}`);
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).error ?? answer.statusText);
  return readFew(await answer.arrayBuffer());
}

class ByHand {
  /** @type {any} what the server says of the VAE */
  facts;
  /** @type {Digit[]} */
  few;
  /** @type {Digit} */
  digit;
  /** @type {import("../../latent/nets.js").Model} */
  model;
  /** @type {any} an object of elbo.js; null before the first */
  loss = null;
  /** @type {Kl | null} */
  kl = null;
  /** @type {any} of the digits to choose from */
  faces;
  /** @type {any} of the lines of code */
  code;

  constructor(parent, data) {
    this.data = data;
    this.nouns = new Classes().nouns;
    this.library = new Library(data.api);
    this.page = 0;
    this.seed = 1;
    this.beta = 1;
    this.root = el("section", { class: "gc gw gw-loss gc-vae", "aria-label": "The loss of one digit, by hand" });
    parent.append(this.root);
    ground(this.root);
    this.#load();
  }

  remove() {
    this.gone = true;
    this.kl?.remove();
    this.root.remove();
  }

  retheme() {
    ground(this.root);
    if (this.loss) this.#show();
  }

  async #load() {
    const waiting = "Fetching the shipped VAE (4 MB) and a few test digits: a few seconds.";
    this.root.replaceChildren(el("p", { class: "gw-note", role: "status" }, waiting));
    try {
      const { api, model } = this.data;
      [this.facts, this.few] = await Promise.all([this.library.kept(model), fetchFew(api, model)]);
      this.model = await this.library.model(this.facts, lastKept(this.facts));
    } catch (error) {
      return this.#apologise(error);
    }
    if (this.gone) return;
    this.digit = this.few[0];
    this.#build();
    this.#compute();
  }

  #apologise({ message }) {
    if (this.gone) return;
    const words = `The VAE could not be fetched (${message}). Is the server that shows this page still running?`;
    const again = button("Try again", "Asks the server once more", () => this.#load());
    this.root.replaceChildren(el("div", { class: "gw-trouble", role: "alert" }, el("p", {}, words), again));
  }

  #build() {
    this.reconstruction = new Reconstruction(this.nouns);
    this.kl?.remove();
    this.kl = new Kl(this.nouns, () => this.#redraw());
    this.whole = new Whole(this.nouns, (beta) => this.#weigh(beta));
    this.mistakes = new Mistakes(this.nouns, (beta) => this.whole?.turn(beta));
    this.code = codeOf(this.data.code);
    const words =
      "Take a digit. The [encoder] makes a Gaussian of it, one [z is drawn|draw z], the [decoder] makes a picture of z: here is every number of the loss, in [nats].";
    this.root.replaceChildren(
      el("p", {}, ...explained(words, this.nouns)),
      this.#choices(),
      el("div", { class: "gw-halves" }, this.reconstruction.root, this.kl.root),
      el("div", { class: "gw-halves" }, el("div", {}, this.whole.root, this.mistakes.root), this.#source()),
    );
  }

  #source() {
    const words =
      "Read from the file as it is. log_var is ln spread²; this digit alone is the [batch], so len(images) is 1.";
    return el(
      "section",
      {},
      el("h2", {}, "Our code, with this digit's numbers behind its lines"),
      el("p", { class: "gw-note" }, ...explained(words, this.nouns)),
      this.code.root,
    );
  }

  // What is chosen

  #choices() {
    this.faces = el("div", { class: "gw-faces", role: "radiogroup", "aria-label": "A test digit" });
    this.faces.addEventListener("keydown", (event) => this.#alongFaces(event));
    const last = lastKept(this.facts);
    const epochs = el("select", { class: "gw-button", title: "The VAE as it was after this epoch" });
    epochs.append(
      ...this.facts.kept.map(([each]) => el("option", { value: `${each}`, selected: each === last }, `${each}`)),
    );
    epochs.addEventListener("change", () => this.#takeEpoch(Number(epochs.value)));
    return el(
      "div",
      { class: "gw-row gw-choices" },
      this.faces,
      button("Ten others", "Shows ten other test digits", () => this.#turnPage()),
      el("label", { class: "gw-row" }, el("span", {}, ...explained("After [epoch]", this.nouns)), epochs),
    );
  }

  get shown() {
    return this.few.slice(this.page * SHOWN, (this.page + 1) * SHOWN);
  }

  #drawFaces() {
    const { dark } = themeOf(this.root);
    this.faces.replaceChildren(...this.shown.map((digit) => this.#face(digit, dark)));
  }

  #face(digit, dark) {
    const face = new Small(`${digit.label}`),
      chosen = digit === this.digit,
      title = `Take this ${digit.label}`;
    face.show(digit.pixels, dark);
    const state = { type: "button", role: "radio", "aria-checked": `${chosen}`, tabindex: chosen ? "0" : "-1", title };
    return el("button", { ...state, onclick: () => this.#takeDigit(digit) }, face.canvas);
  }

  #alongFaces(event) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = (this.shown.indexOf(this.digit) + step + this.shown.length) % this.shown.length;
    this.#takeDigit(this.shown[next]);
    this.faces.children[next].focus();
  }

  #takeDigit(digit) {
    this.digit = digit;
    this.#compute();
  }

  #turnPage() {
    this.page = (this.page + 1) % Math.ceil(this.few.length / SHOWN);
    this.#takeDigit(this.shown.find(({ label }) => label === this.digit.label) ?? this.shown[0]);
  }

  async #takeEpoch(epoch) {
    this.wanted = epoch;
    try {
      const model = await this.library.model(this.facts, epoch);
      if (this.gone || this.wanted !== epoch) return; // another one was chosen meanwhile
      this.model = model;
      this.#compute();
    } catch (error) {
      this.#apologise(error);
    }
  }

  #redraw() {
    this.seed += 1;
    this.#compute();
  }

  #weigh(beta) {
    this.beta = beta;
    this.whole?.show(this.loss, beta);
    this.#showCode();
  }

  // What follows from it

  #compute() {
    this.loss = lossOf(this.model, this.digit.pixels, this.seed);
    this.#show();
  }

  #show() {
    this.#drawFaces();
    this.reconstruction?.show(this.digit.pixels, this.loss);
    this.kl?.show(this.loss, this.seed);
    this.whole?.show(this.loss, this.beta);
    this.mistakes?.show(this.model, this.digit.pixels, this.loss);
    this.#showCode();
  }

  #showCode() {
    this.code?.show(behindLines(this.loss, this.beta, this.facts.config.reduction));
  }
}
