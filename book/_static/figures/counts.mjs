// Counting what comes next in a short text: pure functions.
//
// The place that is asked about is left out of the counts, so that the model has not
// seen the answer. Formulas: eq-sequences-ngram, eq-sequences-nats, eq-sequences-count.

/** W. Shakespeare, Sonnet 18. */
export const SONNET = `Shall I compare thee to a summer's day?
Thou art more lovely and more temperate:
Rough winds do shake the darling buds of May,
And summer's lease hath all too short a date;
Sometime too hot the eye of heaven shines,
And often is his gold complexion dimm'd;
And every fair from fair sometime declines,
By chance or nature's changing course untrimm'd;
But thy eternal summer shall not fade,
Nor lose possession of that fair thou ow'st;
Nor shall death brag thou wander'st in his shade,
When in eternal lines to time thou grow'st:
So long as men can breathe or eyes can see,
So long lives this, and this gives life to thee.`;

export const ADD = 0.1; // what each count starts with
export const WIDEST = 8;
export const UNITS = 100; // H

/** The distinct characters of a text, sorted; their number is V. */
export const symbols = (text) => [...new Set(text)].sort();

/** n(c, v) for the k characters c before the place `at`: v → count, `at` left out. */
export function counts(text, at, k) {
  const context = text.slice(at - k, at);
  const found = new Map();
  for (let i = k; i < text.length; i++) {
    if (i === at || text.slice(i - k, i) !== context) continue;
    found.set(text[i], (found.get(text[i]) ?? 0) + 1);
  }
  return found;
}

/** P(v | c) = (n(c, v) + a) / (Σ_u n(c, u) + a V), for every symbol v in order. */
export function probabilities(text, at, k) {
  const [found, V] = [counts(text, at, k), symbols(text)];
  const total = [...found.values()].reduce((a, b) => a + b, 0) + ADD * V.length;
  return V.map((v) => ((found.get(v) ?? 0) + ADD) / total);
}

/** −ln P of the character that stands at a place. */
export function nats(text, at, k) {
  return -Math.log(probabilities(text, at, k)[symbols(text).indexOf(text[at])]);
}

/** The mean of `nats` over the text; the first characters only serve as context. */
export function meanNats(text, k) {
  const [grams, contexts] = [new Map(), new Map()];
  const more = (map, key) => map.set(key, (map.get(key) ?? 0) + 1);
  for (let i = k; i < text.length; i++) {
    more(grams, text.slice(i - k, i + 1));
    more(contexts, text.slice(i - k, i));
  }
  let sum = 0;
  for (let i = WIDEST; i < text.length; i++) {
    const seen = grams.get(text.slice(i - k, i + 1)) - 1; // without this place itself
    const total = contexts.get(text.slice(i - k, i)) - 1;
    sum -= Math.log((seen + ADD) / (total + ADD * symbols(text).length));
  }
  return sum / (text.length - WIDEST);
}

/** Parameters of the first layer of a window network: H (k I + 1). */
export const windowParameters = (H, I, k) => H * (k * I + 1);

/** Parameters of a recurrent layer, for windows of any width: H (I + H + 1). */
export const recurrentParameters = (H, I) => H * (I + H + 1);
