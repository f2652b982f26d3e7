// The blind vote in the browser: the browser's token, one question at a time, the count, the reveal and the result.
// Streamlit calls mount again with new data; each part then redraws what has changed.

import { el, ground } from "../shared/base.js";
import { recall, remember } from "../shared/memory.js";
import { Classes } from "../shared/classes.js";
import { explained } from "../shared/terms.js";
import { rates, split, digitRows, ownRows } from "./chart.js";
import { exact, picture } from "./picture.js";
import { follow, reveal } from "./reveal.js";

const AGAIN = 5000; // ms after which an answer may be sent again, if no next question has arrived
const PARTS = { token, question, words, turnout, reveal, result, strip };

export function mount(component) {
  const { parentElement, data } = component;
  if (data.part === "token") return token(component);
  const root = (parentElement.gcVote ??= parentElement.appendChild(el("section", { class: "gc gc-vote" })));
  ground(root);
  const fingerprint = JSON.stringify(data);
  if (root.dataset.drawn !== fingerprint) {
    root.dataset.drawn = fingerprint;
    root.className = `gc gc-vote gc-vote-${data.part}`;
    root.gcDrawn?.abort();
    root.gcDrawn = new AbortController(); // ends what the part listens to and asks for
    root.replaceChildren(...PARTS[data.part](component, root.gcDrawn.signal));
    root.querySelectorAll("img").forEach(exact);
  }
  const resized = () => root.querySelectorAll("img").forEach(exact);
  removeEventListener("resize", root.gcResized);
  addEventListener("resize", (root.gcResized = resized));
  return () => {
    removeEventListener("resize", resized);
    root.gcDrawn?.abort();
    root.remove();
    delete parentElement.gcVote;
  };
}

// The token

const NAME = "gencmp-voter";

// Thirty-two random hexadecimal digits, stored in this browser. Not crypto.randomUUID, which does not exist without
// https, and phones in a classroom open the page over http.
function browserToken() {
  let found = recall(NAME) ?? "";
  if (!/^[0-9a-f]{32}$/.test(found)) {
    found = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join(
      "",
    );
  }
  remember(NAME, found);
  return found;
}

function token({ data, setStateValue }) {
  const mine = browserToken();
  if (data.known !== mine) setStateValue("token", mine);
  return () => {};
}

// The nouns for the pictures; "digits" by default.
const nounsOf = (data) => data.nouns ?? new Classes().nouns;

// A question

function question({ data, setTriggerValue }) {
  const answer = (chosen, button) => {
    const buttons = root.querySelectorAll("button");
    buttons.forEach((each) => {
      each.disabled = true;
    });
    button.classList.add("gc-pressed");
    setTimeout(() => {
      buttons.forEach((each) => {
        each.disabled = false;
        each.classList.remove("gc-pressed");
      });
    }, AGAIN);
    setTriggerValue("answer", { number: data.number, choice: chosen });
  };
  const title = data.kind === "pair" ? "Which set is better?" : "Real or generated?";
  const root = el(
    "div",
    { class: `gc-ask gc-ask-${data.kind}` },
    progress(data.place - 1, data.of, `${data.place} of ${data.of}`),
    el("h1", {}, title),
    ...(data.kind === "pair" ? pair(data, answer) : single(data, answer)),
  );
  return [root];
}

function single(data, answer) {
  return [
    el("div", { class: "gc-frame gc-one" }, picture(data.pictures[0], `The ${nounsOf(data).picture} to judge`, 280)),
    el(
      "div",
      { class: "gc-choices" },
      choice("Real", data.nouns ? "from the data" : "written by a person", "real", answer),
      choice("Generated", "drawn by a model", "generated", answer),
    ),
  ];
}

function pair(data, answer) {
  const sets = ["left", "right"].map((side, i) => {
    const button = el(
      "button",
      { type: "button", class: "gc-set", "aria-label": `The ${side} set is better` },
      picture(data.pictures[i], `The ${side} set`, 252),
      el("strong", {}, side === "left" ? "Left" : "Right"),
    );
    button.addEventListener("click", () => answer(side, button));
    return button;
  });
  return [
    el("div", { class: "gc-sets" }, ...sets),
    el(
      "p",
      { class: "gc-hint" },
      `Two models drew these ${nounsOf(data).pictures}. Press the set that looks more like ${data.nouns ? "real ones" : "handwriting"}.`,
    ),
  ];
}

function choice(title, hint, value, answer) {
  const button = el("button", { type: "button", class: "gc-choice" }, el("strong", {}, title), el("span", {}, hint));
  button.addEventListener("click", () => answer(value, button));
  return button;
}

function progress(done, all, label) {
  const bar = el("div", { class: "gc-bar" }, el("i"));
  bar.firstChild.style.width = `${(100 * done) / Math.max(1, all)}%`;
  return el("div", { class: "gc-progress", role: "status" }, el("span", {}, label), bar);
}

// Words, the count, the result

function words({ data }) {
  const rows = data.rows.map(({ label, pictures }) =>
    el(
      "figure",
      {},
      el("figcaption", { class: "gc-title" }, label),
      el("div", { class: "gc-cells" }, ...pictures.map((source) => picture(source, "", 56))),
    ),
  );
  return [el("h1", {}, data.title), el("p", { class: "gc-lead" }, data.text), ...rows];
}

function turnout({ data }) {
  const facts = data.voters
    ? `${data.done} finished · ${data.answers} of ${data.wanted} answers`
    : "Waiting for the first voter";
  return [
    el("p", { class: "gc-count" }, el("strong", {}, String(data.voters)), data.voters === 1 ? " voter" : " voters"),
    progress(data.answers, data.wanted, facts),
  ];
}

function result(component, signal) {
  const { data } = component;
  if (data.follows) watchForMore(component, signal);
  const parts = data.title ? [el("h1", {}, data.title)] : [];
  if (data.demo) parts.push(el("p", { class: "gc-mark" }, "Demo: these voters are simulated, not people."));
  if (data.next) parts.push(invitation(component));
  if (data.own?.words)
    parts.push(el("p", { class: "gc-lead" }, data.own.words), ...ownRows(data.own.rows, nounsOf(data)));
  parts.push(el("div", { class: "gc-told" }, ...data.sentences.map((each) => el("p", {}, each))));
  parts.push(rates(data.rates), split(data.preference));
  if (data.digits.length) parts.push(digitRows(data.digits, nounsOf(data)));
  return [...parts, el("p", { class: "gc-hint" }, ...explained(data.note, nounsOf(data)))];
}

// Tells the page when the teacher goes back to the pictures, or opens another round.
function watchForMore(component, signal) {
  const { data, setTriggerValue } = component;
  follow(component, signal, ({ state, next }) => {
    if (state !== "revealed" || next !== data.next) setTriggerValue("changed", `${state} ${next}`);
  });
}

function invitation({ data, setTriggerValue }) {
  const join = el("button", { type: "button", class: "gc-join" }, el("strong", {}, "Join the next round"));
  join.addEventListener("click", () => setTriggerValue("join", data.next));
  return el("div", { class: "gc-next" }, el("p", {}, "Your teacher has opened another round."), join);
}

function strip({ data }) {
  return [
    el(
      "div",
      { class: "gc-strip", role: "img", "aria-label": data.label },
      ...data.pictures.map((source) => picture(source, "", 84)),
    ),
  ];
}
