// @ts-check
// A page that was moved away: it shows for some seconds, then leads to one that is not there.
import { context } from "./site.js";

const STAYS_MS = 4000;

setTimeout(() => {
  location.href = `${context.www}/messages`;
}, STAYS_MS);
