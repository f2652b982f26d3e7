// What the experiments of the lessons have in common: numbers, dials, buttons, and lines of code with their values.

import { el } from "../shared/base.js";

/**
 * 1234.5 -> "1,234.50", with a minus sign that is as wide as a digit.
 * @param {number} x
 * @param {number} [places]  after the point
 */
export function figure(x, places = 2) {
  const size = Math.abs(x).toLocaleString("en-US", { minimumFractionDigits: places, maximumFractionDigits: places });
  return x < 0 && /[1-9]/.test(size) ? `−${size}` : size;
}

/**
 * @param {number} x
 * @param {number} [places]
 */
export const nats = (x, places = 1) => `${figure(x, places)} nats`;

/**
 * 1, "row" -> "1 row"; 2, "row" -> "2 rows"
 * @param {number} n
 * @param {string} noun
 */
export const counted = (n, noun) => `${n} ${noun}${n === 1 ? "" : "s"}`;

/**
 * Some numbers in parentheses.
 * @param {ArrayLike<number>} numbers
 * @param {number} [most]  as many are shown
 */
export function tuple(numbers, most = 4) {
  const shown = Array.from(numbers, (x) => figure(x)).slice(0, most);
  return `(${shown.join(", ")}${numbers.length > most ? ", …" : ""})`;
}

/**
 * @param {string} words
 * @param {string} title
 * @param {() => void} onclick
 */
export const button = (words, title, onclick) =>
  el("button", { type: "button", class: "gw-button", title, onclick }, words);

/**
 * A slider with its value in words. `show` moves it.
 * @param {string} label
 * @param {{ min: number, max: number, title: string, words: (at: number) => string }} facts
 * @param {(at: number) => void} moved
 */
export function dial(label, { min, max, title, words }, moved) {
  const output = el("span", { class: "gw-value", "aria-hidden": "true" }); /* the slider says it itself */
  const input = el("input", {
    type: "range",
    class: "gw-range",
    min: `${min}`,
    max: `${max}`,
    step: "1",
    "aria-label": label,
    title,
  });
  const name = el("span", {}, label);
  const show = (at) => {
    input.value = String(at);
    input.setAttribute("aria-valuetext", words(at));
    output.textContent = words(at);
  };
  input.addEventListener("input", () => {
    show(Number(input.value));
    moved(Number(input.value));
  });
  return { root: el("label", { class: "gw-dial" }, name, output, input), input, show };
}

/**
 * A statement of our source: its lines, and the names that it sets.
 * @typedef {{ text: string, sets: string }} Statement
 */
/**
 * Some of a function of our source (ui/learn/source.py).
 * @typedef {{ path: string, line: number, name: string, head: string, statements: Statement[] }} Excerpt
 */

// An arrow is not broken in two where a long line goes on below.
const lineOf = (line) =>
  el(
    "code",
    { class: line.startsWith("#") ? "gw-comment" : "" },
    ...line.split(/(->)/).map((part) => (part === "->" ? el("span", { class: "gw-whole-word" }, part) : part)),
  );

/**
 * Functions of our source, with a place for a value behind each statement.
 * @param {Excerpt[]} excerpts
 */
export function codeOf(excerpts) {
  const places = new Map();
  const row = (text, inset, key = "") => {
    const value = el("span", { class: "gw-behind" });
    if (key) places.set(key, value);
    const lines = text.split("\n").map(lineOf);
    return el("div", { class: inset ? "gw-line gw-inset" : "gw-line" }, el("div", {}, ...lines), value);
  };
  const parts = excerpts.map(({ path, line, name, head, statements }) =>
    el(
      "div",
      { class: "gw-function" },
      el("div", { class: "gw-path" }, `${path}, line ${line}`),
      row(head, false),
      ...statements.map(({ text, sets }) => row(text, true, `${name}: ${sets}`)),
    ),
  );
  return {
    root: el("div", { class: "gw-code" }, ...parts),
    /** @param {Record<string, string>} values  by "function: names" */
    show: (values) => places.forEach((place, key) => (place.textContent = values[key] ?? "")),
  };
}
