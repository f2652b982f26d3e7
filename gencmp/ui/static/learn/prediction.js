// A student's prediction: asked before the runs, and held against them afterwards. Only this browser keeps it; in a class it
// is counted, too.

import { el, ground } from "../shared/base.js";
import { Choice } from "../shared/choice.js";
import { recall, remember } from "../shared/memory.js";

// Entry point of the component; Streamlit calls it again when the data or the theme changes.
export function mount({ parentElement, data, setTriggerValue }) {
  parentElement.gcPrediction?.remove();
  const root = el("section", { class: "gc gc-prediction", "aria-label": "Your prediction" });
  parentElement.gcPrediction = root;
  parentElement.append(root);
  ground(root);
  if (data.asks) ask(root, data, (key) => setTriggerValue("predicted", key));
  else root.append(el("p", {}, outcome(recall(nameOf(data)), data.options, data.outcome)));
  return () => {
    root.remove();
    if (parentElement.gcPrediction === root) delete parentElement.gcPrediction;
  };
}

const nameOf = ({ lesson }) => `gencmp-lesson-${lesson}`;

const ALONE = "Noted, in this browser only. You can change your mind until you have seen the outcome.";
const IN_CLASS = "Counted in your class, without your name. You can change your mind until the outcome is shown.";
const CLOSED = "The outcome has been shown, so no more predictions are taken.";

function ask(root, data, send) {
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
    if (data.sends) send(key);
  }
  function show(key) {
    choice.show(key);
    said.textContent = data.closed ? CLOSED : !key ? "" : data.sends ? IN_CLASS : ALONE;
  }
  root.append(choice.root, said);
  const kept = data.sends ? data.given : recall(nameOf(data));
  show(kept);
  for (const each of choice.buttons) each.disabled = Boolean(data.closed);
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
