// @ts-check
// Time that passes.

/**
 * @param {number} ms
 * @returns {Promise<void>}
 */
export const wait = (ms) => new Promise((goOn) => setTimeout(goOn, ms));
