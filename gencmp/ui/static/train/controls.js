// The buttons of a run that is stepped by hand, and its slow motion.

import { el } from "../shared/base.js";
import { recall, remember } from "../shared/memory.js";
import { SHORT } from "./phases.js";

const FASTEST = 20; // steps a second
const BUTTONS = {
  gan: [
    ["D step", { phases: 1 }, "discriminator"],
    ["G step", { phases: 1 }, "generator"],
    ["Both", { steps: 1 }, "this minibatch"],
    ["Ten", { steps: 10 }, "steps of both"],
    ["A hundred", { steps: 100 }, "steps of both"],
  ],
  vae: [
    ["One step", { steps: 1 }, "one minibatch"],
    ["Ten", { steps: 10 }, "minibatches"],
    ["A hundred", { steps: 100 }, "minibatches"],
  ],
};

export class Controls {
  /**
   * @param {string} kind
   * @param {(asked: Record<string, any>) => void} ask  called with {phases}, {steps}, {rate} or {hold: true}
   */
  constructor(kind, ask) {
    this.ask = ask;
    this.buttons = BUTTONS[kind].map(([words, asked, more]) => this.#button(words, asked, more));
    this.slow = el(
      "button",
      { type: "button", class: "gt-button gt-slow", onclick: () => this.#toggle() },
      el("strong", {}, "Slow motion"),
      (this.pace = el("small")),
    );
    this.slider = el("input", {
      type: "range",
      min: "1",
      max: String(FASTEST),
      step: "1",
      value: recall("gencmp-slow") ?? "1",
      "aria-label": "Steps a second in slow motion",
    });
    this.slider.addEventListener("input", () => this.#paceWords());
    this.slider.addEventListener("change", () => this.#paced());
    this.#paceWords();
    this.root = el(
      "div",
      { class: "gt-controls" },
      el(
        "div",
        { class: "gt-buttons", role: "group", "aria-label": "Step by hand" },
        ...this.buttons.map(({ root }) => root),
      ),
      el("div", { class: "gt-motion", role: "group", "aria-label": "Slow motion" }, this.slow, this.slider),
    );
  }

  // A phase's button says below its name why it can or cannot be pressed; the others say what they do.
  #button(words, asked, more) {
    const network = asked.phases ? more : "";
    const small = el("small", {}, network ? "" : more);
    const root = el("button", { type: "button", class: "gt-button" }, el("strong", {}, words), small);
    root.addEventListener("click", () => {
      if (root.getAttribute("aria-disabled") !== "true") this.ask(asked);
    });
    return { root, small, asked, network };
  }

  get rate() {
    return Number(this.slider.value);
  }

  #paceWords() {
    const pace = `${this.rate} ${this.rate === 1 ? "step" : "steps"} a second`;
    this.pace.textContent = this.isStepping ? "after this phase" : pace;
  }

  #paced() {
    remember("gencmp-slow", this.slider.value);
    if (this.isSlow) this.ask({ rate: this.rate });
  }

  #toggle() {
    if (this.slow.getAttribute("aria-disabled") !== "true")
      this.ask(this.isSlow || this.isStepping ? { hold: true } : { rate: this.rate });
  }

  /**
   * @param {{next: string, acts: string, turn: number, turns: number} | null} moment
   * @param {boolean} isSlow
   * @param {Record<string, any> | null} waiting  what was asked and is not done yet
   */
  show(moment, isSlow, waiting) {
    this.isSlow = isSlow;
    this.isStepping = waiting?.asked.steps > 1; // many steps can be held on the way
    const mode = isSlow || this.isStepping ? "Hold" : "Slow motion";
    if (this.slow.firstChild.textContent !== mode) this.slow.firstChild.textContent = mode;
    this.#paceWords();
    this.slow.setAttribute("aria-disabled", String(!moment || (Boolean(waiting) && mode !== "Hold")));
    this.slow.toggleAttribute("data-on", isSlow);
    for (const each of this.buttons) this.#showButton(each, moment, waiting);
  }

  #showButton({ root, small, asked, network }, moment, waiting) {
    const isNext = !network || network === moment?.next;
    const why = this.isSlow
      ? "Hold the slow motion first."
      : isNext
        ? ""
        : `It is ${SHORT[moment?.next ?? ""] ?? "nobody"}'s turn.`;
    root.setAttribute("aria-disabled", String(!moment || Boolean(waiting) || why !== ""));
    root.toggleAttribute("data-pressed", waiting?.asked === asked);
    root.toggleAttribute("data-next", Boolean(network) && isNext && !this.isSlow);
    root.title = why;
    if (network) small.textContent = turnWords(network, moment, isNext);
  }
}

function turnWords(network, moment, isNext) {
  if (!moment) return "";
  if (!isNext) return `after ${SHORT[moment.next]}'s step`;
  const more = moment.acts === network && moment.turn < moment.turns;
  return more ? `turn ${moment.turn + 1} of ${moment.turns}` : "is next";
}
