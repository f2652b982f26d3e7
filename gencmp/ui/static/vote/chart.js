// The result of a vote in plain HTML elements: shares on a line from 0 to 100 %, each with its interval.

import { el } from "../shared/base.js";
import { picture } from "./picture.js";

const percent = (x) => `${x}\u00a0%`; // non-breaking space; x is whole, rounded where the votes are counted
const rounded = (x) => Math.round(100 * x);
const at = (x) => `${100 * x}%`;
const NAMES = { gan: "GAN", real: "Real", vae: "VAE" };
const ORDER = ["gan", "real", "vae"];

// How often the pictures of each source were misjudged.
export function rates(rows) {
  return el(
    "figure",
    { class: "gc-rates" },
    el("figcaption", { class: "gc-title" }, "Misjudged"),
    ...rows.map(rate),
    el(
      "div",
      { class: "gc-rate gc-axis", "aria-hidden": "true" },
      el("span"),
      el("div", { class: "gc-ticks" }, ...[0, 0.5, 1].map(tick)),
      el("span"),
    ),
  );
}

function tick(x) {
  const mark = el("span", {}, x === 0.5 ? "50 %: guessing" : percent(rounded(x)));
  mark.style.left = at(x);
  return mark;
}

function rate({ source, says, count, total, share, percent: whole, low, high }) {
  const track = el("div", { class: "gc-track" }, el("b"));
  if (total) track.append(whisker(low, high), dot(share));
  const facts = total
    ? `${percent(whole)} (${rounded(low)}–${percent(rounded(high))}), ${count} of ${total}`
    : "no answers yet";
  return el(
    "div",
    { class: `gc-rate gc-${source}`, title: says },
    el("strong", {}, NAMES[source]),
    track,
    el("span", { class: "gc-facts" }, facts),
  );
}

function whisker(low, high) {
  const line = el("i", { class: "gc-whisker" });
  Object.assign(line.style, { left: at(low), width: at(high - low) });
  return line;
}

function dot(share) {
  const mark = el("i", { class: "gc-dot" });
  mark.style.left = at(share);
  return mark;
}

// Which model's sets were preferred: one divided bar, with the interval around the division.
export function split({ gan, vae, share, percent: whole, low, high, p }) {
  const title = el("figcaption", { class: "gc-title" }, "Preferred set");
  if (!(gan + vae)) return el("figure", { class: "gc-split" }, title, el("p", { class: "gc-facts" }, "no answers yet"));
  const parts = ["gan", "vae"].map((kind) => {
    const part = el("span", { class: `gc-${kind}` });
    part.style.width = at(kind === "gan" ? 1 - share : share);
    return part;
  });
  const bar = el(
    "div",
    { class: "gc-parted" },
    ...parts,
    whisker(1 - high, 1 - low),
    el("b", { title: "50 %: no preference" }),
  );
  const ends = el(
    "div",
    { class: "gc-ends" },
    el("strong", { class: "gc-gan" }, `GAN ${percent(100 - whole)}`),
    el("strong", { class: "gc-vae" }, `VAE ${percent(whole)}`),
  );
  const facts = `${gan} to ${vae}; 95 % interval of the VAE's share: ${rounded(low)} to ${percent(rounded(high))}; ${p}`;
  return el("figure", { class: "gc-split" }, title, ends, bar, el("p", { class: "gc-facts" }, facts));
}

// Every picture with the share of voters who called it real, most convincing first.
export function digitRows(digits, nouns) {
  const rows = ORDER.map((source) => {
    const mine = digits.filter((each) => each.source === source).sort((a, b) => b.percent - a.percent);
    const cells = mine.map(({ image, percent: whole }) =>
      el(
        "div",
        { class: "gc-cell" },
        picture(image, `${NAMES[source]} ${nouns.picture}`, 56),
        el("span", {}, percent(whole)),
      ),
    );
    return el(
      "div",
      { class: `gc-digits gc-${source}` },
      el("strong", {}, NAMES[source]),
      el("div", { class: "gc-cells" }, ...cells),
    );
  });
  return el(
    "figure",
    { class: "gc-shown" },
    el("figcaption", { class: "gc-title" }, `The ${nouns.pictures}, and the share of voters who called each real`),
    ...rows,
  );
}

// A voter's own hits and misses, each with what the picture was.
export function ownRows(rows, nouns) {
  return rows.map(({ label, pictures }) =>
    el(
      "figure",
      { class: "gc-own-row" },
      el("figcaption", { class: "gc-title" }, label),
      el(
        "div",
        { class: "gc-cells" },
        ...pictures.map(({ image, source }) =>
          el(
            "div",
            { class: `gc-cell gc-${source}` },
            picture(image, `${NAMES[source]} ${nouns.picture}`, 56),
            el("strong", {}, NAMES[source]),
          ),
        ),
      ),
    ),
  );
}
