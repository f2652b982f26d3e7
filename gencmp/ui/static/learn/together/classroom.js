// A class's predictions on the presenter's screen: how many have come in, and once the outcome is shown, how they split.

import { el, ground } from "../../shared/base.js";
import { ask } from "./ask.js";

// Entry point of the component; Streamlit calls it again when the data or the theme changes.
export function mount({ parentElement, data }) {
  parentElement.gcClassroom?.remove();
  const root = el("section", { class: "gc gc-classroom", "aria-label": "The class's predictions" });
  parentElement.gcClassroom = root;
  parentElement.append(root);
  ground(root);
  const leaving = new AbortController();
  if (data.split) root.append(...split(data));
  else count(root, data, leaving.signal);
  return () => {
    leaving.abort();
    root.remove();
    if (parentElement.gcClassroom === root) delete parentElement.gcClassroom;
  };
}

function count(root, data, signal) {
  const bar = el("progress", { max: 1, value: 0, "aria-hidden": "true" });
  const words = el("p", { class: "gc-count", role: "status" });
  const options = data.options.map(([, label]) => el("li", {}, label));
  root.append(el("ul", { class: "gc-may" }, ...options), bar, words);
  const show = ({ members, predicted }) => {
    bar.value = members ? predicted / members : 0;
    const now = have(members, predicted);
    if (words.textContent !== now) words.textContent = now;
  };
  show(data);
  ask(data, signal, (news) => news.lesson === data.lesson && show(news));
}

/**
 * @param {number} members  phones
 * @param {number} predicted  that have predicted
 */
export function have(members, predicted) {
  if (!members) return "No phone has joined yet.";
  return `${predicted} of ${members} ${members === 1 ? "has" : "have"} predicted`;
}

/**
 * The class's predictions in percent: [key, label, how many, percent, whether it came true].
 * @param {{options: string[][], split: Record<string, number>, came: string}} data
 * @returns {[string, string, number, number, boolean][]}
 */
export function rows({ options, split: found, came }) {
  const all = Object.values(found).reduce((sum, each) => sum + each, 0);
  return options.map(([key, label]) => {
    const many = found[key] ?? 0;
    return [key, label, many, all ? Math.round((100 * many) / all) : 0, key === came];
  });
}

function split(data) {
  const found = rows(data).map(([, label, many, percent, came]) => {
    const bar = el("span", { class: "gc-bar", "aria-hidden": "true" });
    bar.style.setProperty("--share", `${percent}%`);
    return el(
      "li",
      { class: came ? "gc-came" : "" },
      el("span", {}, label, came ? el("strong", {}, " ✓ so it came") : null),
      el("span", { class: "gc-many" }, `${many} (${percent} %)`),
      bar,
    );
  });
  const untold = data.options.some(([key]) => key === data.came) ? [] : [el("p", {}, untellable(data))];
  return [
    el("p", { class: "gc-count" }, `What the class expected: ${have(data.members, data.predicted)}`),
    el("ul", { class: "gc-split" }, ...found),
    ...untold,
  ];
}

const untellable = ({ came }) =>
  came ? "None of these came true." : "Which of these came true cannot be told from this alone.";
