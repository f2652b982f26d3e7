// Terms of the field within sentences: a [term] in brackets is explained by glossary.js, which Python reads, too
// (ui/glossary/explain.py). [shown words|term] shows other words. tips.js shows the explanations.

import { el } from "./base.js";
import { filled } from "./classes.js";
import GLOSSARY from "./glossary.js";

/** @type {Record<string, string>} */
export const TERMS = GLOSSARY;

/**
 * The explanation of a term.
 * @param {string} term
 * @param {Record<string, any>} nouns  of the data
 */
export const meaning = (term, nouns) => filled(TERMS[term], nouns);

// an interval such as [0, 1] is no term
const IN_BRACKETS = /\[(?!-?\d+, )([^[\]]+)\]/;

/**
 * A sentence that is made elsewhere, with each of these terms in brackets where it first stands.
 * @param {string} sentence
 * @param {Record<string, string>} words  as they stand in sentences, each with its term
 */
export function marked(sentence, words) {
  const left = new Set(Object.values(words));
  const longestFirst = Object.keys(words)
    .sort((a, b) => b.length - a.length)
    .map((word) => word.replace(/\W/g, "\\$&"));
  return sentence.replace(new RegExp(`(?<!\\w)(?:${longestFirst.join("|")})(?!\\w)`, "g"), (word) =>
    left.delete(words[word]) ? `[${word}|${words[word]}]` : word,
  );
}

/**
 * A sentence as texts and elements.
 * @param {string} sentence
 * @param {Record<string, any>} nouns
 * @returns {any[]}
 */
export function explained(sentence, nouns) {
  return sentence.split(IN_BRACKETS).map((part, i) => {
    if (i % 2 === 0) return part;
    const [shown, term = shown] = part.split("|");
    return el("dfn", { tabindex: "0", "data-tip": meaning(term, nouns) }, shown);
  });
}

/**
 * Shows a sentence with its terms; leaves an element alone that shows it already, so that an open explanation stays.
 * @param {HTMLElement} place
 * @param {string} sentence
 * @param {Record<string, any>} nouns
 */
export function say(place, sentence, nouns) {
  const said = JSON.stringify([sentence, nouns]);
  if (place.dataset.sentence === said) return;
  place.dataset.sentence = said;
  place.replaceChildren(...explained(sentence, nouns));
}

/**
 * Shows words that hold no terms, such as a user's, in a place of sentences.
 * @param {HTMLElement} place
 * @param {string} words
 */
export function sayPlainly(place, words) {
  delete place.dataset.sentence;
  place.textContent = words;
}
