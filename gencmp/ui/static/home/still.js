// Home's first sight (ui/home/still.py), which goes when the page itself is drawn.

const GRACE = 3000; // ms in which a page whose script has ended may still draw its pictures
let came = ""; // the address of the first page
let waiting = 0; // a timer

/** Shows the page, scrolled as far as its first sight was. */
export function uncover() {
  const still = document.getElementById("gc-still");
  if (!still) return;
  document.querySelector('[data-testid="stMain"]')?.scrollTo({ top: still.scrollTop, behavior: "instant" });
  still.remove();
}

/** Shows what came in the place of Home's pictures: another page, a dialog, or a sentence that says what is wrong. */
export function uncoverOthers() {
  if (!document.getElementById("gc-still")) return;
  came ||= location.pathname;
  if (location.pathname !== came || document.querySelector('[role="dialog"]')) return uncover();
  /** @type {HTMLElement | null} */
  const app = document.querySelector('[data-testid="stApp"]');
  if (app?.dataset.testScriptState === "notRunning") waiting ||= setTimeout(uncover, GRACE);
}
