// The two terms put together: rightly, with a weight of KL to turn, and in three wrong ways.

import { el } from "../../shared/base.js";
import { explained, say } from "../../shared/terms.js";
import { PIXELS } from "../../latent/nets.js";
import { narrower, negativeNats, totals } from "./elbo.js";
import { button, dial, figure, nats } from "../parts.js";

const BETAS = [0, 0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, PIXELS];

const percent = (part) => `${figure(100 * part, part > 0 && part < 0.1 ? 1 : 0)} %`;

/** @param {number} beta */
function betaWords(beta) {
  const trained = "The dial weighs the sum anew; the networks were trained with β = 1.";
  if (beta === 0) return `This is a plain autoencoder's loss. ${trained}`;
  if (beta === 1) return "The loss is the [negative ELBO], as in the paper.";
  if (beta === PIXELS)
    return "This is 784 times the loss with a mean over the pixels: that mistake gives KL this weight.";
  return trained;
}

export class Whole {
  /**
   * @param {any} nouns
   * @param {(beta: number) => void} weighed
   */
  constructor(nouns, weighed) {
    this.nouns = nouns;
    this.weighed = weighed;
    this.total = el("p", { class: "gw-total", "aria-live": "polite" });
    this.bar = el("div", { class: "gw-sum", "aria-hidden": "true" }, el("i"), el("i"));
    this.share = el("p");
    const words = (at) => `β = ${BETAS[at]}`;
    const range = { min: 0, max: BETAS.length - 1, title: "β: how much KL counts in the sum", words };
    this.dial = dial("Weight of KL", range, (at) => weighed(BETAS[at]));
    const legend = el("p", { class: "gw-note gw-legend" }, el("i"), "reconstruction", el("i"), "β × KL");
    this.root = el(
      "section",
      { class: "gw-whole" },
      el("h2", {}, ...explained("The loss: reconstruction + [β] × KL", nouns)),
      this.total,
      el("div", {}, this.bar, legend),
      this.dial.root,
      this.share,
    );
  }

  /** @param {number} beta  one of BETAS */
  turn(beta) {
    this.weighed(beta);
    this.dial.input.focus();
  }

  /**
   * @param {import("./elbo.js").Loss} loss
   * @param {number} beta
   */
  show(loss, beta) {
    const { right } = totals(loss, beta),
      part = (beta * loss.kl) / right;
    this.dial.show(BETAS.indexOf(beta));
    this.total.replaceChildren(
      el("strong", {}, nats(right)),
      ` = ${figure(loss.reconstruction, 1)} + ${beta} × ${figure(loss.kl)}`,
    );
    [1 - part, part].forEach((each, i) => (this.bar.children[i].style.flexGrow = String(each)));
    say(this.share, `KL is ${percent(part)} of it. ${betaWords(beta)}`, this.nouns);
  }
}

export class Mistakes {
  /**
   * @param {any} nouns
   * @param {(beta: number) => void} turn  turns the dial
   */
  constructor(nouns, turn) {
    this.nouns = nouns;
    const toMean = button("Turn β to 784", "The same loss but for a factor of 784", () => turn(PIXELS));
    this.cards = [
      card("A mean where the sum belongs", "reconstruction / 784 + KL", toMean),
      card("The sign of KL", "reconstruction − KL"),
      card("The sign of the reconstruction", "−reconstruction + KL"),
    ];
    const roots = this.cards.map(({ root }) => root);
    this.root = el(
      "section",
      {},
      el("h2", {}, "Three ways to get it wrong"),
      el("div", { class: "gw-mistakes" }, ...roots),
    );
  }

  /**
   * @param {import("../../latent/nets.js").Model} model
   * @param {ArrayLike<number>} pixels  0 to 1
   * @param {import("./elbo.js").Loss} loss
   */
  show(model, pixels, loss) {
    const sums = totals(loss),
      [tenth, thousandth] = [10, 1000].map((times) => totals(narrower(model, pixels, loss, times)).klSign),
      negative = loss.kl - negativeNats(pixels, loss);
    const told = [
      [
        sums.pixelMean,
        `KL is now ${percent(loss.kl / sums.pixelMean)} of the loss instead of ${percent(loss.kl / sums.right)}. What is minimised is, but for a factor, reconstruction + 784 × KL. The cheapest encoder says nothing: [posterior collapse|collapsed].`,
      ],
      [
        sums.klSign,
        `Less than the right ${nats(sums.right)}, though nothing has become better. What is minimised rewards an encoder far from the prior: a tenth of the spread gives ${nats(tenth)}, a thousandth ${nats(thousandth)}, and so on without end.`,
      ],
      [
        sums.reconstructionSign,
        `What is minimised rewards bad pictures. If the decoder drew the negative of its picture, this would be ${nats(negative)}; the surer it is of what is wrong, the lower still.`,
      ],
    ];
    told.forEach(([number, sentence], i) => {
      this.cards[i].number.textContent = nats(Number(number), 2);
      say(this.cards[i].words, String(sentence), this.nouns);
    });
  }
}

function card(title, formula, ...more) {
  const number = el("strong"),
    words = el("p");
  const parts = [el("h3", {}, title), el("code", {}, formula), el("p", { class: "gw-total" }, number), words, ...more];
  return { root: el("section", {}, ...parts), number, words };
}
