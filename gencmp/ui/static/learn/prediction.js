// A student's prediction, which only this browser keeps: asked before the runs, and held against them afterwards.

import { el, ground } from "../shared/base.js";
import { Choice } from "../shared/choice.js";
import { recall, remember } from "../shared/memory.js";

// Entry point of the component; Streamlit calls it again when the data or the theme changes.
export function mount({ parentElement, data }) {
  parentElement.gcPrediction?.remove();
  const root = el("section", { class: "gc gc-prediction", "aria-label": "Your prediction" });
  parentElement.gcPrediction = root;
  parentElement.append(root);
  ground(root);
  if (data.asks) ask(root, data);
  else root.append(el("p", {}, outcome(recall(nameOf(data)), data.options, data.outcome)));
  return () => {
    root.remove();
    if (parentElement.gcPrediction === root) delete parentElement.gcPrediction;
  };
}

const nameOf = ({ lesson }) => `gencmp-lesson-${lesson}`;

function ask(root, data) {
  const said = el("p", { class: "gc-kept", role: "status" });
  const choice = new Choice(
    "Your prediction",
    data.options.map(([key, label]) => [key, label, ""]),
    chosen,
    "gc-options",
  );
  function chosen(key) {
    remember(nameOf(data), key);
    show(key);
  }
  function show(key) {
    choice.show(key);
    said.textContent = key
      ? "Noted, in this browser only. You can change your mind until you have seen the outcome."
      : "";
  }
  root.append(choice.root, said);
  const kept = recall(nameOf(data));
  show(kept);
  if (!data.options.some(([key]) => key === kept)) choice.buttons[0].tabIndex = 0; // reached by keyboard before one is chosen
}

/**
 * What became of a prediction, in a sentence.
 * @param {string | null} predicted  a key of the options
 * @param {string[][]} options  [key, label] of each
 * @param {string} came  the key that came true; "" if that cannot be told
 */
export function outcome(predicted, options, came) {
  const labels = Object.fromEntries(options);
  const mine = labels[predicted ?? ""];
  if (!mine) return came in labels ? `Outcome: ${labels[came]}. You made no prediction.` : "You made no prediction.";
  if (!(came in labels)) return `You predicted: ${mine}. It cannot be told from this alone.`;
  return predicted === came
    ? `You predicted: ${mine}. So it came.`
    : `You predicted: ${mine}. It came differently: ${labels[came]}.`;
}
