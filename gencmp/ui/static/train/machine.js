// The machine in motion: a run that is stepped by hand or runs in slow motion, phase by phase. It hears the news that the
// live card of the run fetches, and asks the card to look again sooner while something is about to come.

import { calm, el, ground } from "../shared/base.js";
import { Classes } from "../shared/classes.js";
import { explained, say } from "../shared/terms.js";
import { Asking } from "./asking.js";
import { Controls } from "./controls.js";
import { Draws } from "./draws.js";
import { Network, arrow } from "./network.js";
import { Row } from "./opinions.js";
import { facts, headline, unseenWords, waitingWords } from "./phases.js";

const SOON = 60; // ms between looks while something is about to come
const GAVE_UP = "The run has not answered. Press again, or look at its card below.";
const NOTE = "Bars under the layers: [weights moved] in this phase, log scale from 0.001 % to 10 %.";
const SLOW_ENOUGH = 3; // steps a second up to which the arrows move: beyond, it would only flicker

// Entry point of the component; Streamlit calls it again when the data or the theme changes.
export function mount({ parentElement, data, setTriggerValue }) {
  if (parentElement.gcMachine?.data.model !== data.model) {
    parentElement.gcMachine?.remove();
    parentElement.gcMachine = new Machine(parentElement, data);
  }
  const machine = parentElement.gcMachine;
  machine.asking.send = (asked) => setTriggerValue("asked", asked);
  ground(machine.root);
  return () => {
    machine.remove();
    delete parentElement.gcMachine;
  };
}

export class Machine {
  /** @type {any} the newest one */
  moment = null;
  state = "starting"; // of the run
  asking = new Asking();
  /** @type {Controls} */
  controls;
  timer = 0;
  /** @type {Network[]} */
  networks = [];
  /** @type {Record<string, Row>} */
  rows = {};
  /** @type {Draws | undefined} VAE only */
  draws;

  constructor(parent, data) {
    this.data = data;
    this.nouns = new Classes(data.classes).nouns;
    this.#build(parent);
    addEventListener("gencmp-news", (this.onNews = (event) => this.#hear(event.detail)));
    this.#show();
    this.#look(0);
  }

  remove() {
    clearTimeout(this.timer);
    removeEventListener("gencmp-news", this.onNews);
    this.root.remove();
  }

  // Elements

  #build(parent) {
    const { kind } = this.data;
    this.controls = new Controls(kind, (asked) => this.#ask(asked));
    this.title = el("h2", { class: "gt-headline", "aria-live": "polite" });
    this.facts = el("span", { class: "gt-facts" });
    this.losses = el("span");
    this.words = el("p", { class: "gt-words", role: "alert" });
    this.root = el(
      "section",
      { class: `gc gt gc-${kind}`, "aria-label": `${kind.toUpperCase()}, step by hand` },
      this.controls.root,
      this.words,
      this.title,
      el("p", { class: "gt-losses" }, this.facts, this.losses),
      el("div", { class: "gt-machine" }, ...(kind === "gan" ? this.#gan() : this.#vae())),
      el("p", { class: "gt-note" }, ...explained(NOTE, this.nouns)),
    );
    parent.append(this.root);
    ground(this.root);
  }

  #gan() {
    const { generator, discriminator } = this.data.networks,
      { nouns } = this;
    this.networks = [
      new Network("generator", "[G], the generator", generator, ["noise", "a fake"], nouns),
      new Network("discriminator", "[D], the discriminator", discriminator, ["a picture", "real?"], nouns),
    ];
    this.rows = {
      fakes: new Row("Fakes, drawn by G from [noise]", "Fakes of this minibatch", true, nouns),
      real: new Row("Real, from the [minibatch|batch]", "Real pictures of this minibatch", true, nouns),
    };
    const [first, second] = this.networks;
    return [
      first.root,
      link("generator"),
      this.rows.fakes.root,
      this.rows.real.root,
      link("discriminator"),
      second.root,
    ];
  }

  #vae() {
    const { encoder, decoder } = this.data.networks,
      { nouns } = this;
    this.networks = [
      new Network("encoder", "The [encoder]", encoder, ["a picture", "mean, spread"], nouns),
      new Network("decoder", "The [decoder]", decoder, ["z", "a picture"], nouns),
    ];
    this.rows = {
      real: new Row("Pictures of the [minibatch|batch]", "Pictures of this minibatch", false, nouns),
      reconstructions: new Row("Their [reconstructions|reconstruction]", "Their reconstructions", false, nouns),
    };
    this.draws = new Draws(nouns);
    this.rows.real.root.addEventListener("pointermove", (event) => this.#choose(event));
    this.rows.real.root.addEventListener("pointerdown", (event) => this.#choose(event));
    const [first, second] = this.networks,
      links = ["pictures", "encoder", "decoder", "decoder"].map(link);
    return [
      this.rows.real.root,
      links[0],
      first.root,
      links[1],
      this.draws.root,
      links[2],
      second.root,
      links[3],
      this.rows.reconstructions.root,
    ];
  }

  // The picture under the pointer is the one whose draw is told in numbers.
  #choose({ clientX }) {
    const box = this.rows.real.sheet.canvas.getBoundingClientRect(),
      count = this.moment?.mean?.length ?? 0;
    const i = Math.floor(((clientX - box.left) / box.width) * count);
    if (i >= 0 && i < count && i !== this.draws?.chosen) this.draws?.choose(i);
  }

  // News

  #ask(asked) {
    this.asking.ask(asked, this.moment);
    this.#show();
    this.#look();
  }

  /** @param {number} [after] ms until the card is asked to look for news */
  #look(after = SOON) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => dispatchEvent(new CustomEvent("gencmp-look", { detail: this.data.model })), after);
  }

  #hear({ model, news }) {
    if (model !== this.data.model) return;
    const before = this.moment;
    this.state = news.run.state;
    if (!this.#passes(news.moment)) this.moment = news.moment ?? null;
    this.asking.hear(this.moment, this.state, this.rate);
    this.#show();
    if (this.moment && this.moment.id !== before?.id) this.#beat();
    if (document.hidden) return;
    if (this.asking.waiting) this.#look();
    else if (this.rate && this.asking.hasAsked) this.#look(Math.max(SOON, 150 / this.rate)); // a class just follows
  }

  // A minibatch that is laid out is not shown where it is gone at once: it would flicker.
  #passes(moment) {
    if (!moment || moment.acts || !this.moment) return false;
    return moment.rate > SLOW_ENOUGH || this.asking.stepsAreComing;
  }

  get rate() {
    return (this.state === "running" && this.moment?.rate) || 0;
  }

  #show() {
    const { moment } = this,
      { waiting } = this.asking,
      acts = moment?.acts ?? "";
    this.root.hidden = this.state === "running" && !moment && !waiting;
    this.root.dataset.acts = acts;
    this.controls.show(moment, this.rate > 0 || Boolean(waiting?.asked.hold), waiting);
    this.words.textContent = this.asking.gaveUp ? GAVE_UP : "";
    this.title.setAttribute("aria-live", this.rate ? "off" : "polite"); // twenty sentences a second are none
    const title = moment ? headline(acts, moment.next) : "Nothing learns now";
    if (this.title.textContent !== title) this.title.textContent = title;
    if (!moment) return void (this.facts.textContent = waitingWords(this.state));
    this.facts.textContent = facts(moment);
    say(this.losses, lossWords(moment), this.nouns);
    for (const each of this.networks) each.show(moment);
    this.#pictures(acts);
    this.draws?.show(moment);
  }

  #pictures(acts) {
    const { id, opinions = {} } = this.moment,
      place = `${this.data.api}/moment/${this.data.model}/${id}`;
    for (const [name, row] of Object.entries(this.rows)) {
      if (!acts && name !== "real") row.clear("not yet");
      else row.show(`${place}/${name}.png`, opinions[name], unseenWords(name, acts));
    }
  }

  // The arrows run once, forward and then back: in which direction things went.
  #beat() {
    if (calm() || this.rate > SLOW_ENOUGH || !this.moment.acts) return;
    this.root.dataset.beat = this.root.dataset.beat === "a" ? "b" : "a";
  }
}

const WAYS = {
  pictures: "The encoder takes each picture as 784 numbers. No gradient goes back to them: pictures do not learn.",
  encoder:
    "The encoder's two answers, mean and standard deviation, say where z is drawn. The gradient comes back through the draw to the encoder.",
  decoder: "The numbers go down to the reconstruction. The gradient comes back up from the loss.",
  generator:
    "What G draws goes on to D. In G's phase the gradient comes back this way, and tells G what would look more real to D.",
  discriminator:
    "D gets real pictures and fakes alike, and is not told which is which. In G's phase it gets only fakes.",
};

// The way between two parts: numbers go down, and the gradient comes back up where it does.
function link(name) {
  const root = el("div", { class: "gt-link", "data-tip": WAYS[name] }, arrow("down"), arrow("up"));
  root.dataset.link = name;
  return root;
}

/** @type {[string, string, number][]} name, words, decimal places */
const MEASURED = [
  ["discriminator_loss", "[discriminator loss] {} [nats]", 3],
  ["generator_loss", "[generator loss] {} [nats]", 3],
  ["d_real", "[D(x)] {}", 2],
  ["d_fake", "[D(G(z))] {}", 2],
  ["reconstruction", "[reconstruction] {}", 1],
  ["kl", "[KL] {} [nats] per image", 2],
];

// This phase's own losses.
function lossWords({ measures = {}, acts }) {
  const found = MEASURED.filter(([name]) => Number.isFinite(measures[name]));
  if (!found.length) return "no loss yet";
  const words = found.map(([name, each, places]) => each.replace("{}", measures[name].toFixed(places)));
  return words.join(acts === "vae" ? " + " : " · ");
}
