// The reveal: one picture at a time, large, first with what the class said of it, then with what it is. The host's page
// leads with buttons and keys; every other page asks once a second how far it has come.

import { el, fetchJson } from "../shared/base.js";
import { Classes } from "../shared/classes.js";
import { exact, picture } from "./picture.js";

const EVERY = 1000; // ms between two questions
const SURE = 4000; // ms in which the server must have heard of the host's press
const KEYS = { ArrowRight: 1, PageDown: 1, " ": 1, ArrowLeft: -1, PageUp: -1 }; // pointers of a lecture hall send Page keys
const SOURCES = { gan: "Drawn by the GAN", vae: "Drawn by the VAE" };

// No answer at all may be a phone without a network for a moment; an error in words says that the round was deleted.
const withoutAnswer = (error) => (error instanceof TypeError ? null : { state: "deleted" });

/**
 * Asks how far a round is until `signal` ends it.
 * @param {{data: any}} component
 * @param {AbortSignal} signal
 * @param {(news: any) => void} told  called with {state, step, next, shown}
 * @param {() => number} known  the step that the page has, which is not sent again
 */
export async function follow({ data }, signal, told, known = () => -1) {
  while (!signal.aborted) {
    const news = await fetchJson(`${data.api}/vote/${data.code}?step=${known()}`).catch(withoutAnswer);
    if (news && !signal.aborted) told(news);
    await new Promise((resolve) => {
      setTimeout(resolve, EVERY);
    });
  }
}

/**
 * The part "reveal" of the vote's component.
 * @param {{data: any, setTriggerValue: (name: string, value: any) => void}} component
 * @param {AbortSignal} signal
 */
export function reveal(component, signal) {
  const { data } = component;
  const stage = new Stage(data);
  const leader = data.leads ? new Leader(component, stage, signal) : null;
  const told = (news) => {
    if (news.state !== "revealing") component.setTriggerValue("changed", news.state);
    else if (leader) leader.told(news.step);
    else if (news.shown) stage.show(news.step, news.shown);
  };
  follow(component, signal, told, () => stage.step);
  const demo = data.demo ? [el("p", { class: "gc-mark" }, "Demo: these voters are simulated, not people.")] : [];
  return [...demo, stage.root, ...(leader ? [leader.root] : [])];
}

// What is shown of one step.
class Stage {
  constructor(data) {
    this.data = data;
    this.nouns = data.nouns ?? new Classes().nouns;
    this.step = -1;
    this.root = el("div", { class: `gc-stage ${data.leads ? "gc-leads" : ""}`, "aria-live": "polite" });
    this.pictures = new Map(); // kept, so that a picture does not flicker when the truth comes
  }

  show(step, content) {
    this.step = step;
    this.root.replaceChildren(...(content.kind === "most" ? this.#most(content) : this.#single(content)));
    this.root.querySelectorAll("img").forEach(exact);
  }

  #picture(source, size) {
    const key = `${size} ${source}`;
    if (!this.pictures.has(key)) this.pictures.set(key, picture(source, `The ${this.nouns.picture} in question`, size));
    return this.pictures.get(key);
  }

  // Whole multiples of 28; what stands beside or below it must fit on the screen, too.
  #size() {
    const beside = innerWidth > 900 || (innerWidth > 640 && innerWidth > innerHeight), // as in vote.css
      above = innerHeight < 600 ? 190 : 330;
    const room = beside
      ? Math.min(innerHeight - above, innerWidth * 0.45)
      : Math.min(innerHeight - 560, innerWidth * 0.65);
    return 28 * Math.max(5, Math.floor(room / 28));
  }

  #single(each) {
    const name = this.nouns.picture;
    const label = `${name[0].toUpperCase()}${name.slice(1)} ${each.place} of ${each.of}`;
    const bar = el("div", { class: "gc-bar" }, el("i"));
    bar.firstChild.style.width = `${(100 * (each.place - (each.source ? 0 : 1))) / each.of}%`;
    return [
      el("div", { class: "gc-progress" }, el("span", {}, label), bar),
      el(
        "div",
        { class: "gc-moment" },
        el("div", { class: "gc-frame gc-one" }, this.#picture(each.image, this.#size())),
        el("div", { class: "gc-said" }, el("h1", {}, "Real or generated?"), ...this.#answers(each), this.#truth(each)),
      ),
    ];
  }

  #answers({ percent, total, called_real: calledReal, source }) {
    const right = source ? (source === "real" ? "real" : "generated") : "";
    const told = (side) => (right ? (right === side ? "gc-right" : "gc-false") : "");
    const sides = ["real", "generated"].map((side) =>
      el(
        "div",
        { class: `gc-answer ${told(side)}` },
        el("strong", {}, `${percent[side]}\u00a0%`),
        el("span", {}, `${right === side ? "✓ " : ""}${side}`),
      ),
    );
    const bar = el("div", { class: "gc-shares", "aria-hidden": "true" }, el("i"), el("i"));
    ["real", "generated"].forEach((side, i) => {
      bar.children[i].style.width = `${percent[side]}%`;
      bar.children[i].className = told(side);
    });
    return [
      el("p", { class: "gc-lead" }, this.data.leads ? "The class says" : "Your class says"),
      el("div", { class: "gc-answers" }, ...sides),
      bar,
      el("p", { class: "gc-facts" }, `${calledReal} of ${total} called it real`),
    ];
  }

  // Empty lines keep the place, so that nothing moves when the truth comes.
  #truth(each) {
    const told = each.source ? [this.#sourceWords(each), this.#fooledWords(each)] : ["\u00a0", "\u00a0"];
    return el(
      "div",
      { class: `gc-truth gc-${each.source}` },
      el("strong", {}, told[0]),
      el("p", {}, told[1]),
      this.#own(each),
    );
  }

  #sourceWords({ source }) {
    return SOURCES[source] ?? (this.data.nouns ? "Real" : "Real: written by a person");
  }

  #fooledWords({ source, fooled, total }) {
    if (!fooled) return source === "real" ? "Nobody took it for generated." : "Nobody was fooled.";
    return source === "real" ? `${fooled} of ${total} took it for generated.` : `It fooled ${fooled} of ${total}.`;
  }

  // What this voter said, and whether it was right; nothing on the host's page.
  #own({ number, source }) {
    if (!this.data.given) return null;
    const said = this.data.given[number];
    if (!said) return el("p", { class: "gc-own" }, "You did not judge this one.");
    const right = (source === "real") === (said === "real");
    const mark = source ? (right ? " ✓ Right" : " ✗ Wrong") : "";
    return el(
      "p",
      { class: `gc-own ${source ? (right ? "gc-hit" : "gc-miss") : ""}` },
      `You said ${said}.`,
      el("strong", {}, mark),
    );
  }

  #most({ generated, real }) {
    const { picture: name, pictures: names } = this.nouns;
    if (!generated) {
      const words = `Nobody called a generated ${name} real.`;
      return [el("h1", {}, "Nobody was fooled"), el("p", { class: "gc-lead" }, words), this.#doubted(real)];
    }
    return [
      el("div", { class: "gc-progress" }, el("span", {}, `Of all generated ${names}`)),
      el(
        "div",
        { class: `gc-moment gc-${generated.source}` },
        el("div", { class: "gc-frame gc-one gc-winner" }, this.#picture(generated.image, this.#size())),
        el(
          "div",
          { class: "gc-said" },
          el("h1", {}, `The ${name} that fooled most people`),
          el(
            "div",
            { class: "gc-answers" },
            el(
              "div",
              { class: "gc-answer" },
              el("strong", {}, `${generated.percent.real}\u00a0%`),
              el("span", {}, "called it real"),
            ),
          ),
          this.#truth(generated),
          this.#doubted(real),
        ),
      ),
    ];
  }

  #doubted(real) {
    if (!real) return null;
    return el(
      "div",
      { class: "gc-doubted" },
      el("div", { class: "gc-frame" }, this.#picture(real.image, 84)),
      el(
        "p",
        {},
        `The real ${this.nouns.picture} that most people doubted: ${real.percent.generated}\u00a0% called it generated.`,
      ),
    );
  }
}

// The host's buttons and keys. A press shows its step at once and tells the server, which tells the class.
class Leader {
  constructor({ data, setTriggerValue }, stage, signal) {
    this.steps = data.steps;
    this.stage = stage;
    this.send = (step) => setTriggerValue("turn", step);
    this.pressed = { step: -1, until: 0 }; // what the server must still hear of
    this.back = button("Back", "gc-back", () => this.turn(-1));
    this.on = button("", "gc-on", () => this.turn(1));
    this.skip = button("Skip to the result", "gc-skip", () => this.go(this.steps.length));
    const hint = el("span", { class: "gc-hint" }, "Keys: ← →, or a pointer's page keys");
    this.root = el("nav", { class: "gc-lead-bar", "aria-label": "Reveal" }, this.back, this.on, hint, this.skip);
    addEventListener("keydown", (event) => this.#key(event), { signal });
    addEventListener("resize", () => this.#draw(this.stage.step), { signal });
  }

  // A step that the server has: another host may have turned the page.
  told(step) {
    if (Date.now() < this.pressed.until && step !== this.pressed.step) this.send(this.pressed.step);
    else if (step !== this.stage.step) this.#draw(step);
  }

  turn(by) {
    this.go(this.stage.step + by);
  }

  go(step) {
    if (this.stage.step < 0 || step < 0 || step > this.steps.length) return;
    this.pressed = { step, until: Date.now() + SURE };
    if (step < this.steps.length) this.#draw(step);
    this.send(step);
  }

  #draw(step) {
    const place = Math.min(step, this.steps.length - 1);
    if (place < 0) return;
    this.stage.show(place, this.steps[place]);
    this.back.disabled = place === 0;
    this.on.textContent = this.#next(place);
  }

  #next(place) {
    if (place === this.steps.length - 1) return "Show the result";
    if (place === this.steps.length - 2) return "Which fooled most?";
    return this.steps[place].source ? `Next ${this.stage.nouns.picture}` : "Show what it is";
  }

  #key(event) {
    const by = KEYS[event.key];
    const typing = event.target.closest?.("input, textarea, select, [role=slider], [contenteditable]");
    if (!by || typing || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === " " && event.target.closest?.("button")) return; // presses that button
    event.preventDefault();
    this.turn(by);
  }
}

const button = (words, kind, pressed) => el("button", { type: "button", class: kind, onclick: pressed }, words);
