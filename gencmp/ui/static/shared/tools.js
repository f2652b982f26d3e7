// Plotly's tool bar, shown on demand: always shown it would cover the legend on touch screens, and its buttons would be
// half of a page's tab stops.

import { el } from "./base.js";

/**
 * A small button in the chart's corner that shows its tool bar and hides it again.
 * @param {HTMLElement} chart  where Plotly has drawn
 * @param {string} name  of the chart
 */
export function addTools(chart, name) {
  const button = el(
    "button",
    {
      type: "button",
      class: "gc-tools",
      title: "Tools of this chart: zoom, move, save as a picture",
      "aria-label": `Tools of the chart: ${name}`,
      "aria-expanded": "false",
      onclick: () => show(chart.dataset.tools === undefined),
    },
    "⋯",
  );
  const show = (on) => {
    if (on) chart.dataset.tools = "";
    else delete chart.dataset.tools;
    button.setAttribute("aria-expanded", String(on));
    const first = /** @type {HTMLElement | null} */ (chart.querySelector(".modebar-btn"));
    if (on) first?.focus();
  };
  chart.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape" || chart.dataset.tools === undefined) return;
    show(false);
    button.focus();
  });
  chart.append(button);
}
