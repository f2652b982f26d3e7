// A divider between two overlaid pictures, dragged by a pointer or moved by keys.
// Used by the Compare page and by self-contained HTML panels (gencmp/panels/html.py), so it imports nothing.

const JUMPS = {
  ArrowLeft: -2,
  ArrowRight: 2,
  ArrowDown: -2,
  ArrowUp: 2,
  PageDown: -10,
  PageUp: 10,
  Home: -100,
  End: 100,
}; // percent of the width

export class Divider {
  /** @type {number} position of the divider, 0 to 100 */
  at;

  /**
   * @param {HTMLElement} stage  what is dragged over
   * @param {(at: number) => void} cut  moves what is seen, at 0 to 100
   * @param {number} at
   * @param {() => DOMRect} [box]  where 0 and 100 are on the screen
   */
  constructor(stage, cut, at, box = () => stage.getBoundingClientRect()) {
    this.stage = stage;
    this.cut = cut;
    this.box = box;
    this.held = false;
    const facts = {
      tabindex: "0",
      role: "slider",
      "aria-label": "Divider between the two pictures",
      "aria-valuemin": "0",
      "aria-valuemax": "100",
    };
    for (const [name, value] of Object.entries(facts)) stage.setAttribute(name, value);
    stage.addEventListener("pointerdown", (event) => {
      stage.setPointerCapture(event.pointerId);
      this.held = true;
      this.#drag(event);
    });
    stage.addEventListener("pointermove", (event) => this.held && this.#drag(event));
    for (const end of ["pointerup", "pointercancel"])
      stage.addEventListener(end, () => {
        this.held = false;
      });
    stage.addEventListener("keydown", (event) => {
      const jump = JUMPS[event.key];
      if (!jump) return;
      event.preventDefault();
      this.move(this.at + jump);
    });
    this.move(at);
  }

  #drag(event) {
    const box = this.box();
    this.move((100 * (event.clientX - box.left)) / box.width);
  }

  move(at) {
    this.at = Math.round(10 * Math.min(100, Math.max(0, at))) / 10;
    this.stage.setAttribute("aria-valuenow", String(Math.round(this.at)));
    this.cut(this.at);
  }
}
