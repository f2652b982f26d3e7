// The presenter's keys: left and right lead from stage to stage of a lesson.

import { presenting } from "../shared/presenter.js";

const STAGES = ".st-key-learn_stages [data-testid=stButtonGroup] button";
const OWN_ARROWS = "input, textarea, select, [role=radio], [role=slider], [role=tab], .js-plotly-plot";

// Entry point of the component; Streamlit calls it again when the data or the theme changes.
export function mount() {
  addEventListener("keydown", go);
  return () => removeEventListener("keydown", go);
}

/** @param {KeyboardEvent} event */
function go({ key, target, altKey, ctrlKey, metaKey }) {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[key];
  if (!by || altKey || ctrlKey || metaKey || !presenting()) return;
  const stages = [...document.querySelectorAll(STAGES)];
  const isAtStages = target instanceof Element && target.closest(STAGES);
  if (target instanceof Element && target.closest(OWN_ARROWS) && !isAtStages) return;
  const now = stages.findIndex((each) => each.getAttribute("aria-checked") === "true");
  const next = stages[now + by];
  if (now >= 0 && next instanceof HTMLElement && !isAtStages) next.click();
}
