// "Sizes that must agree": the shapes in both models, two sizes to turn, and PyTorch's error where they do not fit.

import { el, ground, thousands } from "../../shared/base.js";
import { Choice } from "../../shared/choice.js";
import { Classes } from "../../shared/classes.js";
import { say } from "../../shared/terms.js";
import { Chain } from "./chain.js";
import { Message } from "./message.js";
import { button, codeOf, counted, dial } from "../parts.js";
import { clash, parametersByNetwork, stepsOf } from "./shapes.js";

const WORDS = {
  vae: {
    made: "The encoder makes, for each digit",
    taken: "The decoder takes",
    unit: (n) => counted(n, "latent number"),
    what: "z",
    from: "the encoder",
    into: "the decoder",
    together: "Our code reads both sizes from one setting, latent_size",
    aside: "The encoder's last layer makes twice as many: a mean and a log variance for each number of z.",
  },
  gan: {
    made: "We draw, for each picture",
    taken: "The generator takes",
    unit: (n) => counted(n, "random number"),
    what: "the noise",
    from: "the draw",
    into: "the generator",
    together: "Our code reads both sizes from one setting, noise_size",
    aside: "The pictures' 784 pixels are such a place, too: the generator makes them, the discriminator takes them.",
  },
};
export function mount({ parentElement, data }) {
  if (parentElement.gwSizes) ground(parentElement.gwSizes.root);
  else parentElement.gwSizes = new Sizes(parentElement, data);
  return () => {
    parentElement.gwSizes?.root.remove();
    delete parentElement.gwSizes;
  };
}

class Sizes {
  /** @type {any[]} of the dials, each with root, input and show */
  dials = [];
  /** @type {any} */
  equal;

  constructor(parent, data) {
    this.data = data;
    this.nouns = new Classes().nouns;
    this.chosen = { vae: [data.vae.size, data.vae.size], gan: [data.gan.size, data.gan.size] };
    this.root = el("section", { class: "gc gw gw-sizes", "aria-label": "Sizes that must agree" });
    parent.append(this.root);
    ground(this.root);
    this.kinds = new Choice(
      "Which model",
      [["vae", "VAE", "Encoder and decoder"], ["gan", "GAN", "Noise, generator and discriminator"]], // prettier-ignore
      (kind) => this.#take(kind),
      "gw-choice",
    );
    this.below = el("div", { class: "gw-below" });
    this.root.append(el("div", { class: "gw-row" }, this.kinds.root), this.below);
    this.#take("vae");
  }

  #take(kind) {
    this.kind = kind;
    this.kinds.show(kind);
    this.root.classList.toggle("gc-vae", kind === "vae");
    this.root.classList.toggle("gc-gan", kind === "gan");
    this.#build();
    this.#show();
  }

  get facts() {
    return this.data[this.kind];
  }

  #build() {
    const words = WORDS[this.kind],
      range = { min: 1, max: this.facts.most, words: words.unit };
    this.dials = [words.made, words.taken].map((label, i) =>
      dial(label, { ...range, title: "Turn it alone, and the two no longer agree" }, (at) => this.#turn(i, at)),
    );
    this.equal = button("Make them equal", `Gives ${words.into} the size of what comes`, () => {
      this.#turn(1, this.chosen[this.kind][0]);
      this.dials[1].input.focus();
    });
    this.verdict = el("p", { class: "gw-verdict", role: "status" });
    this.counts = el("p");
    this.chain = new Chain();
    this.message = new Message(this.nouns);
    const together = codeOf(this.facts.sizes_in_code);
    this.below.replaceChildren(
      el("div", { class: "gw-dials" }, ...this.dials.map(({ root }) => root), this.equal),
      this.verdict,
      this.chain.root,
      this.message.root,
      el(
        "div",
        { class: "gw-halves" },
        el("section", {}, el("h2", {}, "The numbers"), this.counts),
        el("section", {}, el("h2", {}, words.together), together.root),
      ),
    );
  }

  #turn(which, size) {
    this.chosen[this.kind][which] = size;
    this.#show();
  }

  #show() {
    const sizes = this.chosen[this.kind],
      steps = stepsOf(this.kind, this.facts, sizes[0], sizes[1]),
      clashing = clash(steps, this.facts.batch);
    this.dials.forEach(({ show }, i) => show(sizes[i]));
    this.equal.disabled = !clashing;
    this.root.dataset.fits = String(!clashing);
    this.#showVerdict(clashing);
    this.chain?.show(steps, this.facts.batch);
    this.#showCounts(steps);
    if (clashing) this.message?.show(clashing, WORDS[this.kind], this.facts.fails_in_code);
    else this.message?.showNone();
  }

  #showVerdict(clashing) {
    const { what, into, unit } = WORDS[this.kind],
      [made, taken] = this.chosen[this.kind];
    const has = `${what.replace(/^the/, "The")} has ${unit(made)}`;
    this.verdict.replaceChildren(
      el("strong", {}, clashing ? "Breaks" : "Fits"),
      clashing ? ` ${has}, ${into} takes ${taken}.` : ` ${has}, and ${into} takes as many.`,
    );
  }

  #showCounts(steps) {
    const counts = parametersByNetwork(steps),
      all = counts.reduce((sum, [, count]) => sum + count, 0),
      each = counts.map(([network, count]) => `${network} ${thousands(count)}`).join(" + ");
    const fits = this.root.dataset.fits === "true";
    say(
      this.counts,
      `[Parameters|parameters]: ${each} = ${thousands(all)}. ${fits ? WORDS[this.kind].aside : "Both networks were built without complaint: a network knows nothing of the other."} Each box is the [shape] of what flows, [${this.facts.batch} pictures a batch|batch]; bars are logarithmic.`,
      this.nouns,
    );
  }
}
