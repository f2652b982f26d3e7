// "Sizes that must agree": the shapes in both models, two sizes to turn, and PyTorch's error where they do not fit.

import { el, ground, thousands } from "../shared/base.js";
import { Choice } from "../shared/choice.js";
import { Classes } from "../shared/classes.js";
import { explained, say } from "../shared/terms.js";
import { button, codeOf, dial } from "./parts.js";
import { clash, messageParts, parametersByNetwork, parametersOf, stepsOf } from "./shapes.js";

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
const NAMES = {
  pixels: "digits",
  hidden: "hidden",
  "mean and log variance": "means, log variances",
  z: "z, drawn",
  noise: "noise",
  picture: "pictures",
  opinion: "D's opinion",
};
const WIDEST = 784; // numbers: a bar of full length

export function mount({ parentElement, data }) {
  if (parentElement.gwSizes) ground(parentElement.gwSizes.root);
  else parentElement.gwSizes = new Sizes(parentElement, data);
  return () => {
    parentElement.gwSizes?.root.remove();
    delete parentElement.gwSizes;
  };
}

const shape = (batch, width) => `[${batch}, ${width}]`;
const counted = (n, noun) => `${n} ${noun}${n === 1 ? "" : "s"}`;
const length = (width) => `${Math.round((100 * Math.log(width + 1)) / Math.log(WIDEST + 1))}%`;

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
    this.chain = el("div", { class: "gw-chain", role: "img" });
    this.error = el("section", { class: "gw-error" });
    const together = codeOf(this.facts.sizes_in_code);
    this.below.replaceChildren(
      el("div", { class: "gw-dials" }, ...this.dials.map(({ root }) => root), this.equal),
      this.verdict,
      this.chain,
      this.error,
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
    this.#showChain(steps);
    this.#showCounts(steps);
    this.#showError(clashing);
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

  // The way of the numbers

  #showChain(steps) {
    const networks = [...new Set(steps.map(({ network }) => network))];
    const { batch } = this.facts;
    this.chain.setAttribute("aria-label", chainWords(steps, batch));
    this.chain.replaceChildren(
      ...networks.map((network) => {
        const own = steps.filter((each) => each.network === network),
          count = parametersByNetwork(own)[0]?.[1];
        return el(
          "div",
          { class: "gw-network", style: `--steps: ${own.length}` },
          el(
            "header",
            {},
            el("strong", {}, HEADS[network] ?? ""),
            count ? el("small", {}, `${thousands(count)} parameters`) : null,
          ),
          el("div", { class: "gw-steps" }, ...own.flatMap((step) => this.#step(step, batch))),
        );
      }),
    );
  }

  #step(step, batch) {
    const { layer, width, name, broken, reached } = step,
      state = reached ? "" : "unreached";
    const parts = [];
    if (layer) {
      const joint = name !== "opinion" && this.#isJoint(step);
      parts.push(
        el(
          "div",
          {
            class: "gw-layer",
            "data-state": broken ? "broken" : state,
            title: `A linear layer: ${thousands(parametersOf(layer))} parameters`,
          },
          joint ? el("i", { class: "gw-socket", style: `--length: ${length(layer.inputs)}` }) : null,
          el("span", {}, `${layer.inputs} → ${layer.outputs}`),
        ),
      );
    }
    parts.push(
      el(
        "div",
        { class: "gw-tensor", "data-state": state },
        el("i", { class: "gw-bar", style: `--length: ${length(width)}` }),
        el("span", {}, el("b", {}, shape(batch, width)), el("small", {}, NAMES[name])),
      ),
    );
    return parts;
  }

  /** Whether this is the layer whose size can be turned. */
  #isJoint({ network, layer }) {
    return ["decoder", "generator"].includes(network) && layer.outputs === this.facts.networks[network][0];
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

  // PyTorch's message

  #showError(clashing) {
    this.error.replaceChildren();
    if (!clashing) {
      this.error.append(
        el("p", { class: "gw-note" }, "Turn one of the two dials alone to see where it breaks, and what PyTorch says."),
      );
      return;
    }
    const parts = messageParts(clashing).map(([words, part]) =>
      part ? el("span", { class: "gw-part gw-token", "data-part": part }, words) : words,
    );
    const rows = Object.entries(this.#explanations(clashing)).map(([part, [token, sentence]]) =>
      el(
        "div",
        { class: "gw-part", "data-part": part },
        el("dt", {}, el("code", {}, token)),
        el("dd", {}, ...explained(sentence, this.nouns)),
      ),
    );
    const fails = codeOf(this.facts.fails_in_code);
    this.error.append(
      el("h2", {}, "What PyTorch says, word by word"),
      el("p", { class: "gw-message" }, el("code", {}, "RuntimeError: ", ...parts)),
      el(
        "div",
        { class: "gw-halves" },
        el("dl", { class: "gw-explained" }, ...rows),
        el(
          "div",
          { class: "gw-where" },
          matrices(clashing),
          el("p", { class: "gw-note" }, "The error comes with the first batch, from this line:"),
          fails.root,
        ),
      ),
    );
    for (const each of this.error.querySelectorAll(".gw-part")) {
      each.addEventListener("pointerenter", () => this.#light(each.dataset.part));
      each.addEventListener("pointerleave", () => this.#light(""));
    }
  }

  #light(part) {
    for (const each of this.error.querySelectorAll(".gw-part"))
      each.classList.toggle("gw-lit", each.dataset.part === part);
  }

  #explanations([rows, columns, inputs, neurons]) {
    const { what, from, into } = WORDS[this.kind];
    return {
      mat1: ["mat1", `The first matrix: ${what}, as it comes from ${from}. Its [shape] is ${counted(rows, "row")} by ${counted(columns, "column")}.`],
      mat2: ["mat2", `The second: the weights of the first [linear layer] of ${into}, ${counted(inputs, "row")} by ${counted(neurons, "column")}. (PyTorch keeps them turned, as ${neurons} by ${inputs}.)`],
      rows: [`${rows}`, "Rows of the first: one for each picture of the [batch]. It may be any."],
      columns: [`${columns}`, `Columns of the first: the numbers that come for each picture. This is the size that ${from} gives.`],
      inputs: [`${inputs}`, `Rows of the second: the numbers that the layer takes for each picture. This is the size that ${into} was built with.`],
      neurons: [`${neurons}`, "Columns of the second: the layer's neurons. It may be any."],
      cannot: ["cannot be multiplied", `Each neuron multiplies the first number by its first weight, the second by its second, and so on, and adds up. ${counted(columns, "number")} and ${counted(inputs, "weight")} do not pair off: the two in the middle must be equal.`],
    }; // prettier-ignore
  }
}

const HEADS = { encoder: "Encoder", decoder: "Decoder", generator: "Generator", discriminator: "Discriminator" };

function chainWords(steps, batch) {
  const words = steps.map(({ name, width, broken }) =>
    broken ? `here it breaks; not reached: ${NAMES[name]}` : `${NAMES[name]} ${shape(batch, width)}`,
  );
  return `Shapes in order: ${words.join(", then ")}.`;
}

// The two matrices side by side, their sides logarithmic, with the sizes in the middle that must be equal.
function matrices([rows, columns, inputs, neurons]) {
  const side = (n) => `${(1.2 + 1.25 * Math.log2(n + 1) * 0.62).toFixed(2)}rem`;
  const matrix = (name, high, wide, inner) =>
    el(
      "div",
      { class: `gw-matrix gw-${inner}` },
      el("span", { class: "gw-wide-size" }, `${wide}`),
      el("span", { class: "gw-high-size" }, `${high}`),
      el("i", { style: `width: ${side(wide)}; height: ${side(high)}` }, el("code", {}, name)),
    );
  return el(
    "div",
    { class: "gw-matrices", "aria-hidden": "true" },
    matrix("mat1", rows, columns, "inner-wide"),
    el("span", {}, "×"),
    matrix("mat2", inputs, neurons, "inner-high"),
    el("p", { class: "gw-note" }, el("b", {}, `${columns} ≠ ${inputs}`)),
  );
}
