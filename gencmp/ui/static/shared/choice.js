// A segmented control, used by the Explore and Compare pages.

import { el } from "./base.js";

// Radio buttons that look like one bar. options: [[value, text, title], ...]
export class Choice {
  /**
   * @param {string} label
   * @param {string[][]} options
   * @param {(value: string) => void} chosen
   * @param {string} [className]
   */
  constructor(label, options, chosen, className = "gx-choice") {
    this.buttons = options.map(([value, words, title]) => {
      const each = el(
        "button",
        { type: "button", role: "radio", "aria-checked": "false", title, onclick: () => chosen(value) },
        words,
      );
      each.dataset.value = value;
      return each;
    });
    this.root = el("div", { class: className, role: "radiogroup", "aria-label": label }, ...this.buttons);
    this.root.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!step) return;
      const next =
        this.buttons[(this.buttons.indexOf(document.activeElement) + step + this.buttons.length) % this.buttons.length];
      next.focus();
      next.click();
      event.preventDefault();
    });
  }
  show(value) {
    for (const each of this.buttons) {
      const on = each.dataset.value === value;
      each.setAttribute("aria-checked", String(on));
      each.tabIndex = on ? 0 : -1;
    }
  }
}
